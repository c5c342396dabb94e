"""Answers `/metrics` of server processes."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import Response

from core.process_slots import ProcessSlot
from gateway.metrics.collectors import ServerParts, server_collectors
from gateway.metrics.database import measure_database
from gateway.metrics.exposition import (
    PROCESS,
    WrittenFamilies,
    join_families,
    page_of,
    write_collectors,
    write_families,
)
from gateway.metrics.families import Family, MetricCollector, gauge
from gateway.metrics.runtime import RuntimeMetrics
from gateway.metrics.siblings import SiblingPages, answering, ask_siblings
from services.resources import Resources

_HASH_DIGITS = 12


class ServerMetrics:
    """Measures at each request, in all processes of the parent. Also responds without the database.

    `slot` is that of this process; it is None if there is one process. Then no metric has the label `process`.
    """

    def __init__(self, parts: ServerParts, slot: ProcessSlot | None) -> None:
        self._parts = parts
        self._slot = slot
        self._labels = {} if slot is None else {PROCESS: str(slot.number)}
        self._runtime = RuntimeMetrics(hashlib.sha256(parts.sdl.encode()).hexdigest()[:_HASH_DIGITS])
        self._collectors: Sequence[MetricCollector] = ()

    @asynccontextmanager
    async def collecting(self, resources: Resources) -> AsyncGenerator[None]:
        """Collects until the block ends, and answers other processes."""
        self._collectors = [*server_collectors(self._parts, resources), self._runtime]
        async with self._runtime.measuring():
            if self._slot is None:
                yield
            else:
                async with answering(self._slot, self._write_own):
                    yield

    async def answer(self, request: Request) -> Response:
        """Returns the metrics of all processes, and once those of the database."""
        resources: Resources = request.app.state.resources
        own = await self._write_own()  # before the statements of the scrape, which use connections
        database, siblings = await asyncio.gather(measure_database(resources), self._ask())
        shared = await write_families([*database, _missing(siblings.missing)])
        return page_of(join_families([shared, own, *siblings.pages]))

    async def _ask(self) -> SiblingPages:
        return SiblingPages([], 0) if self._slot is None else await ask_siblings(self._slot)

    async def _write_own(self) -> WrittenFamilies:
        return await write_collectors(self._collectors, self._labels)


def _missing(number: int) -> Family:
    text = "Processes of this server that did not answer in time, so that their metrics are missing."
    return gauge("bff_metrics_processes_missing", text, number)
