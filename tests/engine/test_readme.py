"""The engine's README: its example, its list of files and its links."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house.test_readme import block


def readme(project: Path) -> str:
    return (project / "engine/README.md").read_text()


def test_its_example_prints_what_is_printed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = readme(project)
    exec(compile(block(text, "python"), "engine/README.md", "exec"), {"__name__": "example"})  # noqa: S102 - our own page
    assert capsys.readouterr().out.rstrip() == block(text, "text").rstrip()


def test_its_list_has_every_file_once(project: Path) -> None:
    listed = re.findall(r"\[`(\w+\.py)`\]", readme(project).partition("## The files")[2])
    assert Counter(listed) == Counter(file.name for file in (project / "engine").glob("*.py"))


def test_its_links_lead_somewhere(project: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", readme(project))
    assert [link for link in links if not (project / "engine" / link).exists()] == []
