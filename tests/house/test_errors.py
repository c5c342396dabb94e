"""Every code has a page with the app's reaction, and every page has a code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.errors import ErrorCode, ProblemCode

FOLDER = Path(__file__).parent.parent.parent / "docs/errors"
PAGES = sorted(FOLDER.glob("*.md"))


def example(page: Path) -> dict[str, Any]:
    found = re.search(r"```json\n(.*?)```", page.read_text(), re.DOTALL)
    assert found
    return json.loads(found[1])


def codes(answer: Any) -> list[str]:
    """Returns the codes of all errors and problems."""
    if isinstance(answer, dict):
        own = [answer["code"]] if "code" in answer else []
        return own + [code for value in answer.values() for code in codes(value)]
    return [code for value in answer for code in codes(value)] if isinstance(answer, list) else []


def test_codes_and_pages_are_the_same() -> None:
    assert {page.stem for page in PAGES} == {*ErrorCode, *ProblemCode}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_the_code_means_what_to_do_and_how_it_looks(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n\n")
    assert text.count("**What the app should do.** ") == 1
    answer = example(page)
    assert set(codes(answer)) == {page.stem}
    for error in answer.get("errors", []):
        assert set(error) <= {"message", "locations", "path", "extensions"}
        assert set(error["extensions"]) - {
            "argument",
            "cost",
            "feature",
            "minimumVersion",
            "retryAfter",
            "storeUrl",
        } == {
            "code",
            "requestId",
            "retryable",
            "documentation",
        }
        assert error["extensions"]["documentation"] == f"/errors/{page.stem}"
