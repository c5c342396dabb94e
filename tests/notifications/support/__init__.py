"""A model of an inbox."""
