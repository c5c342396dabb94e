"""The scale of a campaign."""

from typing import NamedTuple


class Scale(NamedTuple):
    """The number of reads, of writers, of readers, and of kills, and the random seed."""

    reads: int
    writers: int
    readers: int
    kills: int
    seed: int

    @property
    def follows(self) -> int:
        """Follows that each user tries to begin at first. Some of them choose the same author twice."""
        return max(6, (self.writers + self.readers) // 6)

    @property
    def push_followers(self) -> int:
        """The setting above which an author is popular."""
        return (self.writers + self.readers) // 3
