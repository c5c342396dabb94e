"""Random histories of an inbox: relays add notifications while the owner marks and archives them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from core.clock import Clock
from core.errors import ProblemError
from core.global_ids import global_id
from core.ids import Ids
from core.viewer import SignedIn
from events import PaymentFailed
from services import notifications
from services.event_log.log import LogPosition
from services.relay.projections.inboxes import project_inboxes
from services.relay.projections.recorded_event import RecordedEvent
from services.resources import Resources
from services.unit_of_work import in_unit_of_work
from tests.notifications.support.inbox import wrong_counts

RELAYS = 3
STEPS = 4
MARKS = (notifications.mark_seen, notifications.mark_all_read)
ACTS = (*MARKS, notifications.mark_read, notifications.archive)
_NEWEST = "SELECT id FROM notifications WHERE owner_id = $1 AND archived_at IS NULL ORDER BY id DESC LIMIT 20"
_UP_TO = "SELECT id FROM notifications WHERE owner_id = $1 AND id <= $2"


def clock_behind(clock: Clock, seconds: float) -> Clock:
    def read() -> datetime:
        return clock() - timedelta(seconds=seconds)

    return read


class InboxHistory:
    """Runs one history in the inbox of one user, and collects what is wrong."""

    def __init__(self, resources: Resources, viewer: SignedIn, chance: Random) -> None:
        self._resources = resources
        self._viewer = viewer
        self._chance = chance
        self._relays = [Ids(clock_behind(resources.clock, chance.choice([0, 0, 5]))) for _ in range(RELAYS)]
        self._position = 0
        self._marked: dict[int, set[int]] = {}
        """The notifications up to each mark, as they were after it."""
        self.wrong: list[object] = []

    async def run(self) -> None:
        await self._relay(self._relays[0])
        for _ in range(STEPS):
            relays = [self._relay(ids) for ids in self._relays]
            acts = [self._act() for _ in range(self._chance.randint(1, 4))]
            together = [*relays, *acts, *(self._watch() for _ in range(2))]
            self._chance.shuffle(together)
            await asyncio.gather(*together)
            await self._watch()
        for up_to, found in self._marked.items():
            self.wrong += [("came later", up_to, late) for late in await self._ids_up_to(up_to) - found]

    async def _watch(self) -> None:
        """Compares all counts with a recount in one snapshot, while transactions run."""
        await self._pause()
        self.wrong += await wrong_counts(self._resources)

    async def _relay(self, ids: Ids) -> None:
        """Projects some failed payments as a relay does, in one transaction that takes a while."""
        owner_id, now = self._viewer.user_id, self._resources.clock()
        events: list[RecordedEvent[PaymentFailed]] = []
        for _ in range(self._chance.randint(1, 4)):
            self._position += 1
            payment_id = self._resources.ids.next()
            event = PaymentFailed(actor_id=owner_id, payment_owner_id=owner_id, payment_id=payment_id, party_id=0)
            events.append(RecordedEvent(event, LogPosition(self._position, self._position), now))
        await self._pause()
        async with self._resources.database.transaction() as transaction:
            await project_inboxes(transaction, events, ids, now)  # type: ignore[arg-type] - events of one type
            await self._pause()

    async def _act(self) -> None:
        await self._pause()
        rows = await self._resources.database.fetch(_NEWEST, self._viewer.user_id)
        row_id = self._chance.choice(rows)["id"] if rows else 1
        act, named = self._chance.choice(ACTS), global_id("Notification", self._viewer.user_id, row_id)
        try:
            await in_unit_of_work(
                self._resources, lambda work: act(self._viewer, work, self._resources, named), self._viewer
            )
        except ProblemError:
            return  # the notification was archived meanwhile
        if act in MARKS:
            self._marked.setdefault(row_id, await self._ids_up_to(row_id))

    async def _ids_up_to(self, up_to: int) -> set[int]:
        return {row["id"] for row in await self._resources.database.fetch(_UP_TO, self._viewer.user_id, up_to)}

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.choice([0, 0, 0.001, 0.005]))


async def run_histories(resources: Resources, user_ids: Sequence[int], seed: int, number: int) -> list[object]:
    """Runs histories one after another, in the inboxes of these users in turn. Returns what is wrong."""
    wrong: list[object] = []
    for count in range(number):
        chance = Random(f"{seed} {count}")  # noqa: S311 - not for secrets
        history = InboxHistory(resources, SignedIn(user_ids[count % len(user_ids)], 1), chance)
        await history.run()
        wrong += [(seed, count, each) for each in history.wrong]
    return wrong
