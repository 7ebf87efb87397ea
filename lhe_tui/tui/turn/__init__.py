"""What one turn says, shared by the run screen, the inspector and compare."""
