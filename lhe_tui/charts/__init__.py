"""Charts: plain data in, cells out. Only `plot` imports plotext."""
