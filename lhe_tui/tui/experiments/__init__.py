"""The experiments screens: choose one, watch it run, read what it found."""
