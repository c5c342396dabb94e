"""Writers whose transactions overlap, come late, or are undone."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from random import Random

from events import PostPublished
from models.feed import FeedEntryModel, PostModel
from services.event_log import topics
from services.event_log.counts import CountChange, change_counts
from services.resources import Resources

AUTHORS = 100
"""The number of authors, whose ids begin at 1. The reader of author n has the id n + `READERS`."""

READERS = 1000
_UNDONE = 0.1
_LATE = 0.01


class _UndoneError(Exception):
    """Raised to roll back a transaction."""


@dataclass
class Written:
    """Holds the committed posts by author, and the numbers of rolled back and late transactions."""

    posts: dict[int, set[int]] = field(default_factory=lambda: {author: set() for author in range(1, AUTHORS + 1)})
    undone: int = 0
    late: int = 0

    @property
    def committed(self) -> int:
        return sum(map(len, self.posts.values()))


class Writers:
    """Publish posts until they are stopped, each in a transaction that stays open for up to `longest` seconds."""

    def __init__(self, resources: Resources, seed: int, longest: float) -> None:
        self.written = Written()
        self._resources = resources
        self._random = Random(seed)  # noqa: S311 - not for secrets
        self._longest = longest
        self._numbers = count(1)
        self._stopped = False

    def stop(self) -> None:
        """Lets what is under way end."""
        self._stopped = True

    async def prepare(self) -> None:
        for author in range(1, AUTHORS + 1):
            await self._resources.database.fetch(
                "INSERT INTO follows (owner_id, followee_id, id, created_at) VALUES ($1, $2, $3, $4)",
                author + READERS,
                author,
                author,
                self._resources.clock(),
            )

    async def write(self, writers: int) -> None:
        await asyncio.gather(*[self._write_on() for _ in range(writers)])

    async def _write_on(self) -> None:
        while not self._stopped:
            number = next(self._numbers)
            author = self._random.randint(1, AUTHORS)
            late, undone = self._random.random() < _LATE, self._random.random() < _UNDONE
            pause = self._longest if late else self._random.random() * self._longest / 50
            with suppress(_UndoneError):
                await self._publish(author, number, pause, undone=undone)
                self.written.posts[author].add(number)
            self.written.undone += undone
            self.written.late += late and not undone

    async def _publish(self, author: int, number: int, pause: float, *, undone: bool) -> None:
        resources = self._resources
        async with resources.database.transaction() as transaction:
            client, now = transaction.client, resources.clock()
            await resources.log.append(transaction, [PostPublished(actor_id=author, post_id=number)])
            await asyncio.sleep(pause)
            await PostModel.create(using_db=client, author_id=author, id=number, body="Hello", created_at=now)
            await FeedEntryModel.create(using_db=client, owner_id=author, post_id=number, author_id=author)
            await change_counts(transaction, resources.ids, [CountChange(author, author, "posts", 1)])
            if undone:
                raise _UndoneError
        resources.bus.wake(topics.EVENT_LOG)
