"""Pages name only metrics, labels, settings, commands and log messages that exist."""

import re
import shlex
from collections.abc import AsyncGenerator, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from cli.main import command_parser
from core.settings import Settings
from core.settings.environment import variable
from tests.house.test_tree import PACKAGES, python_files
from tests.support.client import Client
from tests.support.metrics import serving
from tests.support.promql import uses_of
from tests.watching.test_queries import known_labels, unknown

_METRIC = re.compile(r"(?:bff|process)_[a-z0-9_]+|bff:[a-z0-9_:]+")
_SETTING = re.compile(r"\bBFF_[A-Z0-9_]+")
_MESSAGE = re.compile(r"[a-z]+(?: [A-Za-z']+){2,}")
_SUFFIXES = ("", "_bucket")
_NO_METRICS = frozenset({"bff_runbooks", "process_slots"})
"""A label of Prometheus, and the name of a module."""
_OF_OTHER_FILES = frozenset({"BFF_PORT", "BFF_SERVER_1", "BFF_SERVER_2"})
"""Variables of `deploy/compose.yaml` and `deploy/haproxy/haproxy.cfg`."""
_EXAMPLES = frozenset({"BFF_DATABASE_POOLS"})
"""Misspelt names that pages show."""


@pytest.fixture
async def watched(settings: Settings) -> AsyncGenerator[Client]:
    async with serving(settings) as client:
        yield client


def code_of(pages: list[Path]) -> Iterator[tuple[str, str]]:
    """Yields the name of a page and the text of each of its code spans."""
    for page in pages:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for span in re.findall(r"`([^`]+)`", text):
            yield page.name, " ".join(span.split())


def pages_of(project: Path) -> list[Path]:
    """Returns the pages for operators. The decisions also name what was rejected."""
    return [page for page in sorted((project / "docs").rglob("*.md")) if page.parent.name != "decisions"]


def runbooks_of(project: Path) -> list[Path]:
    return sorted((project / "docs/runbooks").glob("*.md"))


async def test_metrics_that_pages_name_are_exported(watched: Client, project: Path) -> None:
    known = await known_labels(watched)
    found = {(page, name) for page, code in code_of(pages_of(project)) for name in _METRIC.findall(code)}
    found = {(page, name) for page, name in found if name not in _NO_METRICS}
    assert len(found) > 150
    missing = [
        (page, name)
        for page, name in sorted(found)
        if not any(name + suffix in known for suffix in _SUFFIXES)
        and not (name.endswith("_") and any(each.startswith(name) for each in known))
    ]
    assert missing == []


async def test_queries_of_pages_name_only_labels_that_exist(watched: Client, project: Path) -> None:
    known = await known_labels(watched)
    queries = [
        (page, code) for page, code in code_of(pages_of(project)) if _METRIC.search(code) and re.search(r"[({]", code)
    ]
    assert len(queries) > 10
    assert {(page, query): found for page, query in queries if (found := unknown(uses_of(query), known))} == {}


def test_settings_that_pages_name_exist(project: Path) -> None:
    pages = [*pages_of(project), project / "README.md", project / "SECURITY.md"]
    found = {(page.name, name) for page in pages for name in _SETTING.findall(page.read_text())}
    names = {variable(field.name) for field in fields(Settings)} | _OF_OTHER_FILES | _EXAMPLES
    missing = [
        (page, name)
        for page, name in sorted(found)
        if name not in names and not (name.endswith("_") and any(each.startswith(name) for each in names))
    ]
    assert missing == []


def test_commands_of_runbooks_are_complete(project: Path) -> None:
    commands = {code for _, code in code_of(runbooks_of(project)) if code.startswith("bff ")}
    assert {"bff events dead", "bff payments verify"} <= commands
    for command in commands:
        command_parser().parse_args(shlex.split(command.replace(" ID", " 1"))[1:])


def test_options_of_commands_that_pages_name_exist(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = [*pages_of(project), project / "README.md", project / "CONTRIBUTING.md"]
    lines = [
        line for page in pages for line in re.findall(r"(?:^|`|\$ )bff ([^`\n#|>]+)", page.read_text(), re.MULTILINE)
    ]
    found = [line for line in lines if " --" in line]
    assert len(found) > 8
    for line in found:
        words = re.match(r"[a-z]+(?: [a-z]+)?(?= |$)", line)
        assert words, line
        told = help_of(words[0].split(), capsys)
        assert [option for option in re.findall(r"--[a-z-]+", line) if option not in told] == [], line


def help_of(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Returns the help of a command, and of its action if it is a command of its own."""
    with pytest.raises(SystemExit):
        command_parser().parse_args([*words, "--help"])
    return capsys.readouterr().out


def test_log_messages_that_runbooks_quote_are_written(project: Path) -> None:
    files = [file for file in python_files(project) if file.relative_to(project).parts[0] in PACKAGES]
    source = "\n".join(file.read_text() for file in files if "tests" not in file.parts)
    quoted = {code for _, code in code_of(runbooks_of(project)) if _MESSAGE.fullmatch(code)}
    commands = {code for code in quoted if code.startswith(("bff ", "make "))}
    assert {"circuit breaker opened", "a message was rejected"} <= quoted
    assert {message for message in quoted - commands if message not in source} == set()
