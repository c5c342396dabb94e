"""Stripe, by its official library."""
