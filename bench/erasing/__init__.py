"""Contains the parts of `bench.erasure`, which measures how the erasure of a popular account delays posts of others."""
