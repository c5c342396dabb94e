"""The log of slow operations."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from graphql import parse

from adapters.database import Queries
from core.settings import Settings
from engine.explain import explain
from gateway.execution import measuring
from resolvers.schema import build_schema
from tests.support.client import HOME
from tests.support.logs import logged
from tests.support.metrics import page, serving

ANA = 'query Ana($secret: Int!) { user(handle: "ana") { posts(first: $secret) { edges { node { id } } } } }'


def slow_lines(log: StringIO) -> list[dict[str, Any]]:
    lines = map(json.loads, log.getvalue().splitlines())
    return [line for line in lines if line["logger"] == "gateway.slow"]


@pytest.fixture
def slow(settings: Settings) -> Settings:
    """Makes every execution slow."""
    return replace(settings, slow_seconds=1e-9)


async def test_a_slow_operation_is_logged_with_its_levels(slow: Settings) -> None:
    async with serving(slow) as client:
        token = await client.token("ana")
        with logged("WARNING") as log:
            headers = {"apollographql-client-name": "ios", "apollographql-client-version": "4.2.0"}
            await client.post(HOME, token=token, **headers)
    (line,) = slow_lines(log)
    facts = ("level", "message", "operation", "app", "version", "statements", "loader_batches", "cost", "slow_so_far")
    assert [line[name] for name in facts] == ["WARNING", "slow operation", "Home", "ios", "4.2.0", 5, 2, 337, 1]
    assert line["request_id"] is not None
    assert line["milliseconds"] > 0
    assert line["pool_milliseconds"] >= 0
    assert [level.partition(":")[0] for level in line["levels"]] == ["after 0 waits", "after 1 wait"]
    assert "Viewer.feed" in line["levels"][0]
    assert "Post.comments" in line["levels"][1]


def test_the_plan_has_the_same_names_of_levels() -> None:
    assert "after 1 wait " in explain(build_schema()._schema, parse(HOME))


async def test_the_log_has_no_values_of_variables(slow: Settings) -> None:
    async with serving(slow) as client:
        with logged("WARNING") as log:
            await client.data(ANA, {"secret": 73})
    assert len(slow_lines(log)) == 1
    assert "73" not in json.dumps([line["levels"] for line in slow_lines(log)])
    assert "secret" not in log.getvalue()


async def test_an_operation_is_logged_once_per_second_and_others_count(
    slow: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(measuring, "monotonic", lambda: now)
    async with serving(slow) as client:
        with logged("WARNING") as log:
            for _ in range(3):
                await client.data(ANA, {"secret": 1})
            await client.data("query Other { __typename }")
            now = 101.0
            await client.data(ANA, {"secret": 1})
        samples = await page(client)
    lines = [(line["operation"], line["slow_so_far"]) for line in slow_lines(log)]
    assert lines == [("Ana", 1), ("Other", 1), ("Ana", 4)]
    assert samples['bff_operation_slow_total{operation="Ana"}'] == 4


async def test_waits_for_a_connection_are_part_of_the_line(slow: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Queries._run

    def run_late(self: Queries, statement: str, values: list[Any], deadline: float) -> Awaitable[list[Any]]:
        counts = measuring.operation_counts.get()
        if counts is not None:
            counts.pool_seconds += 2.0
        return run(self, statement, values, deadline)

    async with serving(slow) as client:
        monkeypatch.setattr(Queries, "_run", run_late)
        with logged("WARNING") as log:
            await client.data('query One { user(handle: "ana") { name } }')
    (line,) = slow_lines(log)
    assert (line["statements"], line["pool_milliseconds"]) == (1, 2000.0)


@pytest.mark.parametrize("seconds", [0.0, 3600.0])
async def test_other_operations_are_not_logged(settings: Settings, seconds: float) -> None:
    async with serving(replace(settings, slow_seconds=seconds)) as client:
        with logged("WARNING") as log:
            await client.data(ANA, {"secret": 1})
            await asyncio.sleep(0)
    assert slow_lines(log) == []


async def test_mutations_and_failed_executions_are_logged(slow: Settings) -> None:
    async with serving(slow) as client:
        with logged("WARNING") as log:
            await client.ask('mutation Like { likePost(input: {postId: "nothing"}) { __typename } }')
    assert [line["operation"] for line in slow_lines(log)] == ["Like"]
