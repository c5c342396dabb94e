"""Readers: they send the queries of apps, mostly for popular users and posts."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.response_cache.support.people import People, skewed
from tests.response_cache.support.reading import Reader, Session, Tally

_WEIGHTS = {
    "Home": 24,
    "Thread": 22,
    "Profile": 20,
    "Inbox": 8,
    "FeedPage": 6,
    "WalletScreen": 10,
    "PaymentScreen": 8,
    "Node": 6,
    "BlockedUsers": 4,
    "Devices": 4,
    "Nodes": 3,
    "DataExport": 1,
}
_PRIVATE = {"Home", "Inbox", "FeedPage", "BlockedUsers", "Devices", "DataExport", "WalletScreen", "PaymentScreen"}
_OTHERS, _ANONYMOUS = 0.3, 0.4
"""The shares of reads with the session of another user, and of other reads than private ones without a session."""

_OF_OTHERS = 0.1
"""The share of reads of payments that are chosen without regard to the reader."""

_NEWEST = 10
"""Payments are chosen among so many newest ones of a user."""

Variables = dict[str, Any]


class Readers:
    """Chooses queries. Equal queries follow each other often, as they do in apps that are opened again."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._variables: dict[str, Callable[[Random], Variables | None]] = {
            "Thread": self._thread,
            "Profile": lambda chance: {"handle": people.handle(chance)},
            "FeedPage": lambda _chance: {"first": 20},
            "Node": self._id,
            "Nodes": self._ids,
        }

    async def run(self, reader: Reader, own: Session, tally: Tally, reads: int) -> None:
        """Reads until all readers together have read so often."""
        while tally.reads < reads:
            await self.read_something(reader, own)
            tally.changed.set()

    async def read_something(self, reader: Reader, own: Session) -> None:
        chance = reader.random
        (name,) = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        session: Session | None = self._people.session(chance) if chance.random() < _OTHERS else own
        if name not in _PRIVATE and chance.random() < _ANONYMOUS:
            session = None
        if name == "PaymentScreen":
            variables = self._payment(chance, (session or own).handle)
        else:
            variables = self._variables[name](chance) if name in self._variables else {}
        if variables is not None:
            await reader.read(name, variables, session)

    def _thread(self, chance: Random) -> Variables | None:
        post = self._people.post(chance)
        return None if post is None else {"postId": post.id}

    def _payment(self, chance: Random, handle: str) -> Variables | None:
        """Returns the id of a payment of a user, the newest ones more often, and sometimes that of others."""
        if chance.random() < _OF_OTHERS:
            handle = self._people.session(chance).handle
        found = [payment for payment in self._people.history.payments.of(handle)[-_NEWEST:] if payment.id]
        return {"id": skewed(found[::-1], chance).id} if found else None

    def _id(self, chance: Random) -> Variables | None:
        found = self._any_id(chance)
        return None if found is None else {"id": found}

    def _ids(self, chance: Random) -> Variables | None:
        found = {self._any_id(chance) for _ in range(4)} - {None}
        return {"ids": sorted(str(one) for one in found)} if found else None

    def _any_id(self, chance: Random) -> str | None:
        """Returns the id of a user, a post or a comment."""
        kind = chance.choice([self._people.user, self._people.post, self._people.comment])
        found = kind(chance)
        return None if found is None else found.id
