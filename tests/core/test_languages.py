"""Tests the choice of a language."""

import pytest

from core.i18n import LANGUAGES, language_of
from core.i18n.languages import MAX_HEADER_LENGTH


@pytest.mark.parametrize(
    ("locale", "header", "language"),
    [
        (None, None, "en"),
        ("de", None, "de"),
        ("de-AT", "ja", "de"),
        ("DE-at", None, "de"),
        ("ar-Arab-EG", None, "ar"),
        ("fr-FR", None, "en"),
        ("fr-FR", "de", "de"),
        ("deu", None, "en"),
        ("", "ja", "ja"),
        ("-", "ja", "ja"),
        (None, "de-CH, fr;q=0.9, ja;q=0.8", "de"),
        (None, "fr, ja;q=0.2, de;q=0.8", "de"),
        (None, "fr;q=1, de;q=0.5, ja;q=0.5", "de"),
        (None, "de;q=0, ja;q=0.1", "ja"),
        (None, "de;q=2, ja;q=0.1", "ja"),
        (None, "de;q=nan, ja;q=0.1", "ja"),
        (None, "de;q=x, ja;q=0.1", "ja"),
        (None, "de;level=1", "de"),
        (None, "*", "en"),
        (None, ",;, ;q=", "en"),
    ],
)
def test_the_locale_decides_and_then_the_header(locale: str | None, header: str | None, language: str) -> None:
    assert language_of(locale, header) == language


def test_the_rest_of_a_long_header_is_not_read() -> None:
    assert language_of(None, "fr," * (MAX_HEADER_LENGTH // 3) + "  ,de") == "en"


def test_each_language_is_that_of_its_own_tag() -> None:
    assert [language_of(language) for language in LANGUAGES] == list(LANGUAGES)
