"""The scale of a campaign."""

from typing import NamedTuple


class Scale(NamedTuple):
    """The number of users and of kills, the random seed, and the deadlines of the workers in seconds.

    Each user has a phone. Half of them have a second one, and the other half wants mails, so there are two messages
    for each user.
    """

    people: int
    kills: int
    seed: int
    work_deadline: float = 5.0
    call_deadline: float = 3.0
    workers: int = 2

    @property
    def lease(self) -> float:
        """Seconds after which the jobs of a killed worker run again."""
        return 3 * self.work_deadline
