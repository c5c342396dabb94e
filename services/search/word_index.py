"""Words as each engine stores them and is asked for them: `tsvector` and `tsquery`, or the texts of FTS5."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from adapters.database import DialectSQL
from core.words import MAX_WORD, Term, fold, terms, words

TOKENIZER = 1
"""Raised when `core/words.py` cuts in another way; `indexing.py` then indexes every row again."""

_MAX_PLACES = 255
_HANDLE = re.compile(r"@?([a-z0-9_]{1,30})")
_NO_HANDLE = " "


class WordIndex(NamedTuple):
    """What a row keeps for search: its words, and a key of the text and the tokenizer that they come from."""

    words: DialectSQL
    key: int


def index_of_post(body: str) -> WordIndex:
    """Returns what is stored beside a post's text."""
    return _index(body, body)


def index_of_user(handle: str, name: str) -> WordIndex:
    """Returns what is stored beside a person's name: the words of the name and of the handle."""
    return _index(f"{name}\n{handle}", name)


def _index(text: str, keyed: str) -> WordIndex:
    return WordIndex(_stored(words(text)), TOKENIZER << 32 | crc32(keyed.encode()))


def _stored(found: list[str]) -> DialectSQL:
    places: dict[str, list[str]] = {}
    for place, word in enumerate(found, 1):
        places.setdefault(word, []).append(str(place))
    vector = " ".join(f"'{word}':{','.join(at[:_MAX_PLACES])}" for word, at in places.items())
    return DialectSQL(vector, " ".join(found))


class SearchQuery(NamedTuple):
    """A search string as each engine takes it. Words have no quote and no operator in them."""

    all_words: DialectSQL
    last_unfinished: DialectSQL
    """As `all_words`, but the last word may go on."""
    handle: str
    """What a handle may begin with, or text that no handle begins with."""


def parse_query(query: str) -> SearchQuery | None:
    """Returns what a search string asks for; None when it has neither a word nor a handle in it."""
    asked = terms(query)
    found = _HANDLE.fullmatch(fold(query[: MAX_WORD * 2]).strip())
    if not asked and not found:
        return None
    unfinished = [*asked[:-1], *(term._replace(unfinished=True) for term in asked[-1:])]
    return SearchQuery(_asked(asked), _asked(unfinished), found[1] if found else _NO_HANDLE)


def _asked(asked: Iterable[Term]) -> DialectSQL:
    return DialectSQL(" & ".join(map(_postgres, asked)), " ".join(map(_sqlite, asked)) or '""')


def _postgres(term: Term) -> str:
    quoted = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({quoted}{':*' if term.unfinished else ''})"


def _sqlite(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.unfinished else ""}'
