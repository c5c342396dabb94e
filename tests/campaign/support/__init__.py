"""Clients that write, roles that are killed, and a look at whether all is as it should be."""
