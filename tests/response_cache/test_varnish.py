"""Varnish in front of `bff serve` stores the responses that it may, and a worker purges them by tags."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.cdn import open_cdn
from adapters.cdn.varnish import MAX_TAG_BYTES
from tests.conftest import REDIS
from tests.response_cache.support.headers import Request, check_that_responses_do_not_leak, requests
from tests.response_cache.support.stage import COUNT, LIKED, ME, POST, TEXT, Stage, cached_server
from tests.support.engines import Engine
from tests.support.programs import free_port
from tests.support.proxies import required
from tests.support.relay import drained
from tests.support.timing import until
from tests.support.varnish import varnish

pytestmark = pytest.mark.skipif(not REDIS, reason="Redis is not reached")

TOKEN = "hunter2"


@pytest.fixture(scope="module")
async def stage(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    required("varnishd")
    folder, port = tmp_path_factory.mktemp("varnish"), free_port()
    cdn = {"cdn_url": f"varnish://127.0.0.1:{port}", "cdn_token": TOKEN}
    async with (
        cached_server(engine, folder, **cdn) as (server, resources),
        varnish(folder, server.base_url.netloc.decode(), port, TOKEN) as http,
    ):
        made = Stage(http=http, resources=resources)
        await made.prepare(server)
        yield made


async def test_a_public_response_is_stored_and_has_no_tags(stage: Stage) -> None:
    for answer in await stage.stored_post():
        assert {"xkey", "cache-tag", "surrogate-key"}.isdisjoint(answer.headers)


async def test_an_expired_response_is_requested_again(stage: Stage) -> None:
    post = await stage.publish()
    assert [await stage.status(COUNT, post) for _ in range(2)] == ["MISS", "HIT"]
    await stage.mutate("LikePost", "ben", postId=post)
    await asyncio.sleep(1.1)
    changed = await stage.get(COUNT, post)
    assert (changed.headers["x-cache-status"], changed.json()["data"]["node"]["likeCount"]) == ("MISS", 1)


async def test_requests_with_credentials_and_responses_for_a_viewer_are_not_stored(stage: Stage) -> None:
    post = await stage.publish()
    for headers in ({"Authorization": f"Bearer {await stage.token('ana')}"}, {"Authorization": "0"}, {"Cookie": "a=b"}):
        for _ in range(2):
            answer = await stage.get(POST, post, **headers)
            assert answer.headers["x-cache-status"] == "PASS"
            assert answer.headers["cache-control"] in {"private, no-cache", "no-store"}
    for text in (LIKED, ME):
        assert [await stage.status(text, post) for _ in range(2)] == ["PASS", "PASS"]
    assert [await stage.status(POST, post) for _ in range(2)] == ["MISS", "HIT"]
    signed_in = await stage.get(POST, post, Authorization=f"Bearer {await stage.token('ana')}")
    assert (signed_in.headers["x-cache-status"], signed_in.headers["cache-control"]) == ("PASS", "private, no-cache")


async def test_a_purge_by_a_worker_makes_a_change_visible(stage: Stage) -> None:
    post = await stage.publish()
    await drained(stage.resources)
    purges = stage.resources.purges
    assert purges is not None
    await until(lambda: not purges._waiting and not purges._sending)
    assert [await stage.status(POST, stage.post) for _ in range(2)][1] == "HIT"
    assert [await stage.status(POST, post) for _ in range(2)] == ["MISS", "HIT"]
    await stage.mutate("EditPost", "ana", postId=post, body="New")
    assert (await stage.get(POST, post)).json() == {"data": {"node": {"body": TEXT.strip()}}}
    sent = purges.sent
    await drained(stage.resources)
    await until(lambda: purges.sent > sent)
    changed = await stage.get(POST, post)
    assert (changed.json(), changed.headers["x-cache-status"]) == ({"data": {"node": {"body": "New"}}}, "MISS")
    assert await stage.status(POST, stage.post) == "HIT"
    assert purges.failed == 0


async def test_more_tags_than_fit_in_a_header_are_all_purged(stage: Stage) -> None:
    posts = [await stage.publish() for _ in range(2)]
    rows = await stage.resources.database.fetch("SELECT id FROM posts ORDER BY id DESC LIMIT 2")
    fillers = [f"Post:{number}" for number in range(10**15, 10**15 + 996)]
    assert len(" ".join(fillers)) > 4 * MAX_TAG_BYTES
    settings = stage.resources.settings
    cdn = open_cdn(settings.cdn_url, settings.cdn_token)
    assert cdn is not None
    for post in posts:
        assert [await stage.status(POST, post) for _ in range(2)] == ["MISS", "HIT"]
    await cdn.purge([f"Post:{rows[0]['id']}", *fillers, f"Post:{rows[1]['id']}"])
    assert [await stage.status(POST, post) for post in posts] == ["MISS", "MISS"]


async def test_a_purge_without_the_token_is_rejected(stage: Stage) -> None:
    post = await stage.publish()
    rows = await stage.resources.database.fetch("SELECT id FROM posts ORDER BY id DESC LIMIT 1")
    tags = {"xkey-purge": f"Post:{rows[0]['id']}"}
    assert await stage.status(POST, post) == "MISS"
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}3"}):
        answer = await stage.http.request("PURGE", "/", headers=tags | headers)
        assert (answer.status_code, answer.content, "x-purged" in answer.headers) == (403, b"", False)
    assert await stage.status(POST, post) == "HIT"
    answer = await stage.http.request("PURGE", "/", headers=tags | {"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["x-purged"]) == (200, "1")
    assert await stage.status(POST, post) == "MISS"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(requests, min_size=2, max_size=8))
async def test_no_header_makes_a_response_for_one_reach_another(stage: Stage, sent: list[Request]) -> None:
    await check_that_responses_do_not_leak(stage, sent)
