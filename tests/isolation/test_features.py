"""One feature hangs, and the others answer."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator
from math import inf
from pathlib import Path
from typing import Any

import pytest

from adapters.breaker import FAILURES
from adapters.database.bulkhead import TRANSACTIONS, Bulkhead
from core.errors import ProblemError, Unavailable, invalid_input
from core.features import Feature
from core.settings import Settings
from loaders import FEATURES, LOADERS
from services.resources import Resources
from tests.support.client import HOME, Client
from tests.support.engines import Engine, PostgresEngine
from tests.support.timing import no_hang, settings_for, until

FEED = "{ viewer { feed { edges { cursor } } } }"
ALL = "{ viewer { user { handle } feed { edges { cursor } } wallet { currency } } }"
NO_ANSWER = "The feature 'feed' is unavailable: the database has not answered lately. Try again."


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The feed has a short deadline and three connections, of which equal statements take two.

    No other feature has a deadline that passes.
    """
    return settings_for(database_url, feature_deadlines="feed=0.4", database_pool=6)


@pytest.fixture
async def hung(engine: Engine, resources: Resources) -> AsyncGenerator[Bulkhead]:
    """The bulkhead of the feed, whose statements do not end during the test."""
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite has one connection, which all features share")
    async with engine.stalled(resources), no_hang():
        yield resources.features[Feature.FEED].bulkhead


def problem(answer: dict[str, Any]) -> dict[str, Any]:
    """Returns the only error of a response, without what differs between requests."""
    (error,) = answer["errors"]
    return {"message": error["message"], "path": error["path"], **error["extensions"], "requestId": ""}


async def test_the_answer_has_everything_else_and_names_what_is_missing(client: Client, hung: Bulkhead) -> None:
    answer = await client.ask(ALL, as_="ana")
    assert answer["data"] == {"viewer": {"user": {"handle": "ana"}, "feed": None, "wallet": {"currency": "EUR"}}}
    assert problem(answer) == {
        "message": "The feature 'feed' is unavailable: the database does not answer. Try again.",
        "path": ["viewer", "feed"],
        "code": "UNAVAILABLE",
        "requestId": "",
        "retryable": True,
        "documentation": "/errors/UNAVAILABLE",
        "feature": "feed",
    }
    assert (hung.failures, hung.in_use) == (1, 0)


async def test_after_failures_in_a_row_the_feature_is_rejected_at_once_and_then_tried_again(
    client: Client, engine: Engine, resources: Resources
) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite has one connection, which all features share")
    bulkhead = resources.features[Feature.FEED].bulkhead
    async with engine.stalled(resources), no_hang():
        answers = await asyncio.gather(*(client.ask(FEED, as_="ana") for _ in range(8)))
        assert {answer["errors"][0]["extensions"]["feature"] for answer in answers} == {"feed"}
        assert bulkhead.open_breakers == 1
        (breaker,) = bulkhead.failing.values()
        breaker._trial_at = inf
        rejected = bulkhead.rejected
        answer = await client.ask(ALL, as_="ana")
        assert answer["data"]["viewer"]["user"] == {"handle": "ana"}
        assert (problem(answer)["message"], problem(answer)["retryAfter"]) == (NO_ANSWER, 1.0)
        assert (bulkhead.rejected, bulkhead.waiting) == (rejected + 1, 0)
    breaker._trial_at = 0.0
    assert problem(await client.ask(FEED, as_="ana"))["message"] == NO_ANSWER  # the trial runs without the request
    await until(lambda: bulkhead.failing == {})
    assert (await client.data(FEED, as_="ana"))["viewer"]["feed"]["edges"]
    assert bulkhead.in_use == 0


