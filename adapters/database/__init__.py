"""Databases: `postgres://` and `sqlite://` behind one interface.

Statements are written once, in PostgreSQL's words with `$1` placeholders; the SQLite driver rewrites what differs. What
cannot be said in both is a `DialectSQL` of two texts.
"""

from adapters.database.base import Columns, Database, DialectSQL, Queries
from adapters.database.engines import open_database

__all__ = ["Columns", "Database", "DialectSQL", "Queries", "open_database"]
