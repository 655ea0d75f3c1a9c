"""A solve under way: its clock, the best answer so far, and the process that can be killed without losing either."""
