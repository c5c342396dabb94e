"""Lines of prose in pages are at most as long as those of code, so that differences are readable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

MAX_LENGTH = 120
PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), Path("bench/README.md"), *sorted(Path("docs").rglob("*.md"))]


def prose(text: str) -> Iterator[str]:
    """Yields the lines that can be broken: neither tables nor code, with a space in what is too long."""
    is_code = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code and not line.lstrip().startswith("|") and " " in line.strip().lstrip("-*"):
            yield line


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_lines_of_prose_are_short(page: Path) -> None:
    assert [line for line in prose(page.read_text()) if len(line) > MAX_LENGTH] == []
