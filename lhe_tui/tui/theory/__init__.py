"""The theory screen: Proposition 1 of the paper, with measured points on it."""
