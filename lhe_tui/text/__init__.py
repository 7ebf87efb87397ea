"""The one road from foreign text to something shown."""
