"""Contains helpers that tests share."""
