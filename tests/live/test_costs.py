"""Costs of subscriptions to live updates: checked at the start, and counted for each event."""

from dataclasses import replace

import pytest

from core.settings import Settings
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import VIEWER_EVENTS, Following
from tests.support.timing import no_hang

EVENT_COST = 6
"""The cost of an event of `ViewerEvents`: a payment with its amount and the wallet with its balance are the largest."""


@pytest.fixture
def limit() -> int:
    """The maximum cost of a request."""
    return 100


@pytest.fixture
def settings(settings: Settings, limit: int) -> Settings:
    return replace(settings, metrics=True, max_cost=limit)


async def test_the_cost_of_each_event_is_counted(following: Following, client: Client) -> None:
    before = await costs(client)
    async with following.viewer("ana") as ana:
        await App(client, "ben").publishes()
        between = await costs(client)
        await following.project()
        await ana.event()
        after = await costs(client)
    assert before == {}
    # the payload, the event, the post and its author
    assert {kind: after[kind] - between.get(kind, 0) for kind in after} == {"requested": EVENT_COST, "actual": 4}


@pytest.mark.parametrize("limit", [EVENT_COST - 1])
async def test_a_subscription_whose_events_cost_too_much_does_not_start(following: Following, client: Client) -> None:
    async with following.socket("ana") as socket:
        await socket.subscribe(VIEWER_EVENTS)
        async with no_hang():
            heard = await socket.hear()
    assert heard["type"] == "error"
    (error,) = heard["payload"]
    assert error["extensions"]["code"] == "COST_EXCEEDED"
    assert error["extensions"]["cost"] == {"requested": EVENT_COST, "limit": EVENT_COST - 1}
    assert "bff_live_subscriptions 0.0" in (await client.http.get("/metrics")).text


async def costs(client: Client) -> dict[str, float]:
    """Returns the costs of the subscription that this process has counted."""
    lines = (await client.http.get("/metrics")).text.splitlines()
    found = [line for line in lines if line.startswith("bff_operation_cost_total") and '"ViewerEvents"' in line]
    return {line.partition('"')[2].partition('"')[0]: float(line.rpartition(" ")[2]) for line in found}
