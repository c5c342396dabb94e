"""Migration operations with SQL for one database only."""

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import RunSQL


class EngineSQL(RunSQL):
    """Runs the statements of the current database unchanged. Tortoise would split SQLite's triggers."""

    def __init__(self, *, postgres: Sequence[str], sqlite: Sequence[str]) -> None:
        super().__init__([*postgres, *sqlite])
        self._by_dialect = {"postgres": postgres, "sqlite": sqlite}

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:  # noqa: ARG002 - chosen by dialect instead
        for statement in self._by_dialect[state_editor.DIALECT]:
            await state_editor.client.execute_query(statement)


_IS_PARTITIONED = "SELECT 1 AS one FROM pg_partitioned_table WHERE partrelid = CAST($1 AS text)::regclass"
_UNINDEXED = (
    "SELECT i.inhrelid::regclass::text AS partition, $2 || '_' || i.inhrelid AS index FROM pg_inherits i "
    "WHERE i.inhparent = CAST($1 AS text)::regclass AND NOT EXISTS (SELECT 1 FROM pg_inherits x "
    "JOIN pg_index p ON p.indexrelid = x.inhrelid AND p.indrelid = i.inhrelid "
    "WHERE x.inhparent = to_regclass(CAST($2 AS text))) ORDER BY i.inhrelid"
)
"""The partitions without a part of an index, and the names of these parts."""


class BuildIndex(RunSQL):
    """Builds an index without blocking writes. The migration must have `atomic = False`.

    Drops the index first, because PostgreSQL keeps an invalid index after an interrupted build. An index of a
    partitioned table is built for each partition, and becomes valid with the last one.
    """

    def __init__(self, name: str, on: str, *, unique: bool = False) -> None:
        self._create = "CREATE UNIQUE INDEX" if unique else "CREATE INDEX"
        super().__init__([f"{self._create} CONCURRENTLY {name} ON {on}"])
        self.name = name
        self._on = on
        self._by_dialect = {
            "postgres": [f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"{self._create} CONCURRENTLY {name} ON {on}"],
            "sqlite": [f"{self._create} IF NOT EXISTS {name} ON {on}"],
        }

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:  # noqa: ARG002 - chosen by dialect instead
        table = self._on.split()[0]
        if state_editor.DIALECT == "postgres" and await _rows(state_editor, _IS_PARTITIONED, table):
            await self._build_in_partitions(state_editor, table)
            return
        for statement in self._by_dialect[state_editor.DIALECT]:
            await state_editor.client.execute_query(statement)

    async def _build_in_partitions(self, state_editor: Any, table: str) -> None:
        columns = self._on.removeprefix(table)
        run = state_editor.client.execute_query
        await run(f"{self._create} IF NOT EXISTS {self.name} ON ONLY {table}{columns}")
        for row in await _rows(state_editor, _UNINDEXED, table, self.name):
            await run(f"DROP INDEX CONCURRENTLY IF EXISTS {row['index']}")
            await run(f"{self._create} CONCURRENTLY {row['index']} ON {row['partition']}{columns}")
            await run(f"ALTER INDEX {self.name} ATTACH PARTITION {row['index']}")


async def _rows(state_editor: Any, sql: str, *values: str) -> Sequence[Any]:
    return await state_editor.client.execute_query_dict(sql, list(values))
