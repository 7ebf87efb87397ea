"""Choosing a model: the list of providers and servers, for every screen that needs one."""
