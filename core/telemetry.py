"""Log formats: JSON lines in production, readable lines in development, both with the request id.

JSON lines of traced requests also contain the ids of the trace and the span.
Texts that look like card numbers are masked.
"""

import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from textwrap import indent
from typing import TextIO, cast

import orjson

from core.card_numbers import mask_card_numbers
from core.masking import masked_message, masked_value
from core.tracebacks import format_error
from core.tracing import recording_span

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request of the current task."""

_STANDARD = len(vars(logging.makeLogRecord({})))
"""The number of attributes of every record. They come first; the attributes of `extra` follow."""

_DERIVED = frozenset({"message", "asctime", "color_message"})
"""Attributes that other formatters add to a record, and those that uvicorn adds for terminals."""

_WITH_VALUES = (
    "aiosqlite",
    "asyncio",
    "h2",
    "hpack",
    "httpcore2",
    "httpx2",
    "stripe",
    "tortoise",
    "uvicorn.websockets",
)
"""Loggers of libraries whose records below WARNING contain values, such as the headers of requests."""


def _extras(record: logging.LogRecord) -> dict[str, object]:
    """Returns the fields of a record that were passed as `extra`."""
    return {
        name: masked_value(value)
        for name, value in islice(record.__dict__.items(), _STANDARD, None)
        if name not in _DERIVED
    }


def _details(record: logging.LogRecord) -> Iterator[tuple[str, str]]:
    """Returns the frames of the exception and of the call, if the record has them."""
    if record.exc_info and record.exc_info[1]:
        yield "exc_info", mask_card_numbers(format_error(record.exc_info[1]).rstrip())
    if record.stack_info:
        yield "stack_info", mask_card_numbers(record.stack_info)


class JsonLines(logging.Formatter):
    """Formats a record as JSON: time, level, logger, message, request id, `extra` fields, then the exception."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _extras(record)
        if record.exc_info or record.stack_info:
            fields.update(_details(record))
        return _json_line(record.created, record.levelname, record.name, masked_message(record), fields)


def _json_line(created: float, level: str, logger: str, message: str, fields: Mapping[str, object]) -> str:
    """Returns a line. `message` and `fields` are masked."""
    line: dict[str, object] = {
        "at": datetime.fromtimestamp(created, UTC),
        "level": level,
        "logger": logger,
        "message": message,
        "request_id": request_id.get(),
    }
    if (span := recording_span()) is not None:
        line["trace_id"], line["span_id"] = f"{span.trace.id:032x}", f"{span.id:016x}"
    line.update(fields)
    try:
        return orjson.dumps(line, default=repr).decode()
    except orjson.JSONEncodeError:  # text that is not UTF-8, or a number above 64 bits
        return json.dumps(line, default=str)


class ReadableLines(logging.Formatter):
    """Formats a record as a line: time, level, logger, message, NAME=VALUE fields. The exception follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        values = {**_extras(record), "request_id": request_id.get()}
        pairs = [f"{name}={_readable(value)}" for name, value in values.items() if value not in (None, "")]
        head = f"{at} {record.levelname:<7} {record.name}: {_readable(masked_message(record))}"
        line = "  ".join([head, " ".join(pairs)]) if pairs else head
        for _, details in _details(record):
            line += "\n" + indent(details.rstrip(), "    ")
        return line


def _readable(value: object) -> str:
    """Returns the text of a value. Line breaks and invisible characters are escaped."""
    text = ",".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)
    return text if text.isprintable() else json.dumps(text)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes records as lines. `log_fields` writes JSON lines without a record, which takes about half of the time."""

    def write(self, level: int, logger: str, message: str, fields: Mapping[str, object]) -> None:
        """Writes a JSON line."""
        masked = {name: masked_value(value) for name, value in fields.items()}
        line = _json_line(time.time(), logging.getLevelName(level), logger, message, masked)
        try:
            with self.lock or nullcontext():
                self.stream.write(f"{line}\n")
                self.stream.flush()
        except Exception:  # noqa: BLE001 - as for records: no request fails because of its line
            self.handleError(logging.makeLogRecord({"name": logger, "msg": message, "levelno": level}))


def log_fields(logger: logging.Logger, level: int, message: str, fields: Mapping[str, object]) -> None:
    """Logs a constant message with fields. No record is created if only JSON lines are made of it."""
    if not logger.isEnabledFor(level):
        return
    handler = _only_handler(logger)
    if handler is None or handler.level > level:
        logger.log(level, message, extra=fields)
    else:
        handler.write(level, logger.name, message, fields)


def _only_handler(logger: logging.Logger) -> LineHandler | None:
    """Returns the handler of JSON lines if it is the only one, and nothing filters or changes records."""
    found: logging.Handler | None = None
    node: logging.Logger | None = logger
    while node is not None:
        if node.handlers:
            if found is not None or len(node.handlers) > 1:
                return None
            found = node.handlers[0]
        node = node.parent if node.propagate else None
    if type(found) is not LineHandler or type(found.formatter) is not JsonLines:
        return None
    is_filtered = found.filters or logger.filters or logging.getLogRecordFactory() is not logging.LogRecord
    return None if is_filtered else found


def configure_logging(level: str, stream: TextIO = sys.stderr, *, readable: bool = False) -> None:
    """Sends the records of all loggers of `level` and above to `stream`. Omits drivers' records with values.

    Records do not determine their source line, thread and process: the formats do not contain them, and finding them
    takes a third of the time of a record. Python's documentation describes these switches.
    """
    logging._srcfile = None  # pyright: ignore[reportAttributeAccessIssue] # noqa: SLF001 - as documented
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    handler = LineHandler(stream)
    handler.setFormatter(ReadableLines() if readable else JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _WITH_VALUES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.http").setLevel(logging.ERROR)  # it warns about malformed requests
