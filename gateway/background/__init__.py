"""Loops that run in each server process while it serves requests."""
