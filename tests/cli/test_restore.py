"""`docs/backup.md`, command by command: a dump of one cluster of PostgreSQL, restored into another."""

import os
import re
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest

from core.wording import count_of
from events import PostPublished
from services.relay import Lag, measure_lag
from services.resources import open_resources
from services.unit_of_work import unit_of_work
from tests.campaign.support.campaign import folder_of
from tests.cli.test_commands import BFF, bff, serving
from tests.cli.test_worker import publish_and_wait, sign_in, working
from tests.conftest import ENGINES
from tests.support.client import operation
from tests.support.postgres_server import PostgresServer, tool
from tests.support.relay import drained
from tests.support.timing import HANG_SECONDS, no_hang, settings_for

pytestmark = [
    pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached"),
    pytest.mark.parametrize("engine", ["postgres", "partitioned"], indirect=True),
]

AHEAD = (
    "bff: BFF_DATABASE_URL: the event log is ahead of this PostgreSQL's transactions in {} partitions, as after a dump "
    "was restored into another cluster, and new events would never be projected. Run 'bff log rebase'; docs/backup.md "
    "says how a dump is restored\n"
)
BURN = "DO $$ BEGIN FOR number IN 1..2000 LOOP PERFORM pg_current_xact_id(); ROLLBACK; END LOOP; END $$"
FEED = "{ viewer { feed(first: 3) { edges { node { body } } } } }"


@pytest.fixture
async def other_url() -> AsyncGenerator[str]:
    """Yields the URL of an empty database of a new cluster."""
    async with folder_of("restored") as folder:
        server = PostgresServer(folder)
        server.create()
        await server.start()
        yield server.url
        await server.stop()


def commands(project: Path, heading: str) -> list[str]:
    """Returns the commands of a section of the page."""
    section = (project / "docs/backup.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def typed(command: str, folder: Path, url: str) -> str:
    path = f"{BFF.parent}:{Path(tool('pg_dump')).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - the shell of the operator
        cwd=folder,
        env={"PATH": path, "BFF_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def publish_before_the_dump(url: str, folder: Path) -> int:
    """Publishes a post that is projected, and one that is not. The transaction ids of a new cluster are below both.

    Returns the number of partitions with events.
    """
    connection = await asyncpg.connect(url)
    await connection.execute(BURN)
    await connection.close()
    async with serving("serve", folder=folder, environment={"BFF_DATABASE_URL": url}) as http:
        ana = await sign_in(http, "ana")
        publish = operation("feed.graphql", "PublishPost")
        await ana.ask(publish, {"input": {"body": "Projected"}})
        async with open_resources(settings_for(url)) as resources:
            await drained(resources)
            await ana.ask(publish, {"input": {"body": "Waiting"}})
            assert (await measure_lag(resources.database, resources.clock())).events == 1
            (row,) = await resources.database.fetch("SELECT COUNT(DISTINCT partition) AS n FROM event_log")
            return row["n"]


async def write_unnoticed(url: str) -> Lag:
    """Appends an event, as a server that was running all the time does. It is not projected."""
    async with open_resources(settings_for(url)) as resources:
        async with unit_of_work(resources) as work:
            work.emit(PostPublished(actor_id=1, post_id=1))
        return await measure_lag(resources.database, resources.clock())


async def test_a_dump_is_restored_into_another_cluster(
    database_url: str, other_url: str, tmp_path: Path, project: Path
) -> None:
    partitions = await publish_before_the_dump(database_url, tmp_path)
    (dump,) = commands(project, "Back up")
    typed(dump, tmp_path, database_url)
    restore, migrate, rebase, verify = commands(project, "Restore")
    typed(restore, tmp_path, other_url)
    typed(migrate, tmp_path, other_url)
    for command in ("serve", "worker", "dev"):
        rejected = bff(command, folder=tmp_path, BFF_DATABASE_URL=other_url, PORT="0")
        assert (rejected.returncode, rejected.stdout, rejected.stderr) == (1, "", AHEAD.format(partitions))
    lag = await write_unnoticed(other_url)
    assert (lag.events, lag.ahead) == (2, partitions)
    assert lag.seconds > 0
    report = bff("doctor", folder=tmp_path, BFF_DATABASE_URL=other_url).stdout
    ahead = count_of(partitions, "position is", "positions are")
    assert f"FAIL  relay: {ahead} ahead of this PostgreSQL, and new events are never projected" in report
    assert re.fullmatch(
        f"partitions that were ahead: {partitions}\n"
        r"events of the former cluster, now before all new events: \d+\n"
        "events that wait for 'bff worker': 2\n"
        r"event streams with a new epoch: \d+\n",
        typed(rebase, tmp_path, other_url),
    )
    assert typed(rebase, tmp_path, other_url).startswith("no partition is ahead of this database")
    assert "the audit trail is intact" in typed(verify, tmp_path, other_url)
    environment = {"BFF_DATABASE_URL": other_url}
    async with serving("serve", folder=tmp_path, environment=environment) as http, working(tmp_path, environment):
        await publish_and_wait(http)
        feed = (await (await sign_in(http, "ben")).ask(FEED))["viewer"]["feed"]["edges"]
        assert [edge["node"]["body"] for edge in feed] == ["Hello", "Waiting", "Projected"]
        async with open_resources(settings_for(other_url)) as resources, no_hang():
            while (lag := await measure_lag(resources.database, resources.clock())).events:
                pass
            assert (lag.dead, lag.ahead) == (0, 0)
