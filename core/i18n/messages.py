"""Messages of one language, read from `locales/<language>/messages.po`.

The files are in the format of gettext. The id of a message is a name such as `LIKE`, the same in every language.
"""

import re
from functools import cache, lru_cache
from gettext import GNUTranslations
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.project import PROJECT

FOLDER = PROJECT / "locales"

_RIGHT_TO_LEFT = frozenset({"ar"})
_HAS_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Finds a letter of a script that is written from right to left."""

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_MIN_GROUPED = 1000


class Messages:
    """The messages of a language. They are parsed once, so a text takes about a microsecond."""

    def __init__(self, language: str, translations: GNUTranslations) -> None:
        self.language = language
        self._translations = translations

    @property
    def direction(self) -> str:
        """The direction of the language, as the attribute `dir` of HTML."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def text(self, name: str, /, **values: str) -> str:
        """Returns the message of a name, with values in place of `{…}`."""
        return self._translations.gettext(name).format_map(values)

    def counted(self, name: str, number: int, /, **values: str) -> str:
        """Returns the form of a message for a number, which is formatted in place of `{number}`."""
        form = self._translations.ngettext(name, name, number)
        return form.format_map({**values, "number": _formatted(number, self.language)})

    def isolated(self, text: str) -> str:
        """Returns a name or another text of a user, so that its direction does not change that of the sentence.

        It is enclosed in U+2068 and U+2069 if the language or the text is written from right to left. Other texts are
        unchanged, because old devices may show these characters as boxes.
        """
        if self.language in _RIGHT_TO_LEFT or (not text.isascii() and _HAS_RIGHT_TO_LEFT.search(text)):
            return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
        return text


@cache
def messages(language: str) -> Messages:
    """Returns the messages of one of `LANGUAGES`."""
    with (FOLDER / language / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return Messages(language, GNUTranslations(binary))


@lru_cache(maxsize=1024)
def _formatted(number: int, language: str) -> str:
    """Returns a number with the separators of the language, in European digits."""
    return str(number) if number < _MIN_GROUPED else format_decimal(number, locale=language, numbering_system="latn")
