"""Session files: write, read, resume, replay, import, export."""
