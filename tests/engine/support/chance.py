"""Pseudo-random numbers that depend only on their seeds, and not on the order of calls."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Chance:
    """A sequence of numbers that its seeds determine. It uses splitmix64, because seeding `random.Random` is slow."""

    __slots__ = ("_state",)

    def __init__(self, *seeds: object) -> None:
        self._state = int.from_bytes(blake2b(repr(seeds).encode(), digest_size=8).digest(), "little")

    def bits(self) -> int:
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)

    def below(self, end: int) -> int:
        return self.bits() % end

    def between(self, low: int, high: int) -> int:
        return low + self.bits() % (high - low + 1)

    def happens(self, share: float) -> bool:
        return self.bits() < share * _MASK

    def pick(self, options: Sequence[T]) -> T:
        return options[self.bits() % len(options)]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Returns `count` different options, in any order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
