"""Tests that the files for CI call the command with arguments that it accepts."""

import re
from pathlib import Path

import pytest

from cli.main import command_parser

FILES = ["deploy/ci/github-schema-check.yml", "deploy/ci/gitlab-schema-check.yml", ".pre-commit-hooks.yaml", "Makefile"]


@pytest.mark.parametrize("file", FILES)
def test_the_commands_are_understood(project: Path, file: str) -> None:
    commands = re.findall(r"bff (schema check[^>\n]*)", (project / file).read_text())
    assert commands
    for command in commands:
        arguments = command_parser().parse_args(command.split())
        assert arguments.run.__module__ == "cli.schema.check"


def test_the_page_names_every_option(project: Path) -> None:
    page = (project / "docs/schema-check.md").read_text()
    source = "".join((project / "cli/schema" / name).read_text() for name in ("arguments.py", "check.py"))
    options = set(re.findall(r'"(--[a-z-]+)"', source)) - {"--file", "--schema", "--today"}
    assert {option for option in options if f"`{option}" not in page} == set()
