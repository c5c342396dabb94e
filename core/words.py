"""Tokenizes stored text and search strings into the words that search compares.

`words` tokenizes a text, `terms` a search string. Both fold the text first (NFKC, full case folding, no ignorable code
points), so that they produce the same words. Scripts without spaces between words are split into overlapping pairs of
letters. `docs/decisions/0005-search.md` contains the rules.
"""

import unicodedata
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import regex

MAX_TERMS = 8
MAX_PARTS = 32
MAX_WORD = 64
_MAX_QUERY = MAX_TERMS * (MAX_WORD + 1)

_MAX_EXPANSION = 2
_MIN_FOLDED = 2000
"""Some letters, such as U+FDFA, are folded to 18. A folded text is cut at twice its length, but not below this."""

_UNSPACED = r"\p{lb=SA}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Javanese}\p{Balinese}\u30FC"
_RUN = rf"[[\p{{L}}\p{{N}}]&&[{_UNSPACED}]][[{_UNSPACED}]\p{{Mn}}\p{{Mc}}]*"
_WORD = rf"[[\p{{L}}\p{{N}}]--[{_UNSPACED}]][[\p{{L}}\p{{N}}\p{{Mn}}\p{{Mc}}]--[{_UNSPACED}]]*"
_PARTS = regex.compile(rf"(?V1)(?P<run>{_RUN})|{_WORD}")
_ASCII_WORDS = regex.compile(r"(?V1)[a-z0-9]+")
_LETTERS = regex.compile(r"(?V1)\X")
_BOUNDED = regex.compile(r"(?V1)(?w)(?s)\b\w.*?\b")
"""A word between two word boundaries of UAX 29."""

_IGNORABLE = regex.compile(r"(?V1)[\p{Default_Ignorable_Code_Point}\u0640]+")
_DIGIT = regex.compile(r"(?V1)[\p{Nd}--[0-9]]")
_FOLDED_MARKS = regex.compile(
    r"(?V1)(?<=[\p{Latin}\p{Greek}])\p{M}+"
    r"|(?<=[\u0430\u0435\u0438\u043E\u0443\u044B\u044D\u044E\u044F\u0456\u0454]\u0308?)[\u0300\u0301]|(?<=\u0435)\u0308"
    r"|[\p{Hebrew}&&\p{Mn}]|[[\p{Arabic}\u064B-\u0655\u0670]&&\p{Mn}]|[\p{Syriac}&&\p{Mn}]"
)
_FOLDED_LETTERS = str.maketrans(
    {
        "\u0131": "i", "\u0142": "l", "\u00F8": "o", "\u0111": "d", "\u00F0": "d", "\u0127": "h", "\u0167": "t",
        "\u00E6": "ae", "\u0153": "oe",
        "\u06CC": "\u064A", "\u0649": "\u064A", "\u06A9": "\u0643",
        "\u0629": "\u0647", "\u06C0": "\u0647", "\u06C1": "\u0647", "\u06C2": "\u0647",
        "\u02BB": "'", "\u02BC": "'", "\u02BE": "'", "\u02BF": "'",
    }
)  # fmt: skip
"""Letters that are typed interchangeably and that have no decomposition in Unicode."""


class Term(NamedTuple):
    """Adjacent words. If `unfinished`, the last one is a prefix."""

    words: tuple[str, ...]
    unfinished: bool = False


def fold(text: str) -> str:
    """Returns the text without case, compatibility forms, ignorable code points and accents."""
    if text.isascii():
        return text.lower()
    length = max(_MIN_FOLDED, _MAX_EXPANSION * len(text))
    folded = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text))[:length].casefold()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", folded).translate(_FOLDED_LETTERS))
    plain = _FOLDED_MARKS.sub("", decomposed).translate(_FOLDED_LETTERS)
    return unicodedata.normalize("NFC", _DIGIT.sub(_ascii_digit, plain))


def words(text: str) -> list[str]:
    """Returns the words of a text in order, in their stored form."""
    folded = fold(text)
    if folded.isascii():
        return [word[:MAX_WORD] for word in _ASCII_WORDS.findall(folded)]
    result: list[str] = []
    for part in _PARTS.finditer(folded):
        if part["run"]:
            letters = _LETTERS.findall(part["run"])
            result += [*map("".join, pairwise(letters)), letters[-1]]
        else:
            result.append(part[0][:MAX_WORD])
    return result


def terms(query: str) -> list[Term]:
    """Returns the terms of a search string, at most `MAX_TERMS`. A text matches if it contains all of them."""
    return list(islice(_terms(fold(query[:_MAX_QUERY])), MAX_TERMS))


def _terms(folded: str) -> Iterator[Term]:
    end = 0
    for run in (part for part in _PARTS.finditer(folded) if part["run"]):
        yield from _spaced_terms(folded[end : run.start()])
        yield _unspaced_term(_LETTERS.findall(run[0]))
        end = run.end()
    yield from _spaced_terms(folded[end:])


def _spaced_terms(folded: str) -> Iterator[Term]:
    for chunk in folded.split():
        if _PARTS.fullmatch(chunk):
            yield Term((chunk[:MAX_WORD],))
        else:
            yield from _bounded_terms(chunk)


def _bounded_terms(chunk: str) -> Iterator[Term]:
    for word in _BOUNDED.findall(chunk):
        parts = tuple(part[0][:MAX_WORD] for part in _PARTS.finditer(word))[:MAX_PARTS]
        if parts:
            yield Term(parts)


def _unspaced_term(letters: list[str]) -> Term:
    """Returns a term whose last pair is a prefix, since the letter of a search string may lack marks of the text."""
    pairs = tuple(map("".join, pairwise(letters)))[:MAX_PARTS]
    return Term(pairs or (letters[0],), unfinished=True)


def _ascii_digit(match: "regex.Match[str]") -> str:
    """Returns the digit. A digit that only the newer Unicode version of `regex` knows is unchanged."""
    return str(unicodedata.digit(match[0], match[0]))
