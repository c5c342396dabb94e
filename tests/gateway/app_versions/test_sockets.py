"""WebSockets of versions that are too old are closed when they are initialized."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from tests.gateway.app_versions.conftest import GATE, sent_by
from tests.support.live import live_schema
from tests.support.server import Server, serving
from tests.support.sockets import socket_to

OLD = sent_by("com.example.app-apollo-ios", "4.1.9")
CURRENT = sent_by("ios", "4.2.0")
REFUSED = (4400, "APP_UPGRADE_REQUIRED: install version 4.2.0 or later")


@pytest.fixture(scope="module")
async def gated(lively_settings: Settings) -> AsyncGenerator[Server]:
    async with serving(replace(lively_settings, metrics=True, **GATE), live_schema()) as server:
        yield server


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ({}, OLD),
        ({}, {"headers": OLD}),
        ({}, {"client": {"name": "ios", "version": "4.1.9"}}),
        (OLD, {}),
        (CURRENT, OLD),
        (OLD, {"Authorization": "Bearer nonsense"}),
    ],
)
async def test_an_old_version_is_closed_instead_of_acknowledged(
    gated: Server, headers: dict[str, str], payload: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with socket_to(gated, additional_headers=headers) as client:
        await client.say(type="connection_init", payload=payload)
        await client.say(type="subscribe", id="1", payload={"query": "{ hello }"})
        assert await client.closed() == REFUSED


@pytest.mark.parametrize(
    ("headers", "payload"),
    [({}, {}), (CURRENT, {}), ({}, CURRENT), (OLD, CURRENT), ({}, sent_by("ios", "dev")), ({}, sent_by("tv", "0.1"))],
)
async def test_other_versions_are_acknowledged(gated: Server, headers: dict[str, str], payload: dict[str, Any]) -> None:
    async with socket_to(gated, additional_headers=headers) as client:
        await client.init(**payload)
        assert (await client.answers("{ hello }"))[-1] == {"type": "complete", "id": "1"}


async def test_refused_sockets_are_counted(gated: Server) -> None:
    before = await refused_ios(gated)
    async with socket_to(gated) as client:
        await client.say(type="connection_init", payload=OLD)
        assert await client.closed() == REFUSED
    assert await refused_ios(gated) == before + 1


async def refused_ios(server: Server) -> float:
    page = (await server.http.get("/metrics")).text
    name = 'bff_app_upgrades_required_total{app="ios"} '
    return next(float(line.removeprefix(name)) for line in page.splitlines() if line.startswith(name))


async def test_subscriptions_over_http_are_refused(gated: Server) -> None:
    query = {"query": "subscription { forever { number } }"}
    for accept in ("text/event-stream", "multipart/mixed;subscriptionSpec=1.0"):
        response = await gated.http.post("/graphql", json=query, headers={**OLD, "Accept": accept})
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "APP_UPGRADE_REQUIRED"
