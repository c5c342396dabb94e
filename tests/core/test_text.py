import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import text

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("value", "expected"),
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
        ("\u200b", None),
        ("\u3164", None),
        ("\u2800", None),
        ("\u2800\u200b \u3164", None),
        ("\u0301", None),
        ("\u00ad\ufe0f", None),
        ("two\u2028lines", None),
        ("two\u2029lines", None),
        ("a\u200bn\u2060a\ufeff", "ana"),
        ("an\u00ada", "ana"),
        ("ana\u200d", "ana"),
        ("a\U000e0041b", "ab"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("\u0d28\u0d4d\u200d", "\u0d28\u0d4d\u200d"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("\U0001f469\U0001f3fd\u200d\U0001f4bb", "\U0001f469\U0001f3fd\u200d\U0001f4bb"),
        ("\U0001f1f5\U0001f1f9", "\U0001f1f5\U0001f1f9"),
        (SCOTLAND, SCOTLAND),
        ("\u8fbb\U000e0100", "\u8fbb\U000e0100"),
    ],
)
def test_a_line_is_normalised_or_refused(value: str, expected: str | None) -> None:
    assert text.line(value, max_length=12 if value == " Ana's phone " else 10) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
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
        ("\u200b", None),
        ("\u3164\n\u2800", None),
        ("\u200f\u2066", None),
        ("\u0301", None),
        ("a\u200bb", "a\u200bb"),
        (SCOTLAND, SCOTLAND),
        ("\U0001fae8", "\U0001fae8"),
    ],
)
def test_prose_is_normalised_or_refused(value: str, expected: str | None) -> None:
    assert text.prose(value, max_length=10) == expected


@pytest.mark.parametrize("separator", ["", "\u200b", "\u0640"])
def test_a_letter_has_at_most_thirty_marks(separator: str) -> None:
    for clean in (text.prose, text.line):
        assert clean("a" + f"\u0301{separator}" * 30, max_length=100) is not None
        assert clean("a" + f"\u0301{separator}" * 31, max_length=100) is None


@pytest.mark.parametrize("length", [5_000, 20])
def test_marks_without_end_are_refused_in_linear_time(length: int) -> None:
    """To normalize these 200,000 marks takes a minute."""
    marks = "a" + "\u0301\u0323" * 100_000
    began = time.process_time()
    assert text.prose(marks, max_length=length) is None
    assert text.line(marks, max_length=length) is None
    assert len(text.identifier(marks)) <= 1000
    assert time.process_time() - began < 2


@given(st.text(max_size=30))
@example("\n\u0301")
@example("e \u0301")
def test_what_is_kept_is_text_that_would_be_kept_as_it_is(value: str) -> None:
    for clean in (text.prose, text.line):
        expected = clean(value, max_length=20)
        if expected is not None:
            assert clean(expected, max_length=20) == expected
            assert 1 <= len(expected) <= 20
            assert unicodedata.is_normalized("NFC", expected)
            assert not {"\0", "\r"} & set(expected)
            expected.encode()


@given(st.text(max_size=60))
@example("\u200b")
@example("\ud800")
def test_what_is_shown_is_a_line_or_nothing(value: str) -> None:
    expected = text.visible_line(value, max_length=20)
    assert expected is None or text.line(expected, max_length=20) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ana\u2019s\u200f tel\u2068", "Ana\u2019s tel"),
        (" two\nlines\0\u2028 ", "two lines"),
        ("x" * 50, "x" * 10),
        ("x" * 9 + "e\u0323\u0302\u0315", "x" * 9),
        ("\u200b \u3164", None),
        ("", None),
        ("a\ud800b", "ab"),
    ],
)
def test_what_is_shown_is_cleaned_and_shortened(value: str, expected: str | None) -> None:
    assert text.visible_line(value, max_length=10) == expected
