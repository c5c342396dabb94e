"""The database: `postgres://` and `sqlite://` behind one interface.

Statements are written in PostgreSQL's dialect with `$1` placeholders, and the SQLite driver rewrites the differences.
Where that is impossible, a `DialectSQL` contains a text for each.
"""

from adapters.database.base import Database, Queries
from adapters.database.dialect import Columns, DialectSQL, PoolState, TaggedSQL, TagReader, statement_recorder
from adapters.database.engines import open_database
from adapters.database.isolated import IsolatedDatabase, isolated_databases
from adapters.database.schema_session import SchemaSession, Violated
from adapters.database.variants import ColumnVariants

__all__ = [
    "ColumnVariants",
    "Columns",
    "Database",
    "DialectSQL",
    "IsolatedDatabase",
    "PoolState",
    "Queries",
    "SchemaSession",
    "TagReader",
    "TaggedSQL",
    "Violated",
    "isolated_databases",
    "open_database",
    "statement_recorder",
]
