"""Logs: one JSON object a line, with the id of the request that caused it."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

import orjson

from core.tracebacks import described

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task works for."""

_OF_EVERY_RECORD = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "color_message"})


class JsonLines(logging.Formatter):
    """Time, level, logger, message and request id; then what the record has of its own; then what went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _OF_EVERY_RECORD}
        if record.exc_info and record.exc_info[1]:
            line["exc_info"] = described(record.exc_info[1]).rstrip()
        if record.stack_info:
            line["stack_info"] = record.stack_info
        try:
            return orjson.dumps(line, default=repr).decode()
        except orjson.JSONEncodeError:  # of text that is not UTF-8, or a number that no JSON reader takes
            return json.dumps(line, default=str)


def configure_logging(level: str, stream: TextIO = sys.stderr) -> None:
    """Sends every logger's records of `level` and above to `stream`; values that drivers would add are left out.

    A record does not find out in which line, thread and process it was made: no line of ours shows it, and it takes a
    third of the time of a record. Python's documentation names these switches.
    """
    logging._srcfile = None  # pyright: ignore[reportAttributeAccessIssue] # noqa: SLF001 - as documented
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for talkative in ("aiosqlite", "asyncio", "tortoise", "uvicorn.websockets"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.http").setLevel(logging.ERROR)  # it warns of what any client can send
