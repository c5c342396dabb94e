"""nginx in front of `bff serve` stores the responses that it may, and no others."""

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import REDIS
from tests.response_cache.support.headers import Request, check_that_responses_do_not_leak, requests
from tests.response_cache.support.stage import COUNT, LIKED, ME, POST, PROJECT, TEXT, Stage, cached_server
from tests.support import nginx
from tests.support.engines import Engine
from tests.support.nginx import Nginx
from tests.support.proxies import required
from tests.support.relay import drained
from tests.support.timing import until
from tests.support.webhook import Hook, hooked

pytestmark = pytest.mark.skipif(not REDIS, reason="Redis is not reached")

EXPIRED = 2.1
"""Seconds after which nginx, which counts whole seconds, no longer answers with a response of one second."""


@dataclass(kw_only=True)
class NginxStage(Stage):
    proxy: Nginx
    hook: Hook


@pytest.fixture(scope="module", params=[True, False], ids=["documented", "vary alone"])
async def stage(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[NginxStage]:
    required("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    async with hooked() as hook, cached_server(engine, folder, cdn_url=hook.url) as (server, resources):
        (folder / "nginx").mkdir()
        page, address = PROJECT / "docs/caching-http.md", server.base_url.netloc.decode()
        async with nginx.nginx(folder / "nginx", page, address, bypasses=request.param) as proxy:
            made = NginxStage(http=proxy.http, resources=resources, proxy=proxy, hook=hook)
            await made.prepare(server)
            yield made


async def test_a_public_response_is_stored(stage: NginxStage) -> None:
    await stage.stored_post()


async def test_an_expired_response_is_revalidated(stage: NginxStage) -> None:
    post = await stage.publish()
    first = await stage.get(COUNT, post)
    assert first.headers["cache-control"] == "public, max-age=0, s-maxage=1, stale-while-revalidate=0"
    await asyncio.sleep(EXPIRED)
    again = await stage.get(COUNT, post)
    assert (again.headers["x-cache-status"], again.content) == ("REVALIDATED", first.content)
    await stage.mutate("LikePost", "ben", postId=post)
    await asyncio.sleep(EXPIRED)
    changed = await stage.get(COUNT, post)
    assert (changed.headers["x-cache-status"], changed.json()["data"]["node"]["likeCount"]) == ("EXPIRED", 1)


async def test_encodings_are_stored_separately(stage: NginxStage) -> None:
    post = await stage.publish()
    codings: dict[str, tuple[str | None, Callable[[bytes], bytes]]] = {
        "gzip": ("gzip", gzip.decompress),
        "br": ("br", brotli.decompress),
        "identity": (None, bytes),
    }
    for status in ("MISS", "HIT"):
        for accepted, (coding, decode) in codings.items():
            async with stage.http.stream(
                "GET", str((await stage.get(POST, post)).url), headers={"Accept": "*/*", "Accept-Encoding": accepted}
            ) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            assert (answer.headers["x-cache-status"], answer.headers.get("content-encoding")) == (status, coding)
            assert json.loads(decode(raw)) == {"data": {"node": {"body": TEXT.strip()}}}


async def test_requests_with_credentials_and_responses_for_a_viewer_are_not_stored(stage: NginxStage) -> None:
    post = await stage.publish()
    before = len(stage.proxy.files())
    for headers in ({"Authorization": f"Bearer {await stage.token('ana')}"}, {"Authorization": "0"}, {"Cookie": "a=b"}):
        for _ in range(2):
            answer = await stage.get(POST, post, **headers)
            assert answer.headers["x-cache-status"] in {"MISS", "BYPASS"}
            assert answer.headers["cache-control"] in {"private, no-cache", "no-store"}
    for text in (LIKED, ME):
        assert [await stage.status(text, post) for _ in range(2)] == ["MISS", "MISS"]
    assert len(stage.proxy.files()) == before
    assert [await stage.status(POST, post) for _ in range(2)] == ["MISS", "HIT"]
    signed_in = await stage.get(POST, post, Authorization=f"Bearer {await stage.token('ana')}")
    assert signed_in.headers["x-cache-status"] in {"MISS", "BYPASS"}
    assert signed_in.headers["cache-control"] == "private, no-cache"


async def test_a_purge_makes_changes_visible(stage: NginxStage) -> None:
    post = await stage.publish()
    await drained(stage.resources)
    other = [await stage.status(POST, stage.post) for _ in range(2)][1]
    assert [await stage.status(POST, post) for _ in range(2)] == ["MISS", "HIT"]
    await stage.mutate("EditPost", "ana", postId=post, body="New")
    assert (await stage.get(POST, post)).json() == {"data": {"node": {"body": TEXT.strip()}}}
    stage.hook.on_tags = stage.proxy.purge
    sent = len(stage.hook.requests)
    await drained(stage.resources)
    await until(lambda: len(stage.hook.requests) > sent)
    changed = await stage.get(POST, post)
    assert (changed.json(), changed.headers["x-cache-status"]) == ({"data": {"node": {"body": "New"}}}, "MISS")
    assert (other, await stage.status(POST, stage.post)) == ("HIT", "HIT")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(requests, min_size=2, max_size=8))
async def test_no_header_makes_a_response_for_one_reach_another(stage: NginxStage, sent: list[Request]) -> None:
    await check_that_responses_do_not_leak(stage, sent)
