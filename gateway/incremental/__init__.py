"""Answers that come in parts: `@defer` and `@stream`, for those who ask for parts.

graphql-core executes them. Here is what it leaves open: documents without the directives, for everybody else, and the
two formats that clients read.
"""
