"""The pure core: what the task is, what the model is shown, what an answer means. No I/O, no clock."""
