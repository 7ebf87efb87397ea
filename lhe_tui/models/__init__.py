"""Chat models: one protocol, the simulated models and every OpenAI-compatible server."""
