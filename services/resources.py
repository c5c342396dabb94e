"""The resources of one process: settings, clock, database, bus, queue, limits and keys.

They are opened once and passed on.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, TypeVar

import models
from adapters.buckets import Buckets, open_buckets
from adapters.bus import Bus, open_bus
from adapters.cache import KeyValueCache, open_cache
from adapters.cdn import Purges, open_cdn
from adapters.database import Database, IsolatedDatabase, isolated_databases, open_database
from adapters.database.replicas import Replicas, ReplicatedDatabase, open_replicas
from adapters.mail import Mail, open_mail
from adapters.payments import GuardedProvider, PaymentProvider, open_payment_provider
from adapters.push import Push, open_push
from adapters.queue import Queue, open_queue
from adapters.rate_limits import RateLimiter, open_rate_limiter
from adapters.response_store import ResponseStore, open_response_store
from adapters.traces import open_tracer
from core.background import Background
from core.clock import Clock, CorrectedClock, system_clock
from core.features import REPLICATED, Feature
from core.ids import Ids
from core.keys import KeyRing
from core.paging import Cursors
from core.settings import Settings
from core.tracing import Tracer
from core.work_statistics import WorkStatistics
from services.audit.seals import Seals
from services.database_time import correct, keep_correct
from services.documents.trusted_documents import TrustedDocuments
from services.event_log.log import EventLog
from services.live import StreamHub
from services.security.access_tokens import AccessTokens
from services.security.passwords import Passwords
from services.security.refresh_tokens import RefreshTokens
from services.security.revocations import Revocations
from services.security.unsubscribe_tokens import UnsubscribeTokens
from services.security.vault import Vault
from services.usage.counts import UsageCounts

EngineT = TypeVar(
    "EngineT",
    Database,
    Bus,
    Queue,
    RateLimiter,
    Buckets,
    KeyValueCache,
    ResponseStore,
    Replicas,
    Purges,
    GuardedProvider,
    Push,
    Tracer,
)


@dataclass(frozen=True, slots=True)
class Resources:
    """The objects that all requests of a process share."""

    settings: Settings
    clock: Clock
    timestamp: Callable[[], float]
    """Returns the seconds since 1970 by the same clock, in less time."""
    background: Background
    work: WorkStatistics
    database: Database
    """The database of jobs, the relay and background tasks. In `of_feature`, it is that of the feature."""
    features: Mapping[Feature, IsolatedDatabase]
    """The database of requests, by feature."""
    replicas: Replicas | None
    """The replicas that reads of queries may be sent to. They are used while a process follows them."""
    bus: Bus
    streams: StreamHub
    queue: Queue
    rate_limiter: RateLimiter
    buckets: Buckets | None
    """The quotas of callers. None if rates are not limited."""
    cache: KeyValueCache
    responses: ResponseStore | None
    purges: Purges | None
    payments: PaymentProvider
    push: Push
    mail: Mail | None
    tracer: Tracer | None
    documents: TrustedDocuments
    usage: UsageCounts
    ids: Ids
    log: EventLog
    cursors: Cursors
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    unsubscribe_tokens: UnsubscribeTokens
    revocations: Revocations
    passwords: Passwords
    keys: KeyRing
    process_id: int
    vault: Vault
    seals: Seals

    def of_feature(self, feature: Feature) -> "Resources":
        """Returns the resources of a mutation: `database` is that of its feature."""
        return replace(self, database=self.features[feature])


@asynccontextmanager
async def open_resources(settings: Settings, clock: Clock = system_clock) -> AsyncGenerator[Resources]:
    """Opens everything that the settings name, and closes it at the end. The clock follows the database's.

    Raises `SettingsError` when a server cannot be reached.
    """
    lifetime = timedelta(seconds=settings.access_token_seconds)
    shared, background = CorrectedClock(clock), Background()
    keys, ids, revocations = KeyRing(settings.secret_keys, settings.retired_keys), Ids(shared), Revocations(lifetime)
    async with AsyncExitStack() as opened:
        engines = await _open_engines(opened, settings, background, shared)
        await opened.enter_async_context(_corrected(shared, engines.database, background))
        opened.callback((passwords := Passwords(settings.password_threads)).close)
        yield Resources(
            **engines._asdict(),
            settings=settings,
            clock=shared,
            timestamp=shared.timestamp,
            background=background,
            work=WorkStatistics(),
            features=isolated_databases(
                engines.database, settings.deadlines, settings.feature_share, _kinds(engines.replicas)
            ),
            streams=StreamHub(engines.database, engines.bus, background, shared, cursors := Cursors(keys)),
            documents=TrustedDocuments(),
            usage=UsageCounts(),
            ids=ids,
            log=EventLog(shared, ids),
            cursors=cursors,
            access_tokens=AccessTokens(keys, shared, lifetime, revocations),
            refresh_tokens=RefreshTokens(keys),
            unsubscribe_tokens=UnsubscribeTokens(keys),
            revocations=revocations,
            passwords=passwords,
            keys=keys,
            process_id=ids.next(),
            vault=Vault(keys),
            seals=Seals(keys),
        )


def _kinds(replicas: Replicas | None) -> dict[Feature, type[IsolatedDatabase]]:
    return {} if replicas is None else dict.fromkeys(REPLICATED, ReplicatedDatabase)


class _Engines(NamedTuple):
    """The connections to external servers, or the engines in this process that replace them, as in `Resources`."""

    database: Database
    replicas: Replicas | None
    bus: Bus
    queue: Queue
    rate_limiter: RateLimiter
    buckets: Buckets | None
    cache: KeyValueCache
    responses: ResponseStore | None
    purges: Purges | None
    payments: PaymentProvider
    push: Push
    mail: Mail | None
    tracer: Tracer | None


async def _open_engines(opened: AsyncExitStack, settings: Settings, background: Background, clock: Clock) -> _Engines:
    """Opens the engines that the settings name. They are closed with the stack, the database last."""
    tracer = open_tracer(settings)
    rate_limiter = _closed_by(opened, open_rate_limiter(settings))  # checks the URL of the buckets, too
    responses = open_response_store(settings.cache_url, settings.cache_name)
    buckets = open_buckets(settings, responses, background) if settings.limits_rates else None
    cdn = open_cdn(settings.cdn_url, settings.cdn_token)
    database = _closed_by(opened, await open_database(settings, models.MODULES))
    replicas = open_replicas(settings, database.dialect, responses)
    return _Engines(
        tracer=None if tracer is None else _closed_by(opened, tracer),
        database=database,
        replicas=None if replicas is None else _closed_by(opened, replicas),
        bus=_closed_by(opened, open_bus(settings, background)),
        queue=_closed_by(opened, open_queue(settings)),
        rate_limiter=rate_limiter,
        buckets=None if buckets is None else _closed_by(opened, buckets),
        cache=_closed_by(opened, open_cache(settings)),
        responses=None if responses is None else _closed_by(opened, responses),
        purges=None if cdn is None else _closed_by(opened, Purges(cdn, background, tracer=tracer)),
        payments=_closed_by(opened, open_payment_provider(settings)),
        push=_closed_by(opened, open_push(settings, clock)),
        mail=open_mail(settings, clock),
    )


@asynccontextmanager
async def _corrected(clock: CorrectedClock, database: Database, background: Background) -> AsyncGenerator[None]:
    """Keeps the clock at the database's time until the block ends."""
    await correct(clock, database)
    task = asyncio.create_task(keep_correct(clock, database, background))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _closed_by(opened: AsyncExitStack, engine: EngineT) -> EngineT:
    """Returns the engine, which is closed with the stack."""
    opened.push_async_callback(engine.close)
    return engine
