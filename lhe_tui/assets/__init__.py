"""Files that ship with the package: the word list and the built-in prompt."""
