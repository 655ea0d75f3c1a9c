"""The command line: `edgeplan`.

It knows the service by its public REST API alone, as everybody else does. A command stands in three places by the same
name: `commands/plan.py` has its options and its help, `actions/plan.py` what is asked of the service and the exit code,
`views/plan.py` what people read. What actions share is in `common`, what is drawn in `drawing`.
"""
