"""nginx in front of `bff serve` stores the responses that it may, and no others."""

import asyncio
import gzip
import json
import secrets
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
import redis.asyncio
from httpx2 import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.viewer import SignedIn
from services.resources import Resources, open_resources
from services.users import find_user_id
from tests.cli.test_commands import serving
from tests.conftest import REDIS
from tests.support import nginx
from tests.support.client import operation
from tests.support.documents import named, sha256
from tests.support.engines import REDIS_URL, Engine
from tests.support.nginx import Nginx
from tests.support.relay import drained
from tests.support.timing import no_hang, settings_for, until
from tests.support.webhook import Hook, hooked

pytestmark = [
    pytest.mark.skipif(not nginx.INSTALLED, reason="nginx is not installed"),
    pytest.mark.skipif(not REDIS, reason="Redis is not reached"),
]

POST = "query Post($id: ID!) { node(id: $id) { ... on Post { body } } }"
COUNT = "query Count($id: ID!) { node(id: $id) { ... on Post { body likeCount } } }"
LIKED = "query Liked($id: ID!) { node(id: $id) { ... on Post { likedByViewer } } }"
ME = "{ viewer { user { handle } } }"
TEXT = "Hello " * 300
EXPIRED = 2.1
"""Seconds after which nginx, which counts whole seconds, no longer answers with a response of one second."""


@dataclass
class Stage:
    """A server behind nginx, with a post by ana that ben likes."""

    proxy: Nginx
    server: AsyncClient
    resources: Resources
    hook: Hook
    post: str = ""

    async def token(self, handle: str) -> str:
        user_id = await find_user_id(self.resources.database, handle)
        assert user_id is not None
        return self.resources.access_tokens.issue(SignedIn(user_id, 1))[0]

    async def mutate(self, name: str, handle: str, **given: Any) -> dict[str, Any]:
        body = {"query": operation("feed.graphql", name), "variables": {"input": given}}
        headers = {"Authorization": f"Bearer {await self.token(handle)}"}
        answer = (await self.proxy.http.post("/graphql", json=body, headers=headers)).json()
        return next(iter(answer["data"].values()))

    async def publish(self) -> str:
        return (await self.mutate("PublishPost", "ana", body=TEXT))["post"]["id"]

    async def get(self, text: str, post: str | None = None, method: str = "GET", **headers: str) -> Response:
        params = {"extensions": json.dumps(named(sha256(text)))}
        if text != ME:
            params["variables"] = json.dumps({"id": post or self.post})
        sent = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.proxy.http.request(method, "/graphql", params=params, headers=sent)

    async def status(self, text: str, post: str | None = None, **headers: str) -> str:
        return (await self.get(text, post, **headers)).headers["x-cache-status"]


@pytest.fixture(scope="module", params=[True, False], ids=["documented", "vary alone"])
async def stage(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stage]:
    folder, project = tmp_path_factory.mktemp("nginx"), Path(__file__).parent.parent.parent
    name = f"test-{secrets.token_hex(6)}"
    environment = {
        "PYTHONPATH": str(project),
        "BFF_CACHE_URL": REDIS_URL,
        "BFF_CACHE_NAME": name,
        "BFF_CACHE_EXPLAIN": "off",
        "BFF_CACHE_MAX_STALE": "1",
        "BFF_CORS_ORIGINS": "https://listed.example",
    }
    async with engine.copy() as url, hooked() as hook:
        environment["BFF_DATABASE_URL"] = url
        worker = settings_for(url, cache_url=REDIS_URL, cache_name=name, cdn_url=hook.url)
        async with (
            open_resources(worker) as resources,
            serving("serve", folder=folder, environment=environment) as http,
        ):
            (folder / "nginx").mkdir()
            page, address = project / "docs/caching-http.md", http.base_url.netloc.decode()
            async with nginx.nginx(folder / "nginx", page, address, bypasses=request.param) as proxy:
                made = Stage(proxy, http, resources, hook)
                for text in (POST, COUNT, LIKED, ME):
                    await http.post("/graphql", json={"query": text, "extensions": named(sha256(text))})
                made.post = await made.publish()
                await made.mutate("LikePost", "ben", postId=made.post)
                yield made
    async with redis.asyncio.from_url(REDIS_URL) as store:
        keys: list[bytes] = [key async for key in store.scan_iter(f"{name}:*")]
        await store.delete(*keys)


