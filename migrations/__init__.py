"""The migrations of the database, in order. Both databases share the SQL text where possible.

Migrations are written by hand, because Tortoise's generator supports neither composite keys nor the indexes of
partitions. SQLite accepts PostgreSQL's type names, which determine a column's affinity. A test compares the tables with
`models/`.
"""
