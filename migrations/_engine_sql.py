"""SQL that only one engine understands."""

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import RunSQL


class EngineSQL(RunSQL):
    """Runs one list of statements or the other, each as it is written (Tortoise would split SQLite's triggers)."""

    def __init__(self, *, postgres: Sequence[str], sqlite: Sequence[str]) -> None:
        super().__init__([*postgres, *sqlite])
        self._by_dialect = {"postgres": postgres, "sqlite": sqlite}

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:  # noqa: ARG002 - chosen by dialect instead
        for statement in self._by_dialect[state_editor.DIALECT]:
            await state_editor.client.execute_query(statement)


class BuildIndex(RunSQL):
    """Builds an index while others go on writing; only for a migration that says `atomic = False`.

    What a build that was interrupted has left behind is dropped first: PostgreSQL keeps it, marked as invalid.
    """

    def __init__(self, name: str, on: str) -> None:
        super().__init__([f"CREATE INDEX CONCURRENTLY {name} ON {on}"])
        self.name = name
        self._by_dialect = {
            "postgres": [f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"CREATE INDEX CONCURRENTLY {name} ON {on}"],
            "sqlite": [f"CREATE INDEX IF NOT EXISTS {name} ON {on}"],
        }

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:  # noqa: ARG002 - chosen by dialect instead
        for statement in self._by_dialect[state_editor.DIALECT]:
            await state_editor.client.execute_query(statement)
