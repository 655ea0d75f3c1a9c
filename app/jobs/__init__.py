"""Where work that takes long runs: solves in a process each, watched over; judgements at a desk beside the service."""
