"""Records what an execution reads, as cache tags."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.database import DialectSQL, TaggedSQL, statement_recorder


class TagRecorder:
    """Collects the tags of all statements of an execution. With an untagged statement, the response is not stored."""

    __slots__ = ("is_complete", "lag", "position", "tags")

    def __init__(self, position: int) -> None:
        self.position = position
        """The position of the stream of announcements up to which the statements have read every change."""
        self.lag = 0.0
        """The seconds by which the data of the statements may be older than their beginning."""
        self.tags = set[str]()
        self.is_complete = True

    def record(self, sql: str | DialectSQL, values: Sequence[Any], rows: Sequence[Any]) -> None:
        """Adds the tags of a statement."""
        found = sql.tags(values, rows) if isinstance(sql, TaggedSQL) else None
        if found is None:
            self.is_complete = False
        else:
            self.tags.update(found)

    def read_at(self, position: int, lag: float) -> None:
        """Notes that statements may lack changes that were announced after a position, or in the last `lag` seconds."""
        self.position = min(self.position, position)
        self.lag = lag


@contextmanager
def recorded(position: int) -> Generator[TagRecorder]:
    """Yields a recorder of the statements that run within the block, also in tasks that it starts.

    `position` is that of the stream of announcements before the first statement.
    """
    recorder = TagRecorder(position)
    token = statement_recorder.set(recorder)
    try:
        yield recorder
    finally:
        statement_recorder.reset(token)
