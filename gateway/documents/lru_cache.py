"""What was made of texts that clients send again and again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")

_EACH = 256
"""Characters that a text counts for beside its own."""


def _length(text: str, _made: object) -> int:
    return _EACH + len(text)


def _ignore(_made: object) -> None:
    """Nothing has to be done about what is dropped."""


class LruCache(Generic[Made]):
    """Remembers what was made of the texts that were used last, which together weigh at most `most`.

    Anybody can send a new text. `weigh` is by default the number of characters; `dropped` is told what is forgotten.
    """

    def __init__(
        self,
        make: Callable[[str], Made],
        most: int,
        weigh: Callable[[str, Made], int] = _length,
        dropped: Callable[[Made], None] = _ignore,
    ) -> None:
        self._make = make
        self._left = most
        self._weigh = weigh
        self._dropped = dropped
        self._made: OrderedDict[str, Made] = OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    def of(self, text: str) -> Made:
        """Remembered, or made."""
        made = self.known(text)
        return self.keep(text, self._make(text)) if made is None else made

    def known(self, text: str) -> Made | None:
        """Remembered, or None."""
        made = self._made.get(text)
        if made is not None:
            self._made.move_to_end(text)
        return made

    def keep(self, text: str, made: Made) -> Made:
        """Remembers what was made elsewhere of a text that is not known, and returns it."""
        self._made[text] = made
        self._left -= self._weigh(text, made)
        while self._left < 0:
            text, dropped = self._made.popitem(last=False)
            self._left += self._weigh(text, dropped)
            self._dropped(dropped)
        return made
