"""What people search for, as each engine's full text takes it."""

import re
import unicodedata
from typing import Literal, NamedTuple, TypedDict

MOST_WORDS = 8
LONGEST_WORD = 64

_WORD = re.compile(r"[^\W_]+")

FoundRow = TypedDict(
    "FoundRow",
    {"__typename": Literal["User", "Post"], "owner_id": int, "id": int, "score": int},
)


class Terms(NamedTuple):
    """The words of a search string: letters and digits in lower case, so nothing in them is an operator or a quote."""

    words: list[str]

    @property
    def postgres(self) -> str:
        """For `to_tsquery('simple', …)`: all words."""
        return " & ".join(self.words)

    @property
    def sqlite(self) -> str:
        """For FTS5's MATCH: all words."""
        return " ".join(f'"{word}"' for word in self.words)

    @property
    def handle(self) -> str:
        """What handles may begin with: the only word, or nothing that a handle can be."""
        return self.words[0] if len(self.words) == 1 else " "


def read_terms(query: str) -> Terms | None:
    """The first words of a search string; None when it has none."""
    folded = unicodedata.normalize("NFC", query[: MOST_WORDS * (LONGEST_WORD + 1)]).lower()
    words = [word[:LONGEST_WORD] for word in _WORD.findall(folded)][:MOST_WORDS]
    return Terms(words) if words else None
