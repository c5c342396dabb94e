"""Counts SQL statements."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

_BY_ITSELF = (
    "FROM revoked_devices WHERE revoked_at >= ",
    "SELECT number FROM document_revisions",
    "INTO usage_",
    "key_holders",
    "key_states",
    "AS database_at",
)
"""The periodic statements of a process, which do not depend on requests."""


@contextmanager
def recorded() -> Generator[list[str]]:
    """Yields the statements that any connection runs in the block, as Tortoise logs them."""
    made: list[str] = []
    with _listening(lambda sql, _values: made.append(sql)):
        yield made


@contextmanager
def recorded_with_values() -> Generator[list[tuple[str, Any]]]:
    """Yields the statements in the block with their values."""
    made: list[tuple[str, Any]] = []
    with _listening(lambda sql, values: made.append((sql, values))):
        yield made


@contextmanager
def _listening(hear: Callable[[str, Any], None]) -> Generator[None]:
    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.msg != "%s: %s" or not isinstance(record.args, tuple):
                return
            sql = str(record.args[0])
            if not any(part in sql for part in _BY_ITSELF):
                hear(sql, record.args[1])

    logger, listener = logging.getLogger("tortoise.db_client"), Listener()
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
