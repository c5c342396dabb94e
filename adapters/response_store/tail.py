"""The part of the stream of announcements that a process has read, without I/O."""

from collections import OrderedDict
from collections.abc import Collection, Iterable

ANYTHING = "*"
"""The tag that says that everything has moved."""

HISTORY_SECONDS = 400
MAX_TAGS = 200_000
MAX_HOLD_SECONDS = 300
"""Holds end before their entries leave the history, and leave it time to live of all responses besides."""

SEQUENCE_BITS = 20
MAX_SEQUENCE = (1 << SEQUENCE_BITS) - 1


def position_at(milliseconds: int, sequence: int = 0) -> int:
    """Returns the position of a stream entry. Sequence numbers above the maximum share one position."""
    return milliseconds << SEQUENCE_BITS | min(sequence, MAX_SEQUENCE)


def milliseconds_of(position: int) -> int:
    """Returns the time of a position, by the clock of the engine."""
    return position >> SEQUENCE_BITS


class Tail:
    """The positions at which tags moved last, in bounded memory.

    A response that was executed at a position is current if nothing that it shows has moved after that position. What
    is dropped from memory raises `minimum`, so it costs responses and never correctness.
    """

    def __init__(self, max_tags: int = MAX_TAGS) -> None:
        self.position = 0
        """The last position that was read."""
        self.generation = 0
        """Grows when announcements may have been lost. Do not store a response that began in an earlier generation."""
        self.minimum = 0
        """Responses of earlier positions are never current."""
        self._max_tags = max_tags
        self._moved = OrderedDict[str, int]()
        self._moved_before: dict[str, int] = {}
        """The move before the last one, for tags that have moved twice."""
        self._holds: dict[int, tuple[int, frozenset[str]]] = {}
        """The end and the tags of each hold that is not confirmed, by its position."""
        self._next_end = 0
        """No hold ends before this position."""
        self._held: dict[str, dict[int, int]] = {}
        """For each held tag, the ends of its holds by their positions."""

    @property
    def first_hold_end(self) -> int | None:
        """The position at which the first unconfirmed hold ends."""
        return min((end for end, _ in self._holds.values()), default=None)

    @property
    def size(self) -> int:
        """The number of tags in memory."""
        return len(self._moved) + len(self._held)

    def is_current(
        self,
        position: int,
        tags: Collection[str],
        counts: Collection[str] = (),
        max_stale_ms: int = 0,
        now_ms: int = 0,
    ) -> bool:
        """Returns whether a response of this position shows what it would show now.

        Tags must not have moved since. For `counts`, this may be up to `max_stale_ms` before `now_ms`.
        """
        if position < self.minimum:
            return False
        if self.is_unchanged_since(position):
            return True
        if not self._is_unmoved(position, tags):
            return False
        if not counts or (max_stale_ms > 0 and milliseconds_of(position) >= now_ms - max_stale_ms):
            return True
        if self._is_unmoved(position, counts):
            return True
        return max_stale_ms > 0 and self._is_recent(position, counts, position_at(now_ms - max_stale_ms))

    def is_unchanged_since(self, position: int) -> bool:
        """Returns whether nothing at all has moved after a position, or is held."""
        return position >= self.position and position >= self.minimum and not self._holds

    def advance(self, position: int) -> None:
        """Notes that everything up to this position was read. Holds that end there become moves."""
        self.position = max(self.position, position)
        if self._holds and self._next_end <= self.position:
            self._end_holds()
        self._prune()

    def apply(self, position: int, tags: Iterable[str]) -> None:
        """Notes that tags moved at a position."""
        self._move(tags, position)
        self.advance(position)

    def hold(self, position: int, end: int, tags: Iterable[str]) -> None:
        """Notes that tags may move at any time between two positions."""
        self._next_end = min(end, self._next_end) if self._holds else end
        self._holds[position] = end, frozenset(tags)
        for tag in self._holds[position][1]:
            self._held.setdefault(tag, {})[position] = end
        self.advance(position)

    def confirm(self, position: int, holds: Iterable[int], tags: Iterable[str]) -> None:
        """Notes that tags moved at a position, and that the holds at other positions are over."""
        for hold in holds:
            self._end_hold(hold)
        self.apply(position, tags)

    def reset(self, position: int) -> None:
        """Notes that announcements before this position may be lost, and continues there. Holds remain."""
        self.generation += 1
        self.raise_minimum(position)
        self.position = position
        self._moved.clear()
        self._moved_before.clear()

    def raise_minimum(self, position: int) -> None:
        """Makes all responses of positions before this one outdated."""
        self.minimum = max(self.minimum, position)

    def lower_minimum(self, expected: int, position: int) -> None:
        """Lets responses of earlier positions be current, back to this one, if the minimum is still as expected."""
        if self.minimum == expected:
            self.minimum = min(expected, position)

    def _is_unmoved(self, position: int, tags: Collection[str]) -> bool:
        moved, held = self._moved, self._held
        for tag in filter(moved.__contains__, tags):
            if moved[tag] > position:
                return False
        if ANYTHING in held and any(position < end for end in held[ANYTHING].values()):
            return False
        if held and not held.keys().isdisjoint(tags):
            return all(position >= end for tag in tags for end in held.get(tag, _NO_ENDS).values())
        return True

    def _is_recent(self, position: int, counts: Collection[str], since: int) -> bool:
        """Returns whether the first move of each count after a position was at `since` or later."""
        for tag in counts:
            last = self._moved.get(tag, 0)
            # Only the last two moves are known. If both are later than the position, there may be a third.
            if last > position and (last < since or self._moved_before.get(tag, 0) > position):
                return False
            if any(position < end and begin < since for begin, end in self._held.get(tag, _NO_ENDS).items()):
                return False
        return True

    def _move(self, tags: Iterable[str], position: int) -> None:
        moved, before = self._moved, self._moved_before
        for tag in tags:
            if tag == ANYTHING:
                self.raise_minimum(position)
            elif (last := moved.get(tag)) is None:
                moved[tag] = position
            elif position > last:
                before[tag], moved[tag] = last, position
                moved.move_to_end(tag)
            elif position < last:
                before[tag] = max(before.get(tag, 0), position)

    def _end_holds(self) -> None:
        for hold, (end, tags) in list(self._holds.items()):
            if end <= self.position:
                self._end_hold(hold)
                # The time of the move is not known. With two moves, `_is_recent` assumes the earliest time.
                self._move(tags, end - 1)
                self._move(tags, end)
        self._next_end = min((end for end, _ in self._holds.values()), default=0)

    def _end_hold(self, hold: int) -> None:
        _, tags = self._holds.pop(hold, (0, frozenset[str]()))
        for tag in tags:
            self._held[tag].pop(hold)
            if not self._held[tag]:
                del self._held[tag]

    def _prune(self) -> None:
        """Drops old moves, and moves and holds that are too many."""
        oldest = self.position - position_at(HISTORY_SECONDS * 1000)
        moved = self._moved
        while moved and (len(moved) > self._max_tags or moved[next(iter(moved))] < oldest):
            tag, position = moved.popitem(last=False)
            self._moved_before.pop(tag, None)
            self.raise_minimum(position)
        while len(self._held) > self._max_tags:
            hold = min(self._holds, key=lambda hold: self._holds[hold][0])
            self.raise_minimum(self._holds[hold][0])
            self._end_hold(hold)


_NO_ENDS: dict[int, int] = {}
