import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  two\nlines \n", "two\nlines"),
        ("a\r\nb\r\n\r\nc", "a\nb\n\nc"),
        ("a\tb", "a\tb"),
        ("Cle\u0301o", "Cléo"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("right\u202eleft", "right\u202eleft"),
        ("\u200fa\u200e", "\u200fa\u200e"),
        ("a\u2028b\u2029c", "a\u2028b\u2029c"),
        ("x" * 10, "x" * 10),
        (" " * 100 + "x" * 10 + "\n" * 100, "x" * 10),
        ("e\u0301" * 10, "é" * 10),
        ("🚲" * 10, "🚲" * 10),
        ("x" * 11, None),
        ("🚲" * 11, None),
        ("\u0958" * 6, None),
        ("", None),
        (" \t\r\n\u3000", None),
        ("a\rb", None),
        ("a\n\rb", None),
        ("nul\0", None),
        ("bell\x07b", None),
        ("a\x1b[31m", None),
        ("a\x7fb", None),
        ("a\x85b", None),
        ("a\x0bb", None),
        ("lone \ud800", None),
        ("\udc00 lone", None),
    ],
)
def test_prose_is_normalised_or_refused(given: str, kept: str | None) -> None:
    assert text.prose(given, longest=10) == kept


@given(st.text(max_size=30))
@example("\n\u0301")
@example("e \u0301")
def test_what_is_kept_is_text_that_would_be_kept_as_it_is(given: str) -> None:
    for keep in (text.prose, text.line):
        kept = keep(given, longest=20)
        if kept is not None:
            assert keep(kept, longest=20) == kept
            assert 1 <= len(kept) <= 20
            assert unicodedata.is_normalized("NFC", kept)
            assert not {"\0", "\r"} & set(kept)
            kept.encode()
