"""The command line: `edgeplan`.

It knows the service by its public REST API alone, as everybody else does. One module a group of commands; what they
print is made in `views`, what they draw in `drawing`.
"""
