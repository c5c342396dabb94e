"""Contains clients that write, processes that are killed, and the verification of the result."""
