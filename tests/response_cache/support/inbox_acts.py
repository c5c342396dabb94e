"""The acts of one account on its inbox: marks, archiving, and the preferences of notifications."""

from random import Random
from typing import Any

from core.global_ids import global_id
from tests.response_cache.support.history import Told, User
from tests.response_cache.support.people import People, skewed
from tests.response_cache.support.reading import Session
from tests.response_cache.support.registers import GONE
from tests.response_cache.support.writing import Effect, Mutations

_LAST = 10
"""Notifications are chosen among so many newest ones."""


class InboxActs:
    """Writes the inbox of one account. Each act is a mutation at most; an empty inbox has none."""

    def __init__(self, session: Session, mutations: Mutations, people: People, chance: Random) -> None:
        self._session = session
        self._mutations = mutations
        self._people = people
        self._random = chance

    @property
    def me(self) -> User:
        return self._people.history.users[self._session.handle]

    async def mark_seen(self) -> None:
        await self._mark("MarkNotificationsSeen", ("seen",))

    async def mark_all_read(self) -> None:
        await self._mark("MarkAllNotificationsRead", ("seen", "read"))

    async def _mark(self, name: str, acts: tuple[str, ...]) -> None:
        row_id = self._choose()
        if row_id is None:
            return
        marked = [told for each in self.me.inbox if each <= row_id and (told := self.me.told(each)) is not None]
        effects = [
            Effect(register, 1) for told in marked for act in acts if not (register := getattr(told, act)).is_settled(1)
        ]
        self.me.marked_up_to = max(self.me.marked_up_to, row_id)
        await self._send(name, {"upTo": self._id(row_id)}, *effects)

    async def mark_read(self) -> None:
        row_id, told = self._choose_told()
        if told is not None:
            effects = Effect(told.seen, 1), Effect(told.read, 1)
            await self._send("MarkNotificationRead", {"notificationId": self._id(row_id)}, *effects)

    async def archive(self) -> None:
        row_id, told = self._choose_told()
        if told is not None:
            sent = {"notificationId": self._id(row_id)}
            await self._send("ArchiveNotification", sent, Effect(told.listed, GONE))

    async def prefer(self) -> None:
        """Chooses whether likes are sent by push."""
        push = self._random.random() < 1 / 2
        channel = {"kind": "LIKE", "inApp": True, "push": push, "email": False}
        effect = Effect(self.me.push_of_likes, int(push))
        await self._send("UpdateNotificationPreferences", {"channels": [channel]}, effect)

    def _choose(self) -> int | None:
        """Returns a notification that may be in the inbox, the newest ones more often."""
        found = [row_id for row_id in self.me.inbox[-_LAST:] if self.me.may_be_listed(row_id)]
        return skewed(found[::-1], self._random) if found else None

    def _choose_told(self) -> tuple[int, Told | None]:
        row_id = self._choose()
        return (0, None) if row_id is None else (row_id, self.me.told(row_id))

    def _id(self, row_id: int) -> str:
        return global_id("Notification", self.me.row_id, row_id)

    async def _send(self, name: str, sent: dict[str, Any], *effects: Effect) -> None:
        await self._mutations.send(name, sent, self._session, effects)
