"""Delivers messages while workers are killed and providers fail, and writes `bench/results/delivery.md`:

python -m tests.notifications.support.campaign.campaign
"""

import argparse
import asyncio
import logging
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import perf_counter

from core.settings import Settings
from services.relay.projections.deliveries import HANDLER
from services.resources import Resources, open_resources
from tests.campaign.support.roles import Role, running
from tests.notifications.support.campaign.book import LINK, Book, Key
from tests.notifications.support.campaign.checker import Evidence, Kill, Recorded, judge
from tests.notifications.support.campaign.providers import providers
from tests.notifications.support.campaign.report import Outcome, page
from tests.notifications.support.campaign.scale import Scale
from tests.notifications.support.campaign.world import DeliveryKey, World, make_people, notify, prepare, run_script
from tests.payments.support.deployment import folder_of
from tests.support.postgres_server import running_postgres
from tests.support.timing import DEADLINE, HANG_SECONDS

PAGE = Path(__file__).parent.parent.parent.parent.parent / "bench/results/delivery.md"
_WAITING = "SELECT 1 FROM jobs WHERE handler = $1 LIMIT 1"
_MAX_WAIT = 0.3
_PATIENCE = 600.0
"""Seconds until the jobs of killed workers are done; their leases end first."""


async def run(scale: Scale, defect: str = "") -> Outcome:
    """Runs the campaign in a database of its own. `defect` is a script that damages the deliveries."""
    async with (
        folder_of("delivery") as folder,
        running_postgres(folder) as postgres,
        open_resources(
            Settings(database_url=postgres.url, database_deadline=DEADLINE, bus_url="memory://")
        ) as resources,
    ):
        people = make_people(resources, scale)
        world = await prepare(resources, people)
        book = Book(scale.seed, world.dead)
        async with providers(folder, book) as environment:
            return await _Campaign(scale, resources, world, book).run(folder, postgres.url, environment, defect)


class _Campaign:
    """Holds the parts of a campaign."""

    def __init__(self, scale: Scale, resources: Resources, world: World, book: Book) -> None:
        self._scale = scale
        self._resources = resources
        self._world = world
        self._book = book
        self._kills: list[Kill] = []

    async def run(self, folder: Path, url: str, providers: dict[str, str], defect: str) -> Outcome:
        resources, world = self._resources, self._world
        await notify(resources, world, world.people)
        if defect:
            await run_script(resources, defect)
        workers = [self._worker(number, folder, url, providers) for number in range(self._scale.workers)]
        begun = perf_counter()
        async with running(workers):
            await self._kill(workers)
            killed = perf_counter()
            await self._delivered()
            delivered = perf_counter()
            again = [person for person in world.people if any(phone.is_dead for phone in person.phones)]
            await notify(resources, world, again, is_again=True)
            await self._delivered()
        evidence = await self._evidence()
        return Outcome(
            scale=self._scale,
            evidence=evidence,
            behaviours=self._book.behaviours,
            verdict=judge(evidence),
            killing=killed - begun,
            delivering=delivered - killed,
        )

    def _worker(self, number: int, folder: Path, url: str, providers: dict[str, str]) -> Role:
        environment = {
            **providers,
            "BFF_DATABASE_URL": url,
            "BFF_DATABASE_DEADLINE": str(DEADLINE),
            "BFF_WORK_DEADLINE": str(self._scale.work_deadline),
            "BFF_PUSH_DEADLINE": str(self._scale.call_deadline),
            "BFF_MAIL_DEADLINE": str(self._scale.call_deadline),
            "BFF_NOTIFICATION_LINK": f"{LINK}{number}/",
        }
        return Role(["-m", "cli.main", "worker"], environment, folder / f"worker{number}.log")

    async def _kill(self, workers: Sequence[Role]) -> None:
        """Kills a worker after each equal part of the messages that are due, a random moment later."""
        chance = Random(self._scale.seed)  # noqa: S311 - not for secrets
        due = len(self._world.due)
        for number in range(1, self._scale.kills + 1):
            await self._until_taken(due * number // (self._scale.kills + 2))
            await asyncio.sleep(chance.uniform(0, _MAX_WAIT))
            killed = chance.randrange(len(workers))
            while True:
                at = time.time()
                if workers[killed].kill():
                    break
                await asyncio.sleep(0.02)
            self._kills.append(Kill(killed, at))

    async def _until_taken(self, number: int) -> None:
        async with asyncio.timeout(HANG_SECONDS):
            while len(self._book.taken) < number:  # noqa: ASYNC110 - a count is watched
                await asyncio.sleep(0.01)

    async def _delivered(self) -> None:
        """Waits until no job of a delivery is left."""
        async with asyncio.timeout(_PATIENCE):
            while await self._resources.database.fetch(_WAITING, HANDLER):  # noqa: ASYNC110 - a table is watched
                await asyncio.sleep(0.2)

    async def _evidence(self) -> Evidence:
        fetch, due = self._resources.database.fetch, self._world.due
        recorded = defaultdict[Key, list[Recorded]](list)
        for row in await fetch("SELECT * FROM delivery_log ORDER BY at, id"):
            key = DeliveryKey(row["owner_id"], row["notification_id"], row["channel"], row["device_id"])
            if key in due:
                recorded[due[key]].append(Recorded(row["state"], row["at"].timestamp()))
        open_, tokens = self._resources.vault.open, await fetch("SELECT user_id, token FROM push_tokens")
        return Evidence(
            due=list(due.values()),
            dead=frozenset(self._world.dead),
            taken=self._book.taken,
            recorded=recorded,
            kills=self._kills,
            tokens=frozenset(open_(row["user_id"], bytes(row["token"])) for row in tokens),
            dead_jobs=[row["error"] for row in await fetch("SELECT error FROM dead_jobs")],
            call_deadline=self._scale.call_deadline,
        )


async def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=5_000, help="two messages are due for each")
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--output", type=Path, default=PAGE)
    asked = arguments.parse_args()
    for name in ("uvicorn.error", "mail.log"):  # those of the providers, for which a cut connection is no error
        logging.getLogger(name).setLevel(logging.CRITICAL)
    outcome = await run(Scale(asked.people, asked.kills, asked.seed))
    asked.output.write_text(page(outcome))
    sys.stdout.write("".join(f"{fault}\n" for fault in outcome.all_faults[:50]))
    sys.stdout.write(page(outcome))
    return 1 if outcome.all_faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
