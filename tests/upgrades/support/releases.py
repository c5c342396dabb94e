"""The code of the release before, from git, and processes of both releases on one database and Redis.

`previous-revision` names the revision. The old code runs with the dependencies of the present environment.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from httpx2 import AsyncClient

from tests.support.programs import free_port, responding
from tests.support.timing import DEADLINES

PROJECT = Path(__file__).parents[3]
PREVIOUS = (Path(__file__).parents[1] / "previous-revision").read_text().strip()
_UNUSED = [":(exclude)bench", ":(exclude)tests", ":(exclude)web", ":(exclude)docs/decisions"]
_ORIGIN = "import cli.main, services.relay, sys; print(cli.main.__file__, services.relay.__file__)"


class Release(NamedTuple):
    """The code of a release in a folder."""

    name: str
    folder: Path

    def run(self, environment: Mapping[str, str], *arguments: str) -> str:
        """Runs a program of the release that ends, and returns its output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def previous_release(folder: Path) -> Release:
    """Extracts the release before. Without its revision the test is skipped, or fails if it is required."""
    archive = subprocess.run(
        ["git", "archive", PREVIOUS, "--", ".", *_UNUSED],  # noqa: S607 - git of the machine
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        skip_without_revision(archive.stderr.decode())
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)  # noqa: S607 - as above
    release = Release("previous", folder)
    files = release.run({"PATH": os.environ["PATH"]}, "-c", _ORIGIN).split()
    assert [Path(file).is_relative_to(folder) for file in files] == [True, True], files
    return release


def skip_without_revision(error: str) -> NoReturn:
    """Skips the test, or fails if the revision is required."""
    reason = f"git has no revision {PREVIOUS}, as in a shallow clone: {error.strip()}"
    assert not os.environ.get("TEST_REQUIRE_PREVIOUS"), reason
    pytest.skip(reason)


def present_release() -> Release:
    return Release("present", PROJECT)


def environment_of(database_url: str, redis_url: str) -> dict[str, str]:
    """Returns the settings of all processes, which share bus, queue, limits and stored responses."""
    return {
        "PATH": os.environ["PATH"],
        "BFF_DATABASE_URL": database_url,
        "BFF_SECRET_KEYS": f"upgrade:{secrets.token_hex(32)}",
        "BFF_BUS_URL": redis_url,
        "BFF_QUEUE_URL": redis_url,
        "BFF_LIMITS_URL": redis_url,
        "BFF_CACHE_URL": redis_url,
        "BFF_SIGN_UP_PER_ADDRESS": "1000",
        "BFF_METRICS": "true",
        "BFF_LOG_LEVEL": "WARNING",
        "BFF_DRAIN_SECONDS": "1",
        **DEADLINES,
    }


class Deployment(NamedTuple):
    """Servers of both releases, which run, and what starts their workers."""

    environment: Mapping[str, str]
    logs: Path
    servers: Mapping[str, AsyncClient]

    @asynccontextmanager
    async def worker(self, release: Release) -> AsyncGenerator[AsyncClient]:
        """Runs a worker of a release until the end of the block. Its metrics are at `/metrics`."""
        port = free_port()
        environment = {**self.environment, "BFF_WORKER_METRICS_PORT": str(port)}
        async with responding(
            [sys.executable, "-m", "cli.main", "worker"],
            port=port,
            log=self.logs / f"worker-{release.name}.log",
            path="/metrics",
            cwd=release.folder,
            env=environment,
        ) as (_, http):
            yield http


@asynccontextmanager
async def deployed(releases: list[Release], environment: Mapping[str, str], logs: Path) -> AsyncGenerator[Deployment]:
    """Runs a server of each release."""
    async with AsyncExitStack() as stack:

        async def server(release: Release) -> AsyncClient:
            port = free_port()
            _, http = await stack.enter_async_context(
                responding(
                    [sys.executable, "-m", "cli.main", "serve"],
                    port=port,
                    log=logs / f"server-{release.name}.log",
                    cwd=release.folder,
                    env={**environment, "PORT": str(port)},
                )
            )
            return http

        clients = await asyncio.gather(*(server(release) for release in releases))
        names = [release.name for release in releases]
        yield Deployment(environment, logs, dict(zip(names, clients, strict=True)))
