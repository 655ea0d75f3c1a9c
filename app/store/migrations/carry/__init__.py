"""What a migration carries over from the form that an earlier version stored: one file a subject, each a function."""