async def test_a_public_response_is_stored(stage: Stage) -> None:
    post = await stage.publish()
    miss, hit, head = (
        await stage.get(POST, post),
        await stage.get(POST, post),
        await stage.get(POST, post, method="HEAD"),
    )
    assert [answer.headers["x-cache-status"] for answer in (miss, hit, head)] == ["MISS", "HIT", "HIT"]
    assert miss.json() == hit.json() == {"data": {"node": {"body": TEXT.strip()}}}
    assert (head.content, head.headers["etag"]) == (b"", miss.headers["etag"])
    known = await stage.get(POST, post, If_None_Match=miss.headers["etag"])
    assert (known.status_code, known.content, known.headers["x-cache-status"]) == (304, b"", "HIT")


async def test_an_expired_response_is_revalidated(stage: Stage) -> None:
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


async def test_encodings_are_stored_separately(stage: Stage) -> None:
    post = await stage.publish()
    codings: dict[str, tuple[str | None, Callable[[bytes], bytes]]] = {
        "gzip": ("gzip", gzip.decompress),
        "br": ("br", brotli.decompress),
        "identity": (None, bytes),
    }
    for status in ("MISS", "HIT"):
        for accepted, (coding, decode) in codings.items():
            async with stage.proxy.http.stream(
                "GET", str((await stage.get(POST, post)).url), headers={"Accept": "*/*", "Accept-Encoding": accepted}
            ) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            assert (answer.headers["x-cache-status"], answer.headers.get("content-encoding")) == (status, coding)
            assert json.loads(decode(raw)) == {"data": {"node": {"body": TEXT.strip()}}}


async def test_requests_with_credentials_and_responses_for_a_viewer_are_not_stored(stage: Stage) -> None:
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


async def test_a_purge_makes_changes_visible(stage: Stage) -> None:
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


HEADERS = {
    "Accept": ["application/json", "application/graphql-response+json", "*/*"],
    "Accept-Encoding": ["gzip", "br", "identity", "gzip;q=0, *"],
    "Authorization": ["Bearer poison-token", "0", "Basic cG9pc29u"],
    "Cache-Control": ["no-cache", "only-if-cached"],
    "Content-Type": ["application/json"],
    "Cookie": ["session=poison-cookie", "0"],
    "Forwarded": ["for=1.2.3.4;host=poison.example"],
    "If-None-Match": ['"poison-tag"'],
    "Origin": ["https://listed.example", "https://poison.example"],
    "Range": ["bytes=0-3"],
    "User-Agent": ["node", "poison-agent"],
    "X-Forwarded-Host": ["poison.example"],
    "X-Forwarded-Proto": ["https"],
    "X-Http-Method-Override": ["POST"],
    "X-Request-Id": ["poison-request-id"],
    "Apollographql-Client-Name": ["poison-client"],
}
requests = st.tuples(
    st.sampled_from([POST, LIKED, ME]),
    st.sampled_from([None, "ana", "ben"]),
    st.lists(st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values]), max_size=2),
)


def expected_of(text: str, handle: str | None) -> dict[str, Any]:
    if text == ME:
        return {"viewer": handle and {"user": {"handle": handle}}}
    return {"node": {"body": TEXT.strip()} if text == POST else {"likedByViewer": handle == "ben"}}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(requests, min_size=2, max_size=8))
async def test_no_header_makes_a_response_for_one_reach_another(
    stage: Stage, sent: list[tuple[str, str | None, list[tuple[str, str]]]]
) -> None:
    post = await stage.publish()
    await stage.mutate("LikePost", "ben", postId=post)
    async with no_hang():
        for text, handle, chosen in sent:
            headers = dict(chosen)
            if handle is not None:
                headers["Authorization"] = f"Bearer {await stage.token(handle)}"
            answer = await stage.get(text, post, **headers)
            if "Authorization" in headers and handle is None:
                assert (answer.headers["cache-control"], "errors" in answer.json()) == ("no-store", True)
            elif answer.status_code == 200:
                assert answer.json() == {"data": expected_of(text, handle)}
            if "Authorization" in headers:
                assert not answer.headers["cache-control"].startswith("public")
            mine = {value for name, value in headers.items() if name in {"X-Request-Id", "Origin"}}
            leaked = [value for value in answer.headers.values() if "poison" in value and value not in mine]
            assert leaked == []
        for text in (POST, LIKED, ME):
            answer = await stage.get(text, post)
            assert answer.json() == {"data": expected_of(text, None)}
            assert "poison" not in str(answer.headers.raw)