@pytest.mark.usefixtures("hung")
async def test_one_warning_tells_of_all_requests_that_an_open_breaker_rejects(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await asyncio.gather(*(client.ask(FEED, as_="ana") for _ in range(FAILURES)))
        (opened,) = [record for record in caplog.records if record.name == "adapters.breaker_log"]
        assert (opened.levelno, vars(opened)["breaker"]) == (logging.WARNING, "feature feed")
        caplog.clear()
        for _ in range(3):
            assert problem(await client.ask(FEED, as_="ana"))["message"] == NO_ANSWER
    lines = [record for record in caplog.records if vars(record).get("errors") == ["UNAVAILABLE"]]
    assert [record.levelno for record in lines] == [logging.INFO] * 3
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_no_request_waits_for_a_trial(client: Client, engine: Engine, resources: Resources) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite has one connection, which all features share")
    bulkhead = resources.features[Feature.FEED].bulkhead
    async with engine.stalled(resources), no_hang():
        await asyncio.gather(*(client.ask(FEED, as_="ana") for _ in range(8)))
        (breaker,) = bulkhead.failing.values()
        breaker._trial_at = 0.0
        assert problem(await client.ask(FEED, as_="ana"))["message"] == NO_ANSWER
        assert bulkhead.in_use == 1
        failures = bulkhead.failures
        await until(lambda: bulkhead.in_use == 0)
        assert (bulkhead.failures, bulkhead.open_breakers) == (failures + 1, 1)


async def test_a_feature_takes_no_more_than_its_share_of_the_connections(client: Client, hung: Bulkhead) -> None:
    assert hung.places == 3
    requests = [asyncio.create_task(client.ask(FEED, as_="ana")) for _ in range(3)]
    await until(lambda: hung.waiting == 1)
    assert hung.in_use == 2
    assert (await client.data("{ viewer { wallet { currency } } }", as_="ana")) == {
        "viewer": {"wallet": {"currency": "EUR"}}
    }
    answers = await asyncio.gather(*requests)
    messages = {answer["errors"][0]["message"] for answer in answers}
    assert messages <= {
        "The feature 'feed' is unavailable: the database does not answer. Try again.",
        "The feature 'feed' is unavailable: too many of its statements are running. Try again.",
    }
    assert (hung.in_use, hung.waiting, hung.failures) == (0, 0, 3)


async def test_a_mutation_takes_a_place_of_its_feature_and_leaves_it(client: Client) -> None:
    bulkhead = client.resources.features[Feature.FEED].bulkhead
    places = bulkhead.free
    seen: list[int] = []
    async with client.resources.of_feature(Feature.FEED).database.transaction() as transaction:
        await transaction.fetch("SELECT 1 AS one")
        seen.append(bulkhead.free)
    await client.data('mutation { publishPost(input: {body: "Hello"}) { __typename } }', as_="ana")
    assert (seen, bulkhead.free) == ([places - 1], places)


async def test_jobs_and_background_tasks_do_not_depend_on_a_feature(client: Client) -> None:
    resources = client.resources
    for database in resources.features.values():
        for _ in range(FAILURES):
            database.bulkhead.record_failure("SELECT 1 AS one")
    assert await resources.database.fetch("SELECT 1 AS one") == [{"one": 1}]
    view = resources.of_feature(Feature.FEED)
    assert view.database.undivided is resources.database
    with pytest.raises(Unavailable):
        await view.database.fetch("SELECT 1 AS one")


async def test_an_error_of_the_data_is_no_failure(client: Client) -> None:
    database = client.resources.features[Feature.USERS]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await database.fetch(
            "INSERT INTO handles (handle, user_id) SELECT handle, user_id FROM handles RETURNING 1 AS one"
        )
    assert (database.bulkhead.failures, database.bulkhead.failing) == (0, {})
    assert database.bulkhead.in_use == 0


async def test_a_mutation_with_a_problem_shows_that_the_database_answers(client: Client) -> None:
    bulkhead = client.resources.features[Feature.FEED].bulkhead
    bulkhead.record_failure(TRANSACTIONS)
    database = client.resources.features[Feature.FEED]
    with pytest.raises(ProblemError):
        async with database.transaction() as transaction:
            await transaction.fetch("SELECT 1 AS one")
            raise invalid_input("input", "A rule of the feature.")
    assert bulkhead.failing == {}


async def test_a_post_is_read_without_its_cursor_if_only_live_updates_hang(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(_database: object) -> int:
        raise Unavailable("The feature 'live' is unavailable: the database does not answer. Try again.", None, "live")

    query = "{ viewer { feed(first: 1) { edges { node { body liveCursor } } } } }"
    (before,) = (await client.data(query, as_="ana"))["viewer"]["feed"]["edges"]
    monkeypatch.setattr("schema.context.read_horizon", unavailable)
    answer = await client.ask(query, as_="ana")
    assert answer["data"]["viewer"]["feed"]["edges"] == [{"node": {**before["node"], "liveCursor": None}}]
    found = problem(answer)
    assert (found["feature"], found["path"][-1]) == ("live", "liveCursor")


def test_each_loader_reads_with_the_database_of_its_feature() -> None:
    assert FEATURES.keys() == LOADERS.keys()
    assert FEATURES["comments_by_post"] is Feature.FEED
    assert FEATURES["wallet_by_id"] is Feature.PAYMENTS


async def test_home_reads_with_three_features_and_the_feed_with_its_comments(client: Client) -> None:
    seen: list[str] = []
    for feature, database in client.resources.features.items():
        original = database._fetch

        async def fetch(*given: Any, feature: str = feature, original: Any = original) -> Any:
            seen.append(str(feature))
            return await original(*given)

        database._fetch = fetch  # type: ignore[method-assign]
    await client.data(HOME, as_="ana")
    assert sorted(seen) == ["feed", "feed", "notifications", "payments", "users"]


def test_resolvers_read_with_the_database_of_a_feature(project: Path) -> None:
    files = [*(project / "resolvers").rglob("*.py"), *(project / "schema").rglob("*.py")]
    whole = re.compile(r"context\.database\b(?!_of)|context\.resources\.database\b")
    assert [str(file) for file in files if whole.search(file.read_text())] == []
