"""Reads GraphQL requests from methods, bodies, query strings and uploads."""
