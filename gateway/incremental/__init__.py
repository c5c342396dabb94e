"""Incremental delivery: converts responses with `@defer` and `@stream` to the format of 2022.

graphql-core executes the directives. `gateway/execution/parts.py` writes the newer format.
"""
