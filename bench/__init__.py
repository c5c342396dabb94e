"""Benchmarks: what measures the product. It may know everything, and nothing knows it."""
