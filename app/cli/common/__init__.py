"""What actions share: the service and its events, the names of plans, files that are given, and where answers go."""
