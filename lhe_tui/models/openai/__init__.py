"""Every server that speaks OpenAI's chat protocol, with the quirks that real servers have."""
