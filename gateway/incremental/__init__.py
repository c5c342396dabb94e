"""Incremental delivery: formats responses with `@defer` and `@stream` in parts.

graphql-core executes the directives. This package writes the two formats that clients read.
"""
