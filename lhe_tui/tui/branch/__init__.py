"""From a turn onwards: resample, fork, arms and the histogram of slips."""
