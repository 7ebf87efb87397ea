"""Other tools' runs as sessions: the published harness and lighteval's logs."""
