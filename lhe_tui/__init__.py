"""lhe-tui: a debugger for long-horizon execution in language models (arXiv 2509.09677)."""

__version__ = "0.1.0"
