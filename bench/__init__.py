"""Measures the product. Benchmarks may import every package, and no package imports them."""
