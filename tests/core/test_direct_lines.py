"""Lines that are written without a record equal those of records."""

import io
import json
import logging
from typing import Any

import pytest

from core.telemetry import configure_logging, log_fields, request_id
from tests.core.test_card_numbers import VISA
from tests.support.logs import logged

LOGGER = logging.getLogger("gateway.requests")
FIELDS: dict[str, Any] = {
    "method": "POST",
    "path": f"/{VISA}",
    "status": 200,
    "milliseconds": 1.25,
    "operation": None,
    "errors": ["UNAVAILABLE", VISA],
    "text": "\ud800",
    "thing": {1},
}


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns the messages of the records that are created."""
    messages, original = list[str](), logging.LogRecord.__init__

    def note(self: logging.LogRecord, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        messages.append(self.getMessage())

    monkeypatch.setattr(logging.LogRecord, "__init__", note)
    return messages


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_that_of_a_record(records: list[str]) -> None:
    with logged("INFO") as stream:
        token = request_id.set("abcdefgh")
        log_fields(LOGGER, logging.WARNING, "request", FIELDS)
        assert records == []
        LOGGER.warning("request", extra=FIELDS)
        request_id.reset(token)
        direct, by_record = lines(stream)
        assert list(direct) == list(by_record)
        assert all(line.pop("at").endswith("+00:00") for line in (direct, by_record))
        assert direct == by_record
        assert "4111" not in stream.getvalue()


def test_a_line_below_the_level_is_not_written() -> None:
    with logged("INFO") as stream:
        log_fields(LOGGER, logging.DEBUG, "request", FIELDS)
        logging.getLogger().handlers[0].setLevel("ERROR")
        log_fields(LOGGER, logging.INFO, "request", FIELDS)
        assert stream.getvalue() == ""


def test_readable_lines_are_those_of_records(records: list[str]) -> None:
    with logged("INFO") as stream:
        configure_logging("INFO", stream, readable=True)
        log_fields(LOGGER, logging.INFO, "request", {"status": 200})
        assert "status=200" in stream.getvalue()
        assert records == ["request"]


@pytest.mark.parametrize("place", ["root", "logger"])
def test_another_handler_gets_a_record(records: list[str], place: str) -> None:
    with logged("INFO") as stream:
        received = list[logging.LogRecord]()

        class Receiver(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                received.append(record)

        logger, handler = logging.getLogger() if place == "root" else LOGGER, Receiver()
        logger.addHandler(handler)
        try:
            log_fields(LOGGER, logging.INFO, "request", {"status": 200})
        finally:
            logger.removeHandler(handler)
        assert records == ["request"]
        assert [vars(record)["status"] for record in received] == [200]
        assert [line["status"] for line in lines(stream)] == [200]


def test_a_filter_decides_about_a_record() -> None:
    with logged("INFO") as stream:

        def refuse(_record: logging.LogRecord) -> bool:
            return False

        for filtered in (LOGGER, logging.getLogger().handlers[0]):
            filtered.addFilter(refuse)
            try:
                log_fields(LOGGER, logging.INFO, "request", {"status": 200})
            finally:
                filtered.removeFilter(refuse)
        assert stream.getvalue() == ""


def test_a_factory_of_records_is_called() -> None:
    with logged("INFO") as stream:

        def make(*arguments: Any, **named: Any) -> logging.LogRecord:
            record = logging.LogRecord(*arguments, **named)
            record.more = "more"
            return record

        logging.setLogRecordFactory(make)
        try:
            log_fields(LOGGER, logging.INFO, "request", {"status": 200})
        finally:
            logging.setLogRecordFactory(logging.LogRecord)
        assert [line["status"] for line in lines(stream)] == [200]


def test_a_stream_that_cannot_be_written_does_not_raise(capsys: pytest.CaptureFixture[str]) -> None:
    with logged("INFO") as stream:
        stream.close()
        log_fields(LOGGER, logging.INFO, "request", {"status": 200})
        assert "I/O operation on closed file" in capsys.readouterr().err
