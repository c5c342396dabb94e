"""Metrics of the connections to the database and to Redis."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from adapters.database import Database, PoolState
from gateway.metrics.families import Family, Histogram, MetricCollector, counters, gauges, histograms
from services.resources import Resources


class PoolMetrics(MetricCollector):
    """Collects the state of the pool of connections to the database. SQLite has none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Family]:
        pool = self._database.pool_state()
        pools: list[PoolState] = [] if pool is None else [pool]
        text = "Maximum of connections to the database."
        yield gauges("bff_pool_size", text, [], [([], pool.size) for pool in pools])
        text = "Connections to the database that are in use."
        yield gauges("bff_pool_in_use", text, [], [([], pool.in_use) for pool in pools])
        text = "Callers that wait for a connection to the database."
        yield gauges("bff_pool_waiting", text, [], [([], pool.waiting) for pool in pools])
        text = "Time that callers waited for a connection to the database, if none was free."
        waits: list[Histogram] = [([], pool.waits.histogram(), pool.waits.seconds) for pool in pools]
        yield histograms("bff_pool_wait_seconds", text, [], waits)


class RedisMetrics(MetricCollector):
    """Collects failures of calls of Redis, and whether it answers, by the engine that makes them."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def collect(self) -> Iterator[Family]:
        text = "Calls that Redis did not answer in time, or with an error."
        engines = {name: parts for name, parts in self._engines() if parts}
        failures = (([name], sum(part.failures for part in parts)) for name, parts in engines.items())
        yield counters("bff_redis_failures", text, ["engine"], failures)
        text = "1 if calls reach Redis. If it is 0, the circuit breaker is open and calls fail at once."
        states = (([name], int(all(part.is_available for part in parts))) for name, parts in engines.items())
        yield gauges("bff_redis_available", text, ["engine"], states)

    def _engines(self) -> Iterator[tuple[str, list["_OnServer"]]]:
        resources = self._resources
        engines = {
            "limits": (resources.rate_limiter, resources.buckets),
            "cache": (resources.cache,),
            "responses": (resources.responses,),
        }
        for name, parts in engines.items():
            yield name, [part for part in parts if isinstance(part, _OnServer)]


@runtime_checkable
class _OnServer(Protocol):
    """An engine on a server. Engines in memory do not fail."""

    @property
    def failures(self) -> int: ...
    @property
    def is_available(self) -> bool: ...
