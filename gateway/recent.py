"""What was made of texts that clients send again and again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")

_EACH = 256
"""Characters that a text counts for beside its own."""


class Recent(Generic[Made]):
    """Remembers what was made of those that were used last, which together have at most `most` characters.

    What is made of a document weighs some hundred times what its text does, and anybody can send a new one.
    """

    def __init__(self, make: Callable[[str], Made], most: int) -> None:
        self._make = make
        self._left = most
        self._made: OrderedDict[str, Made] = OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    def of(self, text: str) -> Made:
        made = self._made.get(text)
        if made is not None:
            self._made.move_to_end(text)
            return made
        made = self._made[text] = self._make(text)
        self._left -= _EACH + len(text)
        while self._left < 0:
            dropped, _ = self._made.popitem(last=False)
            self._left += _EACH + len(dropped)
        return made
