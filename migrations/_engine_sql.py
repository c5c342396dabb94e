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


class BuildIndex(RunSQL):
    """Builds an index without blocking writes. The migration must have `atomic = False`.

    Drops the index first, because PostgreSQL keeps an invalid index after an interrupted build.
    """

    def __init__(self, name: str, on: str, *, unique: bool = False) -> None:
        create = "CREATE UNIQUE INDEX" if unique else "CREATE INDEX"
        super().__init__([f"{create} CONCURRENTLY {name} ON {on}"])
        self.name = name
        self._by_dialect = {
            "postgres": [f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"{create} CONCURRENTLY {name} ON {on}"],
            "sqlite": [f"{create} IF NOT EXISTS {name} ON {on}"],
        }

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:  # noqa: ARG002 - chosen by dialect instead
        for statement in self._by_dialect[state_editor.DIALECT]:
            await state_editor.client.execute_query(statement)
