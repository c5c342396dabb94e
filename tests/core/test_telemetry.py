import io
import json
import logging
from collections.abc import Generator

import pytest

from core.telemetry import JsonLines, configure_logging, request_id


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    """Where the log goes, for this test."""
    root = logging.getLogger()
    handlers, level, made = root.handlers[:], root.level, io.StringIO()
    configure_logging("INFO", made)
    yield made
    logging.basicConfig(level=level, handlers=handlers, force=True)


def test_a_line_says_when_who_what_and_for_which_request(stream: io.StringIO) -> None:
    token = request_id.set("abcdefgh")
    logging.getLogger("gateway.requests").info("answered %s", "it", extra={"status": 200, "path": "/a\nb"})
    request_id.reset(token)
    (line,) = stream.getvalue().splitlines()
    written = json.loads(line)
    assert written.pop("at").endswith("+00:00")
    assert written == {
        "level": "INFO",
        "logger": "gateway.requests",
        "message": "answered it",
        "request_id": "abcdefgh",
        "status": 200,
        "path": "/a\nb",
    }


def test_what_went_wrong_is_in_the_same_line(stream: io.StringIO) -> None:
    try:
        int("broken")
    except ValueError:
        logging.getLogger("here").exception("it failed", extra={"thing": {1, 2}})
    (line,) = stream.getvalue().splitlines()
    written = json.loads(line)
    assert "in test_what_went_wrong_is_in_the_same_line" in written["exc_info"]
    assert written["exc_info"].endswith("'broken'")
    assert (written["thing"], written["request_id"]) == ("{1, 2}", None)


def test_no_text_keeps_a_line_from_being_written() -> None:
    texts = ["\ud800", "\x00", "é"]
    records = [logging.makeLogRecord({"msg": text, "path": text}) for text in texts]
    lines = [json.loads(JsonLines().format(record)) for record in records]
    assert [(line["message"], line["path"]) for line in lines] == [(text, text) for text in texts]
