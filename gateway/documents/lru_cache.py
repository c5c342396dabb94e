"""A cache of values that are computed from texts, with a total weight."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

_ENTRY_WEIGHT = 256
"""Characters that an entry counts in addition to its text."""


def _length(text: str, _value: object) -> int:
    return _ENTRY_WEIGHT + len(text)


def _ignore(_value: object) -> None:
    """Does nothing with an evicted value."""


class LruCache(Generic[Value]):
    """Caches the values of the most recently used texts, up to a total weight of `max_weight`.

    The weight is limited because clients may send any number of new texts. `weigh` returns the weight of an entry, by
    default its number of characters. `on_evict` is called with each evicted value.
    """

    def __init__(
        self,
        compute: Callable[[str], Value],
        max_weight: int,
        weigh: Callable[[str, Value], int] = _length,
        on_evict: Callable[[Value], None] = _ignore,
    ) -> None:
        self._compute = compute
        self._remaining = max_weight
        self._weigh = weigh
        self._on_evict = on_evict
        self._values: OrderedDict[str, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get_or_compute(self, text: str) -> Value:
        value = self.get(text)
        return self.put(text, self._compute(text)) if value is None else value

    def get(self, text: str) -> Value | None:
        value = self._values.get(text)
        if value is not None:
            self._values.move_to_end(text)
        return value

    def put(self, text: str, value: Value) -> Value:
        """Adds the value of a text that is not cached, and returns it."""
        self._values[text] = value
        self._remaining -= self._weigh(text, value)
        while self._remaining < 0:
            text, evicted = self._values.popitem(last=False)
            self._remaining += self._weigh(text, evicted)
            self._on_evict(evicted)
        return value
