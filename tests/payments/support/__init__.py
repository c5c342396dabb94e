"""Contains clients that move money, failures around them, and the verification of the result."""
