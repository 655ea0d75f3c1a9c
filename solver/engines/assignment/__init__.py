"""Engines for dense assignments: single copies that each load one row of every option (generalised assignment)."""
