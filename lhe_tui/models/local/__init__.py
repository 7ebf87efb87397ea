"""Real models in the GGUF format, run on this machine by llama.cpp in a child process (the optional extra `local`)."""
