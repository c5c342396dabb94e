"""Executes operations, for every transport."""
