"""Writers: each has an account of its own, and temporary accounts that it creates and deletes."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from tests.response_cache.support.accounts import AccountActs, sign_up
from tests.response_cache.support.acts import FeedActs
from tests.response_cache.support.inbox_acts import InboxActs
from tests.response_cache.support.payment_acts import PaymentActs
from tests.response_cache.support.people import People
from tests.response_cache.support.reading import Reader, Session, Tally
from tests.response_cache.support.writing import Mutations, Written

_READS_PER_WRITE = 8
"""Writers wait until there are so many reads for each mutation: apps read more often than they write."""

_READ_AFTER = 0.5
"""The share of mutations after which the writer reads its own screens."""

_OWN_SCREENS = ("Home", "Profile", "FeedPage", "BlockedUsers", "Devices", "WalletScreen", "Inbox")
_AS_GUEST = 0.2
"""The share of mutations that a temporary account sends."""

_LIFE = (3, 20)
"""The lowest and the highest number of mutations of a temporary account before it is deleted."""

_TRIES = 20
Act = Callable[[], Awaitable[None]]


class Acts:
    """The acts of one account. Those of the feed come first."""

    def __init__(self, session: Session, mutations: Mutations, people: People, chance: Random) -> None:
        self.feed = FeedActs(session, mutations, people, chance)
        self.account = AccountActs(session, mutations, people.history, chance)
        self.payments = PaymentActs(session, mutations, people, chance)
        self.inbox = InboxActs(session, mutations, people, chance)
        feed, account, payments, inbox = self.feed, self.account, self.payments, self.inbox
        self._of_feed: dict[Act, float] = {
            feed.publish: 14,
            feed.edit: 14,
            feed.delete_post: 4,
            feed.comment: 14,
            feed.delete_comment: 6,
            feed.like: 14,
            feed.follow: 9,
            feed.block: 4,
            feed.profile: 8,
        }
        self._all = self._of_feed | {
            account.log_in: 2,
            account.log_out: 0.7,
            account.revoke: 0.7,
            account.revoke_others: 0.4,
            account.change_password: 0.2,
            account.register_push: 2,
            account.refresh: 0.7,
            account.export: 0.2,
            payments.top_up: 7,
            payments.pay: 10,
            payments.refund: 5,
            payments.add_card: 2,
            payments.remove_card: 1,
            inbox.mark_seen: 6,
            inbox.mark_read: 5,
            inbox.mark_all_read: 2,
            inbox.archive: 4,
            inbox.prefer: 2,
        }

    @property
    def rare(self) -> list[Act]:
        """Acts in an order in which each has an effect."""
        account = self.account
        devices = [
            account.log_in,
            account.log_out,
            account.log_in,
            account.revoke,
            account.log_in,
            account.revoke_others,
        ]
        payments = self.payments
        money = [payments.add_card, payments.top_up, payments.pay, payments.refund, payments.remove_card]
        others = [account.change_password, account.refresh, account.export, account.register_push, self.inbox.prefer]
        return [*devices, *others, *money]

    def choose(self, chance: Random, *, of_feed: bool) -> Act:
        weights = self._of_feed if of_feed else self._all
        return chance.choices(list(weights), list(weights.values()))[0]


class Writer:
    """Sends one mutation at a time, chosen at random."""

    def __init__(self, session: Session, mutations: Mutations, people: People, reader: Reader) -> None:
        self._session = session
        self._mutations = mutations
        self._people = people
        self._reader = reader
        self._random: Random = reader.random
        self._acts = Acts(session, mutations, people, self._random)
        self._temporary = 0
        self._guest: Acts | None = None
        self._left = 0
        self._first: list[Act] = []

    def begin_with_rare(self) -> None:
        """Lets the writer begin with the acts that random choices make rarely, so that each campaign has them."""
        self._first = self._acts.rare[::-1]

    async def prepare(self, follows: int, posts: int) -> None:
        """Writes what readers find at first. Authors of posts get a wallet, too."""
        for _ in range(posts):
            await self._acts.feed.publish()
        if posts:
            await self._acts.payments.open_wallet()
        for _ in range(follows):
            await self._acts.feed.follow()

    async def run(self, tally: Tally, written: Written, reads: int) -> None:
        """Writes until the readers have read so often."""
        while tally.reads < reads:
            if written.begun * _READS_PER_WRITE > tally.reads:
                tally.changed.clear()
                await tally.changed.wait()
                continue
            await self.write_something()
            if self._random.random() < _READ_AFTER:
                await self._read_own()

    async def write_something(self) -> None:
        if self._first:
            await self._first.pop()()
        elif self._random.random() < _AS_GUEST:
            await self._write_as_guest()
        else:
            await self._acts.choose(self._random, of_feed=False)()

    async def _write_as_guest(self) -> None:
        """Writes as a temporary account: signs it up first, and deletes it at last."""
        if self._guest is None:
            self._temporary += 1
            handle = f"t{self._session.handle}_{self._temporary}"
            session = await sign_up(self._people.history, self._mutations, handle)
            if session is not None:
                self._guest = Acts(session, self._mutations, self._people, self._random)
                self._people.temporary.append(handle)
                self._left = self._random.randint(*_LIFE)
            return
        guest, self._left = self._guest, self._left - 1
        if self._left <= 0:
            self._guest = None
            await guest.account.delete()
        else:
            await guest.choose(self._random, of_feed=True)()

    async def _read_own(self) -> None:
        name = self._random.choice(_OWN_SCREENS)
        variables: dict[str, Any] = {"handle": self._session.handle} if name == "Profile" else {}
        await self._reader.read(name, {"first": 20} if name == "FeedPage" else variables, self._session)


async def sign_up_until(people: People, mutations: Mutations, handle: str) -> Session:
    """Returns the session of a new account, with another handle each time there was no response."""
    for number in range(_TRIES):
        session = await sign_up(people.history, mutations, f"{handle}{chr(97 + number)}")
        if session is not None:
            return session
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{handle} could not be signed up")
