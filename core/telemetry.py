"""Logs: one JSON object a line, with the id of the request that caused it."""

import logging
import sys
from contextvars import ContextVar
from typing import Any, TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

from core.tracebacks import described

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task works for."""


class _Formatter(OrjsonFormatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return described(ei[1])


class _RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def configure_logging(level: str, stream: TextIO = sys.stderr) -> None:
    """Sends every logger's records of `level` and above to `stream`; values that drivers would add are left out."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(_RequestId())
    handler.setFormatter(
        _Formatter(
            "{levelname}{name}{message}{request_id}",
            style="{",
            timestamp="at",
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
            rename_fields={"levelname": "level", "name": "logger"},
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for talkative in ("aiosqlite", "asyncio", "tortoise"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
