"""Business rules, writes and transactions, without HTTP and GraphQL.

A service takes the viewer first and returns rows.
"""
