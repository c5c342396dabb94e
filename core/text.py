"""Validates and normalizes text of clients before it is stored.

Unicode properties (Default_Ignorable_Code_Point and general categories) determine which characters are invisible, not a
list of code points.
"""

import unicodedata

import regex

_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = frozenset("\u2028\u2029")
_BLANK = r"\u2800\uFFFC\U0001D159\U00013441\U00013442"
"""Symbols and letters without a visible glyph. Unicode has no property for them."""

_VISIBLE = regex.compile(rf"(?V1)[^\p{{Default_Ignorable_Code_Point}}\p{{Z}}\p{{M}}\p{{Cc}}\p{{Cf}}{_BLANK}]")
_JOINED_SCRIPTS = (
    r"[[\p{L}\p{M}]--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}\p{Han}\p{Hiragana}\p{Katakana}"
    r"\p{Hangul}\p{Inherited}\p{Common}\p{Default_Ignorable_Code_Point}]]"
)
_NEEDED = (
    r"\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"  # flags of regions, like Scotland's
    r"|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D(?=\p{Extended_Pictographic})"
    rf"|(?<={_JOINED_SCRIPTS})[\u200C\u200D]"
    r"|(?<=[^\p{Default_Ignorable_Code_Point}\p{Z}\p{C}])[\uFE00-\uFE0F\U000E0100-\U000E01EF]"
    r"|(?<=\p{Mongolian})[\u180B-\u180D\u180F]"
    r"|(?<=[\u1100-\u1112])\u1160|\u115F(?=[\u1161-\u11A7])"  # fillers of old Korean syllables
)
_INVISIBLE = regex.compile(rf"(?V1)(?:{_NEEDED})(*SKIP)(*FAIL)|[\p{{Default_Ignorable_Code_Point}}\uFFF9-\uFFFB]")
_LETTERS = regex.compile(r"\X")
_MAX_MARKS = 30
"""Marks on one letter, as in stream-safe text of UAX #15. To sort n marks, normalization takes up to n² steps."""
_MARKS = regex.compile(
    r"(?V1)(?:[[\p{M}\uFF9E\uFF9F]--\p{Default_Ignorable_Code_Point}]"
    rf"[\p{{Default_Ignorable_Code_Point}}\u0640]*+){{{_MAX_MARKS + 1}}}"
)
"""Too many marks, also if they follow each other only after the removal of ignorable characters between them."""
_MAX_COMPOSED = 4
"""Code points that one code point of NFC may be composed of."""
_MAX_IDENTIFIER = 1000


def is_text(value: str) -> bool:
    """Returns whether every database can store the text: no NUL and no lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def identifier(value: str) -> str:
    """Returns the form in which a name or an email address is compared and hashed.

    It ignores letter case, surrounding space and the encoding of accents (`é`, or `e` and U+0301). Longer texts than
    any name or address are cut.
    """
    value = value.strip()[:_MAX_IDENTIFIER]
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).strip().lower())


def is_visible(value: str) -> bool:
    """Returns whether the text has a visible character."""
    return _VISIBLE.search(value) is not None


def composed(value: str, *, max_length: int) -> str | None:
    """Returns the text in NFC without surrounding space; None if it is certain to exceed `max_length` code points.

    None too if a letter has more than 30 marks. Takes time in proportion to the length of the text.
    """
    value = value.strip()
    if len(value) > _MAX_COMPOSED * max_length or _MARKS.search(value):
        return None
    return unicodedata.normalize("NFC", value).strip()


def line(value: str, *, max_length: int) -> str | None:
    """Returns one line in NFC without surrounding space, at most `max_length` code points; None if invalid.

    Removes invisible characters, except where a script or an emoji needs them. They count as in `composed`.
    """
    normalized = composed(value, max_length=max_length)
    if normalized is None or not is_text(normalized) or any(each in _BIDI_CONTROLS for each in normalized):
        return None
    cleaned = _without_invisible(normalized).strip()
    if len(cleaned) > max_length or not is_visible(cleaned):
        return None
    broken = any(unicodedata.category(character) == "Cc" or character in _LINE_ENDS for character in cleaned)
    return None if broken else cleaned


def prose(value: str, *, max_length: int) -> str | None:
    """Returns lines and tabs in NFC without surrounding space, at most `max_length` code points; None if invalid.

    Direction marks are retained, since prose mixes languages, and so are other invisible characters beside visible
    ones.
    """
    cleaned = composed(value.replace("\r\n", "\n"), max_length=max_length)
    if cleaned is None or not is_text(cleaned) or len(cleaned) > max_length or not is_visible(cleaned):
        return None
    controls = any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in cleaned)
    return None if controls else cleaned


def visible_line(value: str, *, max_length: int) -> str | None:
    """Returns one visible line of at most `max_length` code points made of any string; None when nothing is visible.

    Controls and line ends become spaces. Direction marks and invisible characters are removed. Longer text is cut after
    a whole grapheme.
    """
    text = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in value[: 4 * max_length]
        if not (character in _BIDI_CONTROLS or "\ud800" <= character <= "\udfff")
    )
    cleaned, length = " ".join(_without_invisible(text).split()), 0
    if len(cleaned) > max_length:
        for letter in _LETTERS.finditer(cleaned):
            if letter.end() > max_length:
                break
            length = letter.end()
        cleaned = cleaned[:length].rstrip()
    return cleaned if is_visible(cleaned) else None


def _without_invisible(value: str) -> str:
    if value.isascii():
        return value
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", unicodedata.normalize("NFC", value)))
