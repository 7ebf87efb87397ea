"""Simulated models: stateless chat models that err by a law of what their messages show."""
