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
