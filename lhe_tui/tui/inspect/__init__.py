"""The inspector: one finished turn and everything known about it."""
