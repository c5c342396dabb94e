"""Counting SQL."""

import logging
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def recorded() -> Generator[list[str]]:
    """Every statement that any connection runs meanwhile, as Tortoise logs them."""
    made: list[str] = []

    class Recorder(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.msg == "%s: %s" and isinstance(record.args, tuple):
                made.append(str(record.args[0]))

    logger, recorder = logging.getLogger("tortoise.db_client"), Recorder()
    level = logger.level
    logger.addHandler(recorder)
    logger.setLevel(logging.DEBUG)
    try:
        yield made
    finally:
        logger.removeHandler(recorder)
        logger.setLevel(level)
