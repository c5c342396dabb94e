"""Reads and writes of many people, with the response cache and without."""
