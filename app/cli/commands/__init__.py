"""What can be typed: a module for each group of commands, with their options and their help.

A command hands on to the module of the same name in `actions`, which is imported when the command is run: `--help` need not
wait for an HTTP client.
"""
