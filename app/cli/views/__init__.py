"""What people are shown: pure functions from answers to things that rich can print. Nothing here fetches."""
