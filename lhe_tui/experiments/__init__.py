"""Experiments: grids of runs that measure what the paper measures, and what was found in them."""
