"""Deadlines of requests, and the header that shortens them."""

import asyncio
from dataclasses import replace

import pytest

from core.deadlines import ending_within, of_its_own, request_ends_at, shortened, without_deadline
from core.errors import Unavailable
from core.features import Feature
from gateway.callers.time_limits import HEADER
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.client import Client
from tests.support.engines import Engine, PostgresEngine
from tests.support.timing import PASSING, no_hang

FEED = "{ viewer { id feed { edges { cursor } } } }"
TOO_LATE = "The feature 'feed' is unavailable: the time of the request is over. Try again."


async def test_what_cannot_be_read_in_the_time_of_the_client_is_unavailable(client: Client, engine: Engine) -> None:
    token = await client.token("ana")
    async with engine.stalled(client.resources), no_hang():
        answer = (await client.post(FEED, token=token, **{HEADER: "400"})).json()
    assert answer["data"]["viewer"]["feed"] is None
    assert answer["data"]["viewer"]["id"]
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (TOO_LATE, "UNAVAILABLE")
    bulkhead = client.resources.features[Feature.FEED].bulkhead
    assert (bulkhead.failures, bulkhead.failing, bulkhead.in_use) == (0, {}, 0)


async def test_a_mutation_that_cannot_end_in_the_time_of_the_client_changes_nothing(
    client: Client, engine: Engine
) -> None:
    token = await client.token("ana")
    posts = "SELECT COUNT(*) AS posts FROM posts"
    before = await client.resources.database.fetch(posts)
    mutation = 'mutation { publishPost(input: {body: "Hello"}) { __typename } }'
    async with engine.stalled(client.resources), no_hang():
        answer = (await client.post(mutation, token=token, **{HEADER: "400"})).json()
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["feature"]) == (TOO_LATE, "feed")
    assert await client.resources.database.fetch(posts) == before
    assert client.resources.features[Feature.FEED].bulkhead.failures == 0


@pytest.mark.parametrize("value", ["0", "10000", "9999999999"])
async def test_a_long_time_and_none_change_nothing(client: Client, value: str) -> None:
    answer = (await client.post(FEED, token=await client.token("ana"), **{HEADER: value})).json()
    assert answer["data"]["viewer"]["feed"]["edges"]


@pytest.mark.parametrize("value", ["", "1.5", "-1", "soon", "10s", "12345678901"])
async def test_another_value_is_a_bad_request(client: Client, value: str) -> None:
    token = await client.token("ana")
    response = await client.post(FEED, token=token, Accept="application/graphql-response+json", **{HEADER: value})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == f"{HEADER} must be a number of milliseconds, with up to ten digits."


def test_deadlines_nest() -> None:
    assert request_ends_at.get() is None
    assert shortened(7.0) == 7.0
    with ending_within(100):
        earlier = request_ends_at.get()
        assert 0 < shortened(1000) <= 100
        with ending_within(200):
            assert request_ends_at.get() == earlier
        with of_its_own(200):
            assert 100 < shortened(1000) <= 200
        with without_deadline():
            assert request_ends_at.get() is None
        assert request_ends_at.get() == earlier
    assert request_ends_at.get() is None


async def test_after_the_end_of_the_request_no_statement_begins(resources: Resources, statements: list[str]) -> None:
    feed = resources.of_feature(Feature.FEED)
    with ending_within(-1):
        with pytest.raises(Unavailable, match="the time of the request is over"):
            await feed.database.fetch("SELECT 1 AS one")
        with pytest.raises(Unavailable, match="the time of the request is over"):
            async with unit_of_work(feed) as work:
                await work.transaction()
        assert await resources.database.fetch("SELECT 2 AS two") == [{"two": 2}]
    assert "SELECT 1 AS one" not in statements


async def test_a_commit_is_not_interrupted(resources: Resources, engine: Engine) -> None:
    """The deadline of the unit of work passes while the database commits."""
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite has no triggers that run at the commit")
    database = resources.database
    await database.client.execute_script(
        "CREATE FUNCTION slowly() RETURNS TRIGGER LANGUAGE plpgsql AS "
        f"'BEGIN PERFORM pg_sleep({PASSING + 0.5}); RETURN NULL; END';"
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON visits DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION slowly()"
    )
    hurried = replace(resources, settings=replace(resources.settings, work_deadline=PASSING))
    async with no_hang(), unit_of_work(hurried) as work:
        transaction = await work.transaction()
        await transaction.fetch(
            "INSERT INTO visits (owner_id, last_at) VALUES (1, CURRENT_TIMESTAMP) RETURNING owner_id"
        )
    assert await database.fetch("SELECT COUNT(*) AS visits FROM visits WHERE owner_id = 1") == [{"visits": 1}]
    await asyncio.sleep(0)
