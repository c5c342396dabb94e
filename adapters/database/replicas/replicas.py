"""All replicas of a process, and the loops that follow them."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from math import ceil
from typing import NoReturn

from adapters.database.dialect import Dialect
from adapters.database.engines import SERVER_SETTINGS
from adapters.database.postgres_url import HINT, SCHEMES, PostgresUrl, read_postgres_url, split_urls
from adapters.database.replicas.choice import Choice, Chosen, Route
from adapters.database.replicas.positions import PRIMARY_STATE, Mark
from adapters.database.replicas.probe import FAILURES, PROBE_SECONDS, Probe
from adapters.database.replicas.replica import Replica
from adapters.response_store import ResponseStore, StoreUnavailable
from core.errors import SettingsError
from core.settings.database import DatabaseSettings

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
"""The pause between two questions to a server."""

_VARIABLE = "BFF_DATABASE_REPLICA_URLS"


class Replicas:
    """Follows the primary and the replicas, and chooses a replica for each operation that may read one."""

    def __init__(self, primary: Probe, replicas: Sequence[Replica], store: ResponseStore, max_lag: float) -> None:
        self.all = replicas
        self._primary = primary
        self._store = store
        self._choice = Choice(replicas)
        self._max_lag = max_lag
        self._marks = deque[Mark](maxlen=ceil(max_lag / POLL_SECONDS) + 1)
        self._is_marking: bool | None = None

    @property
    def chosen(self) -> dict[Chosen, int]:
        """Returns the number of times that each kind of route was chosen."""
        return {chosen: self._choice.counts[chosen] for chosen in Chosen}

    async def choose(self, tags: Collection[str], number: int, *, is_announced: bool) -> Route | None:
        """Returns the route of an operation, or None if it has to read the primary.

        `tags` are those of what the viewer wrote. `is_announced` says that the process has read the stream of
        announcements since the request arrived; otherwise it reads it here.
        """
        if not is_announced:
            try:
                await self._read_announcements()
            except StoreUnavailable:
                self._choice.counts[Chosen.PRIMARY] += 1
                return None
        return self._choice.choose(self._store.tail, tags, number)

    async def watch(self) -> None:
        """Takes marks of the primary and polls the replicas until it is cancelled."""
        await self._take_mark()
        async with asyncio.TaskGroup() as group:
            group.create_task(_repeated(self._take_mark))
            for replica in self.all:
                group.create_task(_repeated(partial(replica.poll, self._marks)))

    async def look(self) -> None:
        """Polls the replicas until all can be used, or for the maximum lag and a second more."""
        await self._take_mark()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._max_lag + PROBE_SECONDS):
                while not all(replica.is_usable for replica in self.all):
                    await asyncio.gather(*(replica.poll(self._marks) for replica in self.all))
                    await asyncio.sleep(POLL_SECONDS)
                    await self._take_mark()

    async def _take_mark(self) -> None:
        """Takes a mark: first the position of the announcements, then that of the log, so that the log has them all."""
        taken_at = time.monotonic()
        try:
            await self._read_announcements()
            position = self._store.tail.position
            self._marks.append(Mark.of(position, taken_at, await self._primary.read()))
        except StoreUnavailable:
            self._note(is_marking=False, reason="the response store does not answer")
        except FAILURES as error:
            self._note(is_marking=False, reason=f"the primary does not answer ({type(error).__name__})")
        else:
            self._note(is_marking=True)

    async def _read_announcements(self) -> None:
        """Reads what was announced until now. Raises `StoreUnavailable`, also if announcements may not arrive."""
        if not self._store.is_available:
            raise StoreUnavailable("announcements may be missing")
        await self._store.refresh()

    def _note(self, *, is_marking: bool, reason: str = "") -> None:
        """Logs a change."""
        if self._is_marking is not is_marking and (reason or self._is_marking is not None):
            if is_marking:
                logger.info("the position of the primary is known again, and read replicas may be used")
            else:
                logger.warning("read replicas are not used soon: %s", reason)
        self._is_marking = is_marking

    async def close(self) -> None:
        """Closes all connections."""
        self._primary.close()
        for replica in self.all:
            replica.close()


async def _repeated(step: Callable[[], Awaitable[None]]) -> NoReturn:
    while True:
        await step()
        await asyncio.sleep(POLL_SECONDS)


def open_replicas(settings: DatabaseSettings, dialect: Dialect, store: ResponseStore | None) -> Replicas | None:
    """Returns the replicas of the settings, or None if they name none. `watch` connects to them.

    Raises `SettingsError` for a URL that cannot be one of a replica.
    """
    if not settings.database_replica_urls or store is None:
        return None
    if settings.database_url.partition(":")[0] not in SCHEMES:
        raise SettingsError(f"{_VARIABLE}: only PostgreSQL has replicas, and BFF_DATABASE_URL names another database")
    primary = read_postgres_url("BFF_DATABASE_URL", settings.database_url)
    urls = [_read_url(url) for url in split_urls(settings.database_replica_urls)]
    if len({url.address for url in urls}) < len(urls):
        raise SettingsError(f"{_VARIABLE}: a replica is named twice")
    limits = settings.database_pool, settings.database_deadline, settings.database_replica_max_lag
    replicas = [Replica(url, dialect, limits, SERVER_SETTINGS) for url in urls]
    return Replicas(Probe(primary, PRIMARY_STATE), replicas, store, settings.database_replica_max_lag)


def _read_url(url: str) -> PostgresUrl:
    if url.partition(":")[0] not in SCHEMES:
        raise SettingsError(f"{_VARIABLE}: not a URL of PostgreSQL; {HINT}")
    read = read_postgres_url(_VARIABLE, url)
    if len(read.target().addresses) > 1:
        raise SettingsError(f"{_VARIABLE}: a URL names several servers; name each of them by a URL of its own")
    return read
