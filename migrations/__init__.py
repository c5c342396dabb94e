"""The tables' history, in order. One SQL text serves both databases.

Written by hand: composite keys and partition-friendly indexes are what Tortoise's generator cannot say. SQLite takes
PostgreSQL's type names (they give a column its affinity). A test holds the tables and `models/` to each other.
"""
