"""Puts the same load on two servers in turn, block by block, and records latency, CPU, hits and memory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.cache_mix.client import Client, Outcome
from bench.cache_mix.counters import CacheCounters, read_counters
from bench.cache_mix.scenario import Scenario
from bench.cache_mix.servers import Deployment
from bench.processes import backends, cpu_seconds
from bench.world import say

WARM_UP = 60.0
"""Seconds at the start of a block that are not measured, while responses of the last block are replaced."""
SAMPLE_SECONDS = 10.0
GROWTH_FROM = 120.0
"""Seconds of load after which the memory of a server is expected not to grow."""


class Plan(NamedTuple):
    """Says how much load each server gets: blocks of so many seconds, and requests per second."""

    blocks: int
    seconds: float
    rate: float

    @property
    def warm_up(self) -> float:
        return min(WARM_UP, self.seconds / 4)


class Memory(NamedTuple):
    """Holds the resident bytes of a server after so many seconds of load."""

    loaded: float
    resident: int


class Cpu(NamedTuple):
    """Holds seconds of CPU of the server, the worker and the database."""

    server: float
    worker: float
    database: float


@dataclass(slots=True)
class Measured:
    """Holds the outcomes of all measured requests, the CPU of each block, the hits, and the memory."""

    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    cpu_ms: list[Cpu] = field(default_factory=list[Cpu])
    counters: CacheCounters | None = None
    memory: list[Memory] = field(default_factory=list[Memory])

    @property
    def growth(self) -> int | None:
        """The bytes by which the memory has grown between two minutes of load and the end."""
        later = [each for each in self.memory if each.loaded >= GROWTH_FROM]
        return later[-1].resident - later[0].resident if later else None


async def measure(
    deployments: Sequence[tuple[Deployment, Scenario]], tokens: Sequence[str], plan: Plan
) -> Mapping[str, Measured]:
    """Returns what was measured of each server. Each pair of blocks begins with the other server."""
    found = {deployment.name: Measured() for deployment, _ in deployments}
    for number in range(plan.blocks):
        turns = list(deployments) if number % 2 == 0 else list(reversed(deployments))
        for deployment, scenario in turns:
            await _block(deployment, scenario, tokens, plan, found[deployment.name])
    return found


async def _block(
    deployment: Deployment, scenario: Scenario, tokens: Sequence[str], plan: Plan, measured: Measured
) -> None:
    loaded = measured.memory[-1].loaded if measured.memory else 0.0
    async with _watched(deployment, loaded, measured.memory):
        client = Client(deployment.port, tokens)
        await client.send_all(scenario, plan.rate, plan.warm_up)
        counters, cpu = await asyncio.to_thread(read_counters, deployment.port), await _cpu(deployment)
        outcomes = await client.send_all(scenario, plan.rate, plan.seconds - plan.warm_up)
        used = [(now - then) * 1e3 / len(outcomes) for now, then in zip(await _cpu(deployment), cpu, strict=True)]
        counted = await asyncio.to_thread(read_counters, deployment.port) - counters
    measured.outcomes += outcomes
    measured.cpu_ms.append(Cpu(*used))
    measured.counters = counted if measured.counters is None else measured.counters + counted
    took = sorted(outcome.took for outcome in outcomes)
    say(
        f"  {deployment.name:<18} {len(outcomes):>7,} requests  p50 {took[len(took) // 2] * 1e3:6.1f} ms  "
        f"p99 {took[int(len(took) * 0.99)] * 1e3:6.1f} ms  CPU {used[0]:5.2f} ms  "
        f"{measured.memory[-1].resident / 1e6:6.1f} MB  failed {sum(each.is_failed for each in outcomes)}"
    )


async def _cpu(deployment: Deployment) -> Cpu:
    database = cpu_seconds(await backends(deployment.url))
    return Cpu(cpu_seconds([deployment.server]), cpu_seconds([deployment.worker]), database)


@asynccontextmanager
async def _watched(deployment: Deployment, loaded: float, memory: list[Memory]) -> AsyncGenerator[None]:
    """Samples the memory of a server while it has load, and at the end."""
    loop = asyncio.get_running_loop()
    begun = loop.time()

    def sample() -> None:
        memory.append(Memory(loaded + loop.time() - begun, deployment.resident_bytes()))

    async def watch() -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            sample()

    watching = asyncio.create_task(watch())
    try:
        yield
        sample()
    finally:
        watching.cancel()
        await asyncio.wait([watching])
