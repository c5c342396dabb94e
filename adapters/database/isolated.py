"""The database as one feature uses it: with a deadline, a bulkhead and a circuit breaker of its own."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient

from adapters.breaker import FIRST_PAUSE_SECONDS
from adapters.database.base import Database, Queries
from adapters.database.bulkhead import TRANSACTIONS, Bulkhead
from core.deadlines import request_ends_at
from core.durations import Durations
from core.errors import Unavailable

FeatureT = TypeVar("FeatureT", bound=str)

STATEMENT_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0)
"""Upper bounds of the buckets of durations, in seconds."""

_NO_LIMIT = 1_000_000
_READ = "SELECT"
"""The beginning of statements that may run without a request. Others may write."""
_NO_ANSWER = "the database has not answered lately"


class IsolatedDatabase(Database):
    """The same connections, of which the feature uses at most as many as its bulkhead has places.

    A statement ends with the deadline of the feature or with that of the request. Statements of a transaction have the
    deadline of the database, since they may wait for locks; the transaction takes one place. After failures in a row,
    a statement fails at once, and so do transactions. One trial per second finds out whether the database answers: of
    statements that read it runs in the background, so that no request waits for it.
    """

    def __init__(self, database: Database, feature: str, deadline: float, places: int) -> None:
        super().__init__(database.context, database.dialect, database.deadline, database.max_connections)
        self.feature = feature
        self.bulkhead = Bulkhead(places, f"feature {feature}")
        self._database = database
        self._read_deadline = min(deadline, database.deadline)
        self.durations = Durations(STATEMENT_BOUNDS)
        """Durations of statements outside of transactions, with the wait for a connection."""
        self._trials = set[asyncio.Task[None]]()

    @property
    def undivided(self) -> Database:
        return self._database

    async def _fetch(self, statement: str, values: list[Any]) -> list[Any]:
        bulkhead, deadline, is_hurried = self.bulkhead, self._read_deadline, False
        ends_at = request_ends_at.get()
        if ends_at is not None and (remaining := ends_at - time.monotonic()) < deadline:
            deadline, is_hurried = remaining, True
        if bulkhead.failing or deadline <= 0 or not bulkhead.begin(statement):
            if deadline > 0 and statement.startswith(_READ) and bulkhead.is_open(statement):
                raise self._tried_later(statement, values)
            deadline = await self._enter(statement, deadline, is_hurried=is_hurried)
        begun = time.monotonic()
        try:
            rows = await self._run(statement, values, deadline)
        except Exception as error:
            if is_hurried and isinstance(error, TimeoutError):
                raise self._too_late() from error
            if self._is_unavailable(error):
                bulkhead.record_failure(statement)
            elif bulkhead.failing:
                bulkhead.record_success(statement)
            super()._raise_translated(error)
            raise
        finally:
            bulkhead.leave(statement)
            self.durations.add(time.monotonic() - begun)
        if bulkhead.failing:
            bulkhead.record_success(statement)
        return rows

    def _tried_later(self, statement: str, values: list[Any]) -> Unavailable:
        """Returns the error of a statement whose breaker is open. If a trial is due, it runs without the request."""
        if self.bulkhead.permits(statement) and self.bulkhead.begin(statement):
            trial = asyncio.create_task(self._try(statement, values))
            self._trials.add(trial)
            trial.add_done_callback(self._trials.discard)
        return self._breaker_open()

    async def _try(self, statement: str, values: list[Any]) -> None:
        """Finds out whether the database answers a statement again. An error of the statement is an answer, too."""
        try:
            await self.dialect.fetch(self.client, statement, values, self._read_deadline)
        except Exception as error:  # noqa: BLE001 - the next request raises it
            if self._is_unavailable(error):
                self.bulkhead.record_failure(statement)
                return
        finally:
            self.bulkhead.leave(statement)
        self.bulkhead.record_success(statement)

    async def _enter(self, statement: str, seconds: float, *, is_hurried: bool) -> float:
        """Takes a place and returns the remaining seconds. Raises `Unavailable` if the breaker is open or none is free.

        If a request `is_hurried`, its own deadline is shorter than that of the feature, and no failure is counted.
        """
        bulkhead, begun = self.bulkhead, time.monotonic()
        if seconds <= 0:
            raise self._too_late()
        if not bulkhead.permits(statement):
            raise self._breaker_open()
        try:
            await bulkhead.wait(statement, seconds)
        except TimeoutError as error:
            if bulkhead.is_open(statement):
                raise self._breaker_open() from error
            if is_hurried:
                raise self._too_late() from error
            bulkhead.record_failure(statement)
            raise self._rejected("too many of its statements are running") from error
        return seconds - (time.monotonic() - begun)

    def _breaker_open(self) -> Unavailable:
        error = self._rejected(_NO_ANSWER, FIRST_PAUSE_SECONDS)
        error.is_breaker_open = True
        return error

    def _rejected(self, reason: str, retry_after: float | None = None) -> Unavailable:
        self.bulkhead.rejected += 1
        return self.unavailable(reason, retry_after)

    def _too_late(self) -> Unavailable:
        return self.unavailable("the time of the request is over")

    def too_slow(self, *, is_begun: bool) -> Unavailable:
        """Returns the error of a unit of work that took too long.

        It is a failure of a transaction that had begun, unless the request has ended.
        """
        ends_at = request_ends_at.get()
        if ends_at is not None and ends_at <= time.monotonic():
            return self._too_late()
        if is_begun:
            self.bulkhead.record_failure(TRANSACTIONS)
        return super().too_slow(is_begun=is_begun)

    def _raise_translated(self, error: Exception) -> None:
        if self._is_unavailable(error):
            self.bulkhead.record_failure(TRANSACTIONS)
        super()._raise_translated(error)

    def _queries(self, client: BaseDBAsyncClient) -> Queries:
        return _TransactionQueries(client, self)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Queries]:
        """Opens a transaction as `Database.transaction` does. It takes one place until it ends."""
        seconds, ends_at = self._read_deadline, request_ends_at.get()
        remaining = seconds if ends_at is None else ends_at - time.monotonic()
        await self._enter(TRANSACTIONS, min(seconds, remaining), is_hurried=remaining < seconds)
        try:
            async with super().transaction() as queries:
                yield queries
        except Exception as error:
            if not isinstance(error, Unavailable) and not self._is_unavailable(error):
                self.bulkhead.record_success(TRANSACTIONS)  # the database answered
            raise
        finally:
            self.bulkhead.leave(TRANSACTIONS)
        self.bulkhead.record_success(TRANSACTIONS)


class _TransactionQueries(Queries):
    """Runs the statements of a transaction of a feature, and counts their failures."""

    def __init__(self, client: BaseDBAsyncClient, database: IsolatedDatabase) -> None:
        super().__init__(client, database.dialect, database.deadline, database.feature)
        self._bulkhead = database.bulkhead

    def _raise_translated(self, error: Exception) -> None:
        if self._is_unavailable(error):
            self._bulkhead.record_failure(TRANSACTIONS)
        super()._raise_translated(error)


def isolated_databases(
    database: Database,
    deadlines: Mapping[FeatureT, float],
    share: float,
    kinds: Mapping[FeatureT, type[IsolatedDatabase]] = MappingProxyType({}),
) -> dict[FeatureT, IsolatedDatabase]:
    """Returns the database of each feature. `share` is the maximum share of the connections that one of them uses.

    `kinds` are the classes of features that have another one than `IsolatedDatabase`.

    An engine with a single connection runs statements one after the other, so there the features share it.
    """
    connections = database.max_connections
    places = max(1, round(connections * share)) if connections > 1 else _NO_LIMIT
    return {
        feature: kinds.get(feature, IsolatedDatabase)(database, feature, deadline, places)
        for feature, deadline in deadlines.items()
    }
