"""From a description of a run to a run with its session: for the command line, the app and experiments alike."""
