"""Metrics of live updates."""

from dataclasses import replace

import pytest

from core.settings import Settings
from tests.live.test_resets import append
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, metrics=True)


async def test_metrics_count_subscriptions_events_and_resets(following: Following, client: Client) -> None:
    async with following.viewer("ana") as ana, following.viewer("chi"):
        await App(client, "ben").publishes()
        await following.project()
        await ana.event()
        page = (await client.http.get("/metrics")).text
        assert "bff_live_subscriptions 2.0" in page
    await append(client.resources, await client.user_id("ana"), 1200)
    async with following.viewer("ana", ana.cursor) as again:
        await again.event()
        page = (await client.http.get("/metrics")).text
    assert "bff_live_subscriptions 1.0" in page
    assert "bff_live_events_total 3.0" in page
    assert "bff_live_resets_total 1.0" in page
