"""The registry of actions: bindings, footer, command palette, help and key tables are read off it."""
