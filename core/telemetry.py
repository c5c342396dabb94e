"""Logs: one JSON object a line in production, readable lines in development; each with the id of its request."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from textwrap import indent
from typing import TextIO, cast

import orjson

from core.tracebacks import format_error

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task works for."""

_STANDARD = len(vars(logging.makeLogRecord({})))
"""Attributes that every record has. They come first; those that a logger was given as `extra` follow."""

_DERIVED = frozenset({"message", "asctime", "color_message"})
"""Attributes that other formatters add to a record, and what uvicorn adds for terminals."""


def _extras(record: logging.LogRecord) -> dict[str, object]:
    """Returns the fields that a record has beside its message."""
    return {name: value for name, value in islice(record.__dict__.items(), _STANDARD, None) if name not in _DERIVED}


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
        line |= _extras(record)
        if record.exc_info and record.exc_info[1]:
            line["exc_info"] = format_error(record.exc_info[1]).rstrip()
        if record.stack_info:
            line["stack_info"] = record.stack_info
        try:
            return orjson.dumps(line, default=repr).decode()
        except orjson.JSONEncodeError:  # of text that is not UTF-8, or a number that no JSON reader takes
            return json.dumps(line, default=str)


class ReadableLines(logging.Formatter):
    """Time of day, level, logger and message; then NAME=VALUE for the rest; below it, indented, what went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        said = {**_extras(record), "request_id": request_id.get()}
        pairs = [f"{name}={_readable(value)}" for name, value in said.items() if value not in (None, "")]
        head = f"{at} {record.levelname:<7} {record.name}: {_readable(record.getMessage())}"
        line = "  ".join([head, " ".join(pairs)]) if pairs else head
        for below in (
            format_error(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None,
            record.stack_info,
        ):
            if below:
                line += "\n" + indent(below.rstrip(), "    ")
        return line


def _readable(value: object) -> str:
    """The text of a value; what would break the line or hide in it is escaped."""
    text = ",".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)
    return text if text.isprintable() else json.dumps(text)


def configure_logging(level: str, stream: TextIO = sys.stderr, *, readable: bool = False) -> None:
    """Sends every logger's records of `level` and above to `stream`; values that drivers would add are left out.

    A record does not find out in which line, thread and process it was made: no line of ours shows it, and it takes a
    third of the time of a record. Python's documentation names these switches.
    """
    logging._srcfile = None  # pyright: ignore[reportAttributeAccessIssue] # noqa: SLF001 - as documented
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ReadableLines() if readable else JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for talkative in ("aiosqlite", "asyncio", "tortoise", "uvicorn.websockets"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.http").setLevel(logging.ERROR)  # it warns of what any client can send
