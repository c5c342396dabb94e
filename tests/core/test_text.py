import pytest

from core import text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ana's phone ", "Ana's phone"),
        ("Cle\u0301o", "Cléo"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("x" * 10, "x" * 10),
        ("x" * 11, None),
        ("", None),
        (" \t", None),
        ("two\nlines", None),
        ("nul\0", None),
        ("lone \ud800", None),
        ("right\u202eleft", None),
    ],
)
def test_a_line_is_normalised_or_refused(given: str, kept: str | None) -> None:
    assert text.line(given, longest=12 if given == " Ana's phone " else 10) == kept
