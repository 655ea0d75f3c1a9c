"""What is: the question, placements, routes, and the formulas of queueing and latency. Nothing here decides."""
