"""The version of the project, said once: packaging reads it from here."""

VERSION = "0.1.0"
