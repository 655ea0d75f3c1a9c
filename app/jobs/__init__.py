"""Where work that takes long runs: solves in a process each, watched over; judgements in a pool of processes."""
