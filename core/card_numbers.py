"""Finds and masks text that looks like a payment card number.

A card number has 12 to 19 digits, and its last digit is a check digit (Luhn). Digits of every script count, also
full-width, mathematical, superscript and circled ones. Spaces, dashes, dots, underscores, line breaks and invisible
characters may separate them. One in ten other numbers of that length has a correct check digit too, and is taken for a
card number. Digits of UUIDs and hashes are not.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import regex

MASK = "[card number]"
MIN_DIGITS = 12
MAX_DIGITS = 19

_GROUP = 3
"""Groups of at least so many digits may be a part of a longer row of groups; shorter ones are lists of numbers."""

_MAX_SEPARATORS = 4
_CHINESE = "〇一二三四五六七八九"  # numbers, but not digits, for Unicode
_DIGIT = rf"[\p{{Numeric_Type=Decimal}}\p{{Numeric_Type=Digit}}零{_CHINESE}]"
_IGNORED = r"[\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]"
"""Characters without a glyph of their own: zero-width spaces, soft hyphens, direction marks, combining marks."""

_SEPARATOR = (
    r"[\p{Z}\p{Pd}\t\n\v\f\r\x85_.\u2800\u2212\u2043\u00b7\u2022\u2024\u2027\u2219\u22c5\u3002\uff0e\uff61\u30fb]"
)
_GAP = rf"{_IGNORED}*+(?:{_SEPARATOR}{_IGNORED}*+){{0,{_MAX_SEPARATORS}}}+"
_ROW = regex.compile(rf"(?V1){_DIGIT}(?:{_GAP}{_DIGIT}){{{MIN_DIGITS - 1},}}+")
"""A row of digits. Its parts are possessive and exclude each other, so the time of a search is linear."""

_PIECES = regex.compile(rf"(?V1){_DIGIT}(?:{_IGNORED}*+{_DIGIT})*+")
_DIGITS = regex.compile(rf"(?V1){_DIGIT}")
_NO_ASCII_DIGITS = bytes(code for code in range(256) if not 48 <= code <= 57)  # noqa: PLR2004 - "0" to "9"
_LUHN = tuple(sum(divmod(2 * digit, 10)) for digit in range(10))


_HEXADECIMAL = "0123456789abcdefABCDEF-"
_HASH_LENGTH, _HASH_LETTERS = 32, 4


class _Group(NamedTuple):
    """Digits without a separator: their place in the text, and in the digits of the row."""

    start: int
    end: int
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first


def contains_card_number(text: str) -> bool:
    """Returns whether a part of the text looks like a card number."""
    return _may_contain(text) and any(True for _ in _find(text))


def mask_card_numbers(text: str) -> str:
    """Returns the text with `[card number]` in place of every card number."""
    if not _may_contain(text):
        return text
    result, done = "", 0
    for start, end in _find(text):
        result += text[done:start] + MASK
        done = end
    return result + text[done:] if done else text


def _may_contain(text: str) -> bool:
    """Returns whether the text has enough digits, at low cost. Text that is not ASCII is not examined."""
    if len(text) < MIN_DIGITS:
        return False
    return not text.isascii() or len(text.encode().translate(None, _NO_ASCII_DIGITS)) >= MIN_DIGITS


def _find(text: str) -> Iterator[tuple[int, int]]:
    """Returns start and end of each card number, in order."""
    for match in _ROW.finditer(text):
        if not _is_of_hash(text, match.start(), match.end()):
            yield from _of_row(text, match.start(), match.end())


def _is_of_hash(text: str, start: int, end: int) -> bool:
    """Returns whether digits are a part of a UUID or a hash: of 32 hexadecimal digits and dashes, 4 of them letters."""
    row, before, after = text[start:end], text[max(0, start - 64) : start], text[end : end + 64]
    before = before[len(before.rstrip(_HEXADECIMAL)) :]
    after = after[: len(after) - len(after.lstrip(_HEXADECIMAL))]
    letters = sum(character.isalpha() for character in before + after)
    return not row.strip(_HEXADECIMAL) and len(before + row + after) >= _HASH_LENGTH and letters >= _HASH_LETTERS


def _of_row(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Returns the card numbers of a row of groups.

    A card number is the whole row, or groups of equal size, of which the last may be shorter, or groups of three digits
    or more. So "card 4 1 1 1 …" and "2 cards: 12 4111 1111 …" are found, and few lists of numbers are.
    """
    groups: list[_Group] = []
    digits: list[int] = []
    for match in _PIECES.finditer(text, start, end):
        first = len(digits)
        digits += [_value(character) for character in _DIGITS.findall(match[0])]
        groups.append(_Group(match.start(), match.end(), first, len(digits)))
    sums = _Checksums(digits)
    if sums.is_card(groups[0], groups[-1]):
        yield groups[0].start, groups[-1].end
        return
    done = index = 0
    while index < len(groups):
        last = _longest(groups, index, sums)
        if last is None:
            index += 1
            continue
        if index > done and sums.is_card(groups[done], groups[index - 1]):
            yield groups[done].start, groups[index - 1].end
        yield groups[index].start, groups[last].end
        done = index = last + 1
    if 0 < done < len(groups) and sums.is_card(groups[done], groups[-1]):
        yield groups[done].start, groups[-1].end


def _longest(groups: Sequence[_Group], index: int, sums: "_Checksums") -> int | None:
    """Returns the last group of the longest card number that begins with a group of a row."""
    result, size, equal, large = None, groups[index].size, True, True
    for last in range(index, len(groups)):
        group = groups[last]
        if group.last - groups[index].first > MAX_DIGITS:
            break
        large = large and group.size >= _GROUP
        if (large or (equal and group.size <= size)) and sums.is_card(groups[index], group):
            result = last
        equal = equal and group.size == size
    return result


class _Checksums:
    """Computes the Luhn checksum of any part of a row of digits, in constant time."""

    def __init__(self, digits: Sequence[int]) -> None:
        doubled = [_LUHN[digit] for digit in digits]
        self._of_even = list(
            accumulate((b if n % 2 else a for n, (a, b) in enumerate(zip(digits, doubled, strict=True))), initial=0)
        )
        self._of_odd = list(
            accumulate((a if n % 2 else b for n, (a, b) in enumerate(zip(digits, doubled, strict=True))), initial=0)
        )

    def is_card(self, first: _Group, last: _Group) -> bool:
        """Returns whether the digits of these groups and all between them are a card number."""
        start, end = first.first, last.last
        sums = self._of_odd if (end - 1) % 2 else self._of_even
        return MIN_DIGITS <= end - start <= MAX_DIGITS and (sums[end] - sums[start]) % 10 == 0


def _value(character: str) -> int:
    """Returns the value of a digit of any script."""
    return max(_CHINESE.find(character), unicodedata.digit(character, 0))
