"""The languages of texts, and the choice of one for a reader."""

from collections.abc import Iterator
from functools import lru_cache

LANGUAGES = ("ar", "de", "en", "ja")
"""The languages in which texts exist, as tags of BCP 47. Each has a folder in `locales`."""

DEFAULT_LANGUAGE = "en"
"""The language of a reader who has none of `LANGUAGES`."""

MAX_HEADER_LENGTH = 256
"""Characters of an Accept-Language header that are read. Browsers send fewer."""


def language_of(locale: str | None, accept_language: str | None = None) -> str:
    """Returns one of `LANGUAGES`: that of a locale, else the most preferred one of an Accept-Language header.

    Locales are BCP 47 tags, such as `de-AT`. Unknown and invalid ones count as missing. Without any, it is
    `DEFAULT_LANGUAGE`.
    """
    found = None if locale is None else _matching(locale)
    if found is None and accept_language:
        found = _accepted(accept_language[:MAX_HEADER_LENGTH])
    return found or DEFAULT_LANGUAGE


@lru_cache(maxsize=1024)
def _matching(tag: str) -> str | None:
    """Returns the language of a tag without its last subtags, as RFC 4647 describes a lookup."""
    subtags = tag.strip().lower().split("-")
    while subtags:
        if (prefix := "-".join(subtags)) in LANGUAGES:
            return prefix
        subtags.pop()
    return None


@lru_cache(maxsize=1024)
def _accepted(header: str) -> str | None:
    ranges = sorted(_ranges(header), key=lambda pair: -pair[1])
    return next((language for tag, _ in ranges if (language := _matching(tag))), None)


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Yields the tags of a header with their weights, without those that the reader rejects."""
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter.strip())
        if weight > 0:
            yield tag, weight


def _weight(parameter: str) -> float:
    """Returns the weight of `q=0.8`; 1 without a weight, and 0 for one that is not a number from 0 to 1."""
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
