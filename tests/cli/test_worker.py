"""`bff worker` as a process, and embedded in `bff dev`."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient

from tests.cli.test_commands import BFF, bff, lacks_tables, serving
from tests.support.client import LOG_IN, operation
from tests.support.engines import Engine
from tests.support.timing import DEADLINES, HANG_SECONDS, no_hang
from tests.users.test_log_in import credentials

FEED = "{ viewer { feed(first: 1) { edges { node { id } } } } }"


@asynccontextmanager
async def working(folder: Path, environment: Mapping[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Runs a worker process, and asserts that it exits with status 0 on SIGTERM."""
    clean = {"PATH": os.environ["PATH"], **DEADLINES, **environment}
    with (folder / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(BFF, "worker", cwd=folder, env=clean, stdout=log, stderr=log)
    yield process
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), HANG_SECONDS) == 0
    assert "Traceback" not in (folder / "worker.log").read_text()


class Phone:
    """Sends requests as a signed-in user."""

    def __init__(self, http: AsyncClient, token: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        body = {"query": query, "variables": variables}
        answer = (await self._http.post("/graphql", json=body, headers=self._headers)).json()
        assert "errors" not in answer, answer
        return answer["data"]


async def sign_in(http: AsyncClient, handle: str) -> Phone:
    variables = credentials(f"{handle}@example.com", f"open-sesame-{handle}")
    answer = (await http.post("/graphql", json={"query": LOG_IN, "variables": variables})).json()
    return Phone(http, answer["data"]["logIn"]["session"]["accessToken"])


async def publish_and_wait(http: AsyncClient) -> None:
    """Publishes a post as ana, and waits until it is in ben's feed."""
    ana, ben = await sign_in(http, "ana"), await sign_in(http, "ben")
    published = await ana.ask(operation("feed.graphql", "PublishPost"), {"input": {"body": "Hello"}})
    async with no_hang():
        while True:
            edges = (await ben.ask(FEED))["viewer"]["feed"]["edges"]
            if edges[0]["node"]["id"] == published["publishPost"]["post"]["id"]:
                return
            await asyncio.sleep(0.02)


async def test_a_worker_writes_a_post_into_the_feeds_of_followers(database_url: str, tmp_path: Path) -> None:
    environment = {"BFF_DATABASE_URL": database_url}
    async with serving("serve", folder=tmp_path, environment=environment) as http, working(tmp_path, environment):
        await publish_and_wait(http)


async def test_dev_has_an_embedded_worker(tmp_path: Path) -> None:
    async with serving("dev", folder=tmp_path) as http:
        await publish_and_wait(http)


async def test_a_worker_without_tables_does_not_start(engine: Engine, tmp_path: Path) -> None:
    async with engine.empty() as url:
        failed = bff("worker", folder=tmp_path, BFF_DATABASE_URL=url)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == lacks_tables(url)
