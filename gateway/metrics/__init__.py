"""Serves metrics for Prometheus. Each area has a collector in a module of its own; `collectors.py` lists them."""
