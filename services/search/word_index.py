"""Words and search strings in the form of each database: `tsvector` and `tsquery`, or texts of FTS5."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from adapters.database import DialectSQL
from core.words import MAX_WORD, Term, fold, terms, words

TOKENIZER = 1
"""The version of `core/words.py`. A change makes `indexing.py` index every row again."""

_MAX_PLACES = 255
_HANDLE = re.compile(r"@?([a-z0-9_]{1,30})")
_NO_HANDLE = " "


class WordIndex(NamedTuple):
    """The columns of a row for search: its words, and a key of the text and the tokenizer version."""

    words: DialectSQL
    key: int


def index_of_post(body: str) -> WordIndex:
    """Returns the columns for a post's text."""
    return _index(body, body)


def index_of_user(handle: str, name: str) -> WordIndex:
    """Returns the columns for a user: the words of the name and of the handle."""
    return _index(f"{name}\n{handle}", name)


def _index(text: str, keyed: str) -> WordIndex:
    return WordIndex(_stored(words(text)), TOKENIZER << 32 | crc32(keyed.encode()))


def _stored(stored_words: list[str]) -> DialectSQL:
    places: dict[str, list[str]] = {}
    for place, word in enumerate(stored_words, 1):
        places.setdefault(word, []).append(str(place))
    vector = " ".join(f"'{word}':{','.join(at[:_MAX_PLACES])}" for word, at in places.items())
    return DialectSQL(vector, " ".join(stored_words))


class ParsedQuery(NamedTuple):
    """A search string in the form of each database. Words contain no quote and no operator."""

    all_words: DialectSQL
    last_unfinished: DialectSQL
    """As `all_words`, but the last word is a prefix."""
    handle: str
    """The prefix of a handle, or text that is the prefix of no handle."""


def parse_query(query: str) -> ParsedQuery | None:
    """Parses a search string. Returns None if it contains neither a word nor a handle."""
    search_terms = terms(query)
    handle = _HANDLE.fullmatch(fold(query[: MAX_WORD * 2]).strip())
    if not search_terms and not handle:
        return None
    unfinished = [*search_terms[:-1], *(term._replace(unfinished=True) for term in search_terms[-1:])]
    return ParsedQuery(_joined(search_terms), _joined(unfinished), handle[1] if handle else _NO_HANDLE)


def _joined(search_terms: Iterable[Term]) -> DialectSQL:
    return DialectSQL(" & ".join(map(_postgres, search_terms)), " ".join(map(_sqlite, search_terms)) or '""')


def _postgres(term: Term) -> str:
    quoted = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({quoted}{':*' if term.unfinished else ''})"


def _sqlite(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.unfinished else ""}'
