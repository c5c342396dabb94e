"""Records what the providers have taken, and decides how each of them fails."""

import re
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import NamedTuple

LINK = "com.example.app://worker-"
"""The beginning of the links in messages. The number of the worker and the id of the notification follow."""

ANSWERED_LATELY = 1.0
"""Seconds after an answer in which the client may not have read it when its connection is cut."""

_LINK = re.compile(rf"{LINK}(\d+)/([A-Za-z0-9_=-]+)")


class Behaviour(StrEnum):
    """The behaviour of a provider for one request. A provider that is cut or silent has taken the message or not."""

    ANSWERS = "answered"
    TOO_MANY = "status 429 with Retry-After"
    UNAVAILABLE = "status 503"
    SILENT_BEFORE = "no answer, not taken"
    SILENT_AFTER = "no answer, taken"
    CUT_BEFORE = "connection cut, not taken"
    CUT_AFTER = "connection cut, taken"


SHARES = {
    Behaviour.TOO_MANY: 0.02,
    Behaviour.UNAVAILABLE: 0.02,
    Behaviour.SILENT_BEFORE: 0.005,
    Behaviour.SILENT_AFTER: 0.005,
    Behaviour.CUT_BEFORE: 0.01,
    Behaviour.CUT_AFTER: 0.01,
}
"""The shares of requests for which a provider fails."""

NOT_TAKEN = {Behaviour.TOO_MANY, Behaviour.UNAVAILABLE, Behaviour.SILENT_BEFORE, Behaviour.CUT_BEFORE}


class Key(NamedTuple):
    """A message as a provider sees it: the token or the mail address, and the id of the notification."""

    address: str
    notification_id: str


@dataclass
class Taken:
    """A message that a provider has taken, or whose token it has called dead.

    `at`, `answered_at` and `lost_at` are Unix times. `lost_at` is the time from which the answer cannot arrive.
    """

    key: Key
    channel: str
    worker: int
    connection: object
    is_dead: bool
    at: float
    answered_at: float | None = None
    lost_at: float | None = None


class Book:
    """Holds everything that the providers of a campaign did."""

    def __init__(self, seed: int, dead: Collection[str]) -> None:
        self._chance = Random(seed)  # noqa: S311 - not for secrets
        self._dead = dead
        self.taken: list[Taken] = []
        self.behaviours = Counter[tuple[str, Behaviour]]()

    def behaviour(self, channel: str, possible: Collection[Behaviour] = tuple(SHARES)) -> Behaviour:
        """Returns the behaviour for the next request of a channel."""
        drawn, chosen = self._chance.random(), Behaviour.ANSWERS
        for behaviour, share in SHARES.items():
            drawn -= share
            if drawn < 0:
                chosen = behaviour if behaviour in possible else Behaviour.ANSWERS
                break
        self.behaviours[channel, chosen] += 1
        return chosen

    def seconds(self) -> float:
        """Returns the seconds between taking a message and answering."""
        return self._chance.uniform(0, 0.05)

    def take(self, channel: str, address: str, text: str, connection: object) -> Taken:
        """Records a message, whose text contains its link."""
        found = _LINK.search(text)
        assert found, text
        key = Key(address, found[2])
        taken = Taken(key, channel, int(found[1]), connection, address in self._dead, time.time())
        self.taken.append(taken)
        return taken

    def lose(self, connection: object) -> None:
        """Records that a connection is cut: answers that the client may not have read are lost."""
        now = time.time()
        for taken in self.taken:
            may_be_unread = taken.answered_at is None or taken.answered_at > now - ANSWERED_LATELY
            if taken.connection is connection and taken.lost_at is None and may_be_unread:
                taken.lost_at = now
