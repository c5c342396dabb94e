import io
import json
import logging
import re
from collections.abc import Generator
from typing import Literal

import pytest

from core.settings import Settings
from core.telemetry import JsonLines, configure_logging, request_id
from tests.support.logs import logged


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    """Returns the stream that receives the log of the test."""
    with logged("INFO") as made:
        yield made


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


def test_a_readable_line_has_the_same_without_what_is_not_known(stream: io.StringIO) -> None:
    configure_logging("INFO", stream, readable=True)
    token = request_id.set("abcdefgh")
    facts = {"status": 200, "path": "/a\nb\u202e", "operation": None, "errors": ["UNAVAILABLE", "NOT_FOUND"]}
    logging.getLogger("gateway.requests").warning("answered %s", "it\nnot", extra=facts)
    request_id.reset(token)
    (line,) = stream.getvalue().splitlines()
    assert re.sub(r"^[0-9]{2}:[0-9]{2}:[0-9]{2} ", "", line) == (
        'WARNING gateway.requests: "answered it\\nnot"  status=200 path="/a\\nb\\u202e" errors=UNAVAILABLE,NOT_FOUND '
        "request_id=abcdefgh"
    )


def test_a_readable_line_has_the_frames_below_it(stream: io.StringIO) -> None:
    configure_logging("INFO", stream, readable=True)
    try:
        int("broken")
    except ValueError:
        logging.getLogger("here").exception("it failed")
    first, *below = stream.getvalue().splitlines()
    assert first.endswith("ERROR   here: it failed")
    assert all(line.startswith("    ") for line in below)
    assert "in test_a_readable_line_has_the_frames_below_it" in below[0]


@pytest.mark.parametrize(
    ("env", "log_format", "readable"),
    [("dev", "auto", True), ("production", "auto", False), ("dev", "json", False), ("production", "text", True)],
)
def test_lines_are_readable_in_dev_and_json_in_production(
    env: Literal["dev", "production"], log_format: Literal["auto", "json", "text"], *, readable: bool
) -> None:
    settings = Settings(env=env, log_format=log_format, secret_keys="a:" + "x" * 32)
    assert settings.readable_log is readable
