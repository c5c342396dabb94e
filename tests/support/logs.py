"""Captures the log as a process writes it."""

import io
import logging
from collections.abc import Generator
from contextlib import contextmanager

from core.telemetry import configure_logging


@contextmanager
def logged(level: str) -> Generator[io.StringIO]:
    """Yields the stream that receives the log in the block, as JSON lines of `level` and above."""
    root = logging.getLogger()
    handlers, root_level, made = root.handlers[:], root.level, io.StringIO()
    configure_logging(level, made)
    try:
        yield made
    finally:
        logging.basicConfig(level=root_level, handlers=handlers, force=True)
