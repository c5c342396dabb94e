"""Records what an execution reads, as cache tags."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.database import DialectSQL, TaggedSQL, statement_recorder


class TagRecorder:
    """Collects the tags of all statements of an execution. With an untagged statement, the response is not stored."""

    __slots__ = ("is_complete", "tags")

    def __init__(self) -> None:
        self.tags = set[str]()
        self.is_complete = True

    def record(self, sql: str | DialectSQL, values: Sequence[Any], rows: Sequence[Any]) -> None:
        """Adds the tags of a statement."""
        found = sql.tags(values, rows) if isinstance(sql, TaggedSQL) else None
        if found is None:
            self.is_complete = False
        else:
            self.tags.update(found)


@contextmanager
def recorded() -> Generator[TagRecorder]:
    """Yields a recorder of the statements that run within the block, also in tasks that it starts."""
    recorder = TagRecorder()
    token = statement_recorder.set(recorder.record)
    try:
        yield recorder
    finally:
        statement_recorder.reset(token)
