"""Who asks, and for whom."""
