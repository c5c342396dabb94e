"""Spans of requests, operations, fields and deliveries."""
