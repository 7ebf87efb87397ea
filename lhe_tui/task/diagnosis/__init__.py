"""Why is this turn wrong? Slips, the arithmetic that explains them, and reading of worked replies."""
