"""The deadline of one client and the failure of one feature, with stored and shared responses."""

import asyncio

import pytest

from core.features import Feature
from gateway.callers.time_limits import HEADER
from gateway.response_cache.entries import Entry
from gateway.response_cache.lookups import Lookup
from tests.support.client import HOME, Client
from tests.support.engines import Engine
from tests.support.timing import MOMENT, no_hang, until

FEED = "{ viewer { id feed { edges { cursor } } } }"
SHORT = {HEADER: "500"}


async def test_a_client_that_waits_longer_gets_everything(client: Client, engine: Engine) -> None:
    token, bulkhead = await client.token("ana"), client.resources.features[Feature.FEED].bulkhead
    async with no_hang():
        async with engine.stalled(client.resources):
            short = asyncio.create_task(client.post(FEED, token=token, **SHORT))
            await until(lambda: bulkhead.in_use == 1)
            patient = asyncio.create_task(client.post(FEED, token=token))
            answer = (await short).json()
            await until(lambda: bulkhead.in_use == 1)
        complete = (await patient).json()
    assert answer["errors"][0]["extensions"]["feature"] == "feed"
    assert complete["data"]["viewer"]["feed"]["edges"]


async def test_a_client_that_waits_less_does_not_wait_for_the_execution_of_another(
    client: Client, engine: Engine
) -> None:
    token, bulkhead = await client.token("ana"), client.resources.features[Feature.FEED].bulkhead
    async with no_hang():
        async with engine.stalled(client.resources):
            patient = asyncio.create_task(client.post(FEED, token=token))
            await until(lambda: bulkhead.in_use == 1)
            answer = (await client.post(FEED, token=token, **SHORT)).json()
            assert not patient.done()
        complete = (await patient).json()
    assert answer["data"]["viewer"]["id"]
    assert answer["errors"][0]["extensions"]["feature"] == "feed"
    assert complete["data"]["viewer"]["feed"]["edges"]


async def test_an_expired_response_is_sent_while_a_feature_is_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await client.token("ana")
    fresh = (await client.post(HOME, token=token)).json()

    def age(_lookup: Lookup, _entry: Entry) -> int:
        return 100

    monkeypatch.setattr(Lookup, "age", age)
    bulkhead = client.resources.features[Feature.PAYMENTS].bulkhead
    places, bulkhead.free = bulkhead.free, 0
    monkeypatch.setattr(client.resources.features[Feature.PAYMENTS], "_read_deadline", MOMENT)
    stale = (await client.post(HOME, token=token)).json()
    assert stale == {"data": fresh["data"], "extensions": {"stale": {"age": 100}}}
    unknown = (await client.post("{ viewer { id wallet { currency } } }", token=token)).json()
    assert unknown["data"]["viewer"]["wallet"] is None
    assert unknown["errors"][0]["extensions"]["feature"] == "payments"
    bulkhead.free = places
    again = (await client.post("{ viewer { id wallet { currency } } }", token=token)).json()
    assert again["data"]["viewer"]["wallet"] == {"currency": "EUR"}
