"""Moves money while everything fails, verifies the result, and writes `bench/results/bank.md`:

python -m tests.payments.support.campaign
"""

import argparse
import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from httpx2 import AsyncClient

from core.settings import Settings
from tests.campaign.support.roles import running
from tests.payments.support.book import Book
from tests.payments.support.checker import faults, read_stored
from tests.payments.support.customer import Customer, Opened
from tests.payments.support.deployment import Deployment, deployed, folder_of
from tests.payments.support.failures import Failures
from tests.payments.support.people import open_accounts
from tests.payments.support.report import Outcome, page
from tests.payments.support.scale import Scale
from tests.payments.support.settling import command, settled
from tests.payments.support.snapshots import Snapshots, snapshots_of
from tests.payments.support.watchers import Auditor, Screens
from tests.support.programs import until_ready

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/bank.md"
_HTTP_SECONDS = 20.0
_PATIENCE = 120.0


async def run(scale: Scale) -> Outcome:
    """Runs the campaign in a database of its own."""
    async with (
        folder_of(scale.engine) as folder,
        deployed(scale, folder) as deployment,
        running([*deployment.sandbox.roles, *deployment.killed]),
        _clients(deployment.ports) as servers,
    ):
        for server in servers:
            await until_ready(server)
        return await _Campaign(scale, deployment, servers).run()


@asynccontextmanager
async def _clients(ports: Sequence[str]) -> AsyncGenerator[list[AsyncClient]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_HTTP_SECONDS))
            for port in ports
        ]


class _Campaign:
    """Holds the clients of a campaign, and what they know together."""

    def __init__(self, scale: Scale, deployment: Deployment, servers: list[AsyncClient]) -> None:
        self._scale = scale
        self._deployment = deployment
        self._servers = servers
        self._book = Book()
        self._snapshots: Snapshots = snapshots_of(deployment.url)
        self._auditor = Auditor(self._snapshots)
        self._failures = Failures(deployment.killed, deployment.proxy, deployment.postgres)

    async def run(self) -> Outcome:
        opened = await open_accounts(self._servers, self._deployment.environment, self._scale, self._book)
        screens = Screens([person.connection for person in opened])
        begun = perf_counter()
        await self._move(opened, screens)
        written = perf_counter()
        await self._deployment.sandbox.lie(much=False)
        settings = Settings(database_url=self._deployment.url, bus_url="memory://")
        unsettled = await settled(settings, self._snapshots, self._deployment.sandbox)
        done = perf_counter()
        await self._auditor.read()
        for person in opened:
            screens.check((await person.connection.until_read("WalletScreen"))["viewer"], is_quiet=True)
        return await self._outcome(screens, written - begun, done - written, unsettled)

    async def _move(self, opened: Sequence[Opened], screens: Screens) -> None:
        """Moves money until all failures have happened, and until each client has its last response."""
        stopped, watched = asyncio.Event(), asyncio.Event()
        people = [person.user_id for person, _ in opened]
        await self._deployment.sandbox.lie(much=True)
        customers = [
            Customer(account, people, self._chance(number), self._book, self._deployment.sandbox.confirm)
            for number, account in enumerate(opened)
        ]
        async with asyncio.TaskGroup() as watching, asyncio.TaskGroup() as tasks:
            watching.create_task(self._auditor.run(watched))
            watching.create_task(screens.run(watched))
            working = [tasks.create_task(customer.run(stopped)) for customer in customers]
            await self._failures.run(self._scale, lambda: self._book.acknowledged)
            stopped.set()
            async with asyncio.timeout(_PATIENCE):
                await asyncio.gather(*working)
            watched.set()

    def _chance(self, number: int) -> Random:
        return Random(f"{self._scale.seed} {number}")  # noqa: S311 - not for secrets

    async def _outcome(self, screens: Screens, writing: float, settling: float, unsettled: list[str]) -> Outcome:
        async with self._snapshots() as snapshot:
            stored = await read_stored(snapshot)
        charges = await self._deployment.sandbox.moved()
        verified = await command(self._deployment.environment, "payments", "verify")
        # Nothing is open any more, so that payments of the last hour are compared as well.
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        reconciled = await command(self._deployment.environment, "payments", "reconcile", "--until", until)
        found = {
            **faults(self._book.answers, stored, charges, self._auditor.streamed),
            "reads": [*self._auditor.faults, *screens.faults],
            "settled": unsettled,
            "responses": self._book.wrong,
            "commands": [said.text for said in (verified, reconciled) if said.status],
        }
        return Outcome(
            scale=self._scale,
            book=self._book,
            auditor=self._auditor,
            screens=screens,
            failures=self._failures.done,
            payments=Counter(f"{row['kind']} {row['status']}" for row in stored.payments.values()),
            charges=await self._deployment.sandbox.states(),
            writing=writing,
            settling=settling,
            verified=verified.summary,
            reconciled=reconciled.summary,
            faults=found,
        )


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engine", choices=("postgres", "sqlite"), action="append", help="default: both")
    arguments.add_argument("--clients", type=int, default=16)
    arguments.add_argument("--kills", type=int, default=100)
    arguments.add_argument("--cuts", type=int, default=50, help="PostgreSQL only")
    arguments.add_argument("--crashes", type=int, default=10, help="PostgreSQL only")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--output", type=Path, default=PAGE)
    return arguments.parse_args()


async def main() -> int:
    asked = _arguments()
    outcomes: list[Outcome] = []
    for engine in asked.engine or ("postgres", "sqlite"):
        is_postgres = engine == "postgres"
        cuts, crashes = (asked.cuts, asked.crashes) if is_postgres else (0, 0)
        scale = Scale(engine, asked.clients, 2 if is_postgres else 1, asked.kills, cuts, crashes, asked.seed)
        outcomes.append(await run(scale))
        asked.output.write_text(page(outcomes))
        sys.stdout.write("".join(f"{fault}\n" for fault in outcomes[-1].all_faults))
    sys.stdout.write(page(outcomes))
    return 1 if any(outcome.all_faults for outcome in outcomes) else 0


async def _main() -> int:
    """Ends all processes when it is told to end."""
    running_task = asyncio.ensure_future(main())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running_task.cancel)
    return await running_task


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
