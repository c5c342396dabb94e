"""The parts of `bench.erasure`, which measures how the erasure of a popular account delays other people's posts."""
