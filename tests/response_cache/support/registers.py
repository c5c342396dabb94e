"""Registers: the writes of one fact, and the values that a read of it may return.

All times are seconds of `time.perf_counter` in the process that sends the requests.
"""

from math import inf

ABSENT = 0
GONE = -1
"""Values of what does not exist yet, and of what was deleted. Versions of what exists are positive."""

HISTORY_SECONDS = 90.0
"""Registers remember overwritten values for so long, so that the age of an old value can be measured."""

_GRACE = 2.0
"""A request without a response may take effect for so many seconds after the client gave up."""


class Write:
    """A write of a value. It took effect between `began` and `ended`, if it is `certain`, or perhaps never."""

    __slots__ = ("began", "certain", "ended", "is_change", "value")

    def __init__(self, value: int, began: float, ended: float = inf, *, certain: bool = False) -> None:
        self.value = value
        self.began = began
        self.ended = ended
        self.certain = certain
        self.is_change = True
        """Whether the value was certainly another one before."""

    def acknowledge(self, now: float) -> None:
        self.certain = True
        self.ended = min(self.ended, now)

    def lose(self, now: float) -> None:
        """Notes that there was no response, so the outcome is not known."""
        self.ended = min(self.ended, now + _GRACE)

    def __repr__(self) -> str:
        return f"{self.value}[{self.began:.3f}..{self.ended:.3f}{'' if self.certain else '?'}]"


class Register:
    """The writes of one fact, in the order in which they began."""

    __slots__ = ("writes",)

    def __init__(self, value: int = ABSENT) -> None:
        self.writes = [Write(value, -inf, -inf, certain=True)]

    def begin(self, value: int, now: float) -> Write:
        """Notes that a write is sent."""
        if len(self.writes) > 1:
            self.writes = self.candidates(now - HISTORY_SECONDS, inf)
        write = Write(value, now)
        write.is_change = all(other.value != value for other in self.candidates(now, now))
        self.writes.append(write)
        return write

    def reject(self, write: Write) -> None:
        """Notes that the write had no effect."""
        if not write.certain:
            self.writes = [other for other in self.writes if other is not write]

    def candidates(self, since: float, until: float) -> list[Write]:
        """Returns the writes whose value a read may return that begins at `since` and ends at `until`.

        A write is overwritten if another one began after its end, and certainly took effect before `since`.
        """
        writes = self.writes
        if len(writes) == 1:
            return writes if writes[0].began <= until else []
        begun = [write.began for write in writes if write.certain and write.ended < since]
        overwritten = max(begun, default=-inf)
        found = [write for write in writes if write.began <= until and write.ended >= overwritten]
        if len(found) == 1 and found[0] is writes[-1] and found[0].ended < since - HISTORY_SECONDS:
            self.writes = found
        return found

    def observe(self, value: int, since: float, until: float) -> bool:
        """Notes a value that a read has returned. Returns whether it is possible.

        If it can come from one write only, later reads see this write or a later one.
        """
        sources = [write for write in self.candidates(since, until) if write.value == value]
        if len(sources) == 1:
            sources[0].acknowledge(until)
        return bool(sources)

    def is_settled(self, value: int) -> bool:
        """Returns whether the last write was acknowledged and has this value."""
        return self.writes[-1].certain and self.writes[-1].value == value

    def may_be_present(self, since: float, until: float) -> bool:
        return any(write.value > 0 for write in self.candidates(since, until))

    def may_be_absent(self, since: float, until: float) -> bool:
        return any(write.value <= 0 for write in self.candidates(since, until))
