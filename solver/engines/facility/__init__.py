"""Engines for packings where something is paid once for several: open a facility, set up a machine, load weights."""
