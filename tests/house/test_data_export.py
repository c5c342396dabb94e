"""Every column of every table is exported, or has a reason on the page of the data export."""

import re
from pathlib import Path

from services.users.exports.sections import SECTIONS
from tests.house.test_tables import all_models

_TABLES = re.compile(r"(?:^|JOIN )(\w+) (\w+)")
_COLUMNS = re.compile(r"\b(\w+)\.(\w+)")


def columns() -> set[str]:
    return {f"{each._meta.db_table}.{column}" for each in all_models() for column in each._meta.fields_map}


def exported() -> set[str]:
    """Returns the columns that the queries of the export select."""
    found = set[str]()
    for section in SECTIONS:
        selected, _, tables = section.sql.partition(" FROM ")
        names = {alias: table for table, alias in _TABLES.findall(tables)}
        found |= {f"{names[alias]}.{column}" for alias, column in _COLUMNS.findall(selected)}
    return found


def left_out(project: Path) -> list[str]:
    """Tables and columns of the page."""
    lines = (project / "docs/data-export.md").read_text().splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    assert all(len(cell) == 2 and cell[1] for cell in cells)
    return [cell[0].strip("`") for cell in cells]


def test_every_column_is_exported_or_has_a_reason(project: Path) -> None:
    said = left_out(project)
    explained = {each for each in columns() if each in said or each.split(".")[0] in said}
    undecided = sorted(columns() - exported() - explained)
    assert undecided == [], "export it in services/users/exports/sections.py, or say in docs/data-export.md why not"


def test_the_page_of_the_export_says_nothing_that_is_not_so(project: Path) -> None:
    said = left_out(project)
    assert said == sorted(set(said))
    tables = {each.split(".")[0] for each in columns()}
    assert [each for each in said if each not in columns() | tables] == []
    assert exported() <= columns()
    exported_tables = {each.split(".")[0] for each in exported()}
    assert [each for each in said if each in exported() | exported_tables] == []
