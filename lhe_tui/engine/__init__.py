"""The engine: typed events, the fold over them, and the runner that makes them."""
