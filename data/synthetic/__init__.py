"""Networks like the reference one at any size: made up, seeded, and written as they are made."""
