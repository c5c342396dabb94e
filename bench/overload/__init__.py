"""Measures a server with four times the load that it can carry, with the limit of executions and without."""
