"""Measures the product. Benchmarks may import every package, and no package of the product imports them."""
