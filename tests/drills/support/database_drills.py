"""Failures of servers, workers and the nodes of the database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.drills.support.failure import Failure
from tests.drills.support.stage import Stage


@asynccontextmanager
async def server_killed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    failure.begin()
    assert stage.servers[1].kill()
    yield


@asynccontextmanager
async def worker_killed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    failure.begin()
    assert stage.workers[0].kill()
    yield


@asynccontextmanager
async def asynchronous_standby_killed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    node = await stage.database.asynchronous_standby()
    failure.begin()
    await node.kill()
    yield
    await node.start()


@asynccontextmanager
async def standby_killed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    node = await stage.database.standby()
    failure.begin()
    await node.kill()
    yield
    await node.start()


@asynccontextmanager
async def switched_over(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    standby = await stage.database.standby()
    failure.begin()
    await stage.database.control("switchover", "bff", "--candidate", standby.name, "--force")
    yield


@asynccontextmanager
async def primary_crashed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    node = await stage.database.primary()
    failure.begin()
    await node.kill_postgres()
    yield


@asynccontextmanager
async def primary_killed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    node = await stage.database.primary()
    failure.begin()
    await node.kill()
    yield
    await node.start()


@asynccontextmanager
async def primary_silent(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    """Returns the node while another one is the primary."""
    node = await stage.database.primary()
    failure.begin()
    node.pause()
    yield
    node.resume()
