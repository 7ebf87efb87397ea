"""The setup screen: choose a model and a task."""
