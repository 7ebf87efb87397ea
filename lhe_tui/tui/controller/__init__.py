"""What drives a run, a replay or an experiment, and outlives every screen that shows it. No widget."""
