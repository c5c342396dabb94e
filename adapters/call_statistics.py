"""Counts the outcomes of calls of a server, and how long they take."""

from core.durations import OutcomeDurations

BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of durations, in seconds."""


class CallStatistics(OutcomeDurations):
    """Holds the statistics of this process, without anything of a message."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(BOUNDS)

    @property
    def calls(self) -> int:
        """The number of calls that were made."""
        return self.number
