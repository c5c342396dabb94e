"""Finds, parses, limits and validates documents, and remembers them."""
