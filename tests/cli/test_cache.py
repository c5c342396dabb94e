"""`bff cache why` with the product's own operations and with files."""

from pathlib import Path

import pytest

from cli.main import main

VIEWERS = """scope                 VIEWER: one signed-in user  by Query.viewer
maxAge                60 s                        by default
staleWhileRevalidate  0 s                         by Query.viewer
maxStale              5 s                         by Post.commentCount
maxStale              5 s                         by Post.likeCount
"""


def test_it_prints_each_value_and_the_part_that_decides_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "why", "Home"], {}) == 0
    assert capsys.readouterr().out == VIEWERS


def test_an_operation_that_is_not_cached_has_no_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "why", "Search"], {}) == 0
    assert capsys.readouterr().out == "scope                 NONE: no response is stored  by Query.search\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ viewer { nothing } }", "Cannot query field 'nothing' on type 'Viewer'."),
        ("query A { viewer { id } } query B { viewer { id } }", "name one of its operations by --operation: A, B"),
    ],
)
def test_a_file_that_cannot_be_explained_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    file = tmp_path / "operations.graphql"
    file.write_text(text)
    assert main(["cache", "why", str(file)], {}) == 1
    assert capsys.readouterr().err == f"bff: {file}: {message}\n"
