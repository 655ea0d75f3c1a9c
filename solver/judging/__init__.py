"""Who judges a plan and explains it: from the facts and the rules alone, blind to all that made the plan."""
