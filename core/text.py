"""What text from outside must be before it is kept."""

import unicodedata

_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_text(value: str) -> bool:
    """Whether every database can keep it: no NUL and no lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def identifier(value: str) -> str:
    """The form in which a name or an address is compared and hashed.

    Letter case, surrounding space and how an accent is encoded (`é`, or `e` and U+0301) make no difference.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).strip().lower())


def line(value: str, *, longest: int) -> str | None:
    """One line in NFC without surrounding space, 1 to `longest` code points; None when it cannot be that."""
    if not is_text(value):
        return None
    kept = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(kept) <= longest:
        return None
    controls = any(unicodedata.category(character) == "Cc" or character in _BIDI_CONTROLS for character in kept)
    return None if controls else kept


def prose(value: str, *, longest: int) -> str | None:
    """Lines and tabs in NFC without surrounding space, 1 to `longest` code points; None when it cannot be that.

    Marks of direction stay, since languages are mixed in running text.
    """
    if not is_text(value):
        return None
    kept = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if not 1 <= len(kept) <= longest:
        return None
    controls = any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in kept)
    return None if controls else kept
