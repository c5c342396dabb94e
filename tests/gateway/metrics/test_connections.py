"""Metrics of requests that run, of connections that the server closed or rejected, and of problems."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from adapters.breaker import FAILURES
from core.features import Feature
from core.settings import Settings
from services.resources import Resources
from tests.support.client import Client
from tests.support.metrics import measured, page, serving
from tests.users.test_log_in import credentials

RUNNING = "bff_http_requests_running"
LOG_IN = "mutation LogIn($input: LogInInput!) { logIn(input: $input) { __typename } }"


WRONG = credentials(password="a wrong password")


def problems_of(samples: dict[str, float]) -> dict[str, float]:
    """Returns the numbers of problems by their labels."""
    name = "bff_operation_problems_total"
    return {each.removeprefix(name): value for each, value in samples.items() if each.startswith(name)}


@pytest.fixture
async def watched(settings: Settings) -> AsyncGenerator[Client]:
    async with serving(settings) as client:
        yield client


async def test_requests_count_while_they_run(watched: Client) -> None:
    assert (await page(watched))[RUNNING] == 1, "the scrape itself"
    pages = await asyncio.gather(*(watched.http.get("/metrics") for _ in range(3)))
    assert max(measured(each.text)[RUNNING] for each in pages) > 1
    await watched.http.get("/nothing")
    assert (await page(watched))[RUNNING] == 1


async def test_problems_count_by_operation_and_code(watched: Client) -> None:
    assert problems_of(await page(watched)) == {}
    for _ in range(2):
        answer = await watched.ask(LOG_IN, credentials())
        assert answer["data"]["logIn"]["__typename"] == "LogInSuccess"
        answer = await watched.ask(LOG_IN, WRONG)
        assert answer["data"]["logIn"]["__typename"] == "InvalidCredentialsProblem"
    assert problems_of(await page(watched)) == {'{code="INVALID_CREDENTIALS",operation="LogIn"}': 2}


async def test_statements_and_openings_of_breakers_count_by_feature(watched: Client) -> None:
    count, openings = (
        f'bff_feature_{name}{{feature="users"}}' for name in ("statement_seconds_count", "breaker_openings_total")
    )
    assert count not in await page(watched)
    await watched.data("{ viewer { user { name } } }", as_="ana")
    samples = await page(watched)
    assert (samples[count] >= 1, samples[openings]) == (True, 0)
    bulkhead = watched.resources.features[Feature.USERS].bulkhead
    for _ in range(FAILURES + 1):
        bulkhead.record_failure("SELECT 1")
    assert (await page(watched))[openings] == 1


async def test_workers_that_are_silent_count_by_task(watched: Client) -> None:
    name, resources = 'bff_worker_task_silent{task="relay"}', watched.resources
    assert (await page(watched))[name] == 1
    await beat(resources, "relay")
    samples = await page(watched)
    assert (samples[name], samples['bff_worker_task_silent{task="jobs"}']) == (0, 1)


async def beat(resources: Resources, task: str) -> None:
    statement = "INSERT INTO heartbeats (task, process_id, seen_at) VALUES ($1, 1, $2)"
    await resources.database.fetch(statement, task, resources.clock())


async def test_redis_counts_as_available_until_its_breaker_opens(settings: Settings) -> None:
    away = replace(settings, limits_url="redis://127.0.0.1:1/0")
    async with serving(away) as client:
        name = 'bff_redis_available{engine="limits"}'
        assert (await page(client))[name] == 1
        await client.ask(LOG_IN, WRONG)
        assert (await page(client))[name] == 0
