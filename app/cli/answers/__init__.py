"""What the service answers, as far as the command line reads it.

Each class bears the name of a schema of the service's OpenAPI document and has some of its fields; more fields in an
answer are no fault, so that an older command line can talk to a newer service. A test compares the two.
"""
