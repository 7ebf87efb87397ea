"""The terminal as the app holds it: driver, suspend, clipboard, and the last gate for text."""
