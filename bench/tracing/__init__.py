"""Measures what traces cost: without a collector, with 10% of requests sampled, and with all."""
