"""Headers of responses to GET: which of them shared caches may store, and for how long."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from core.clock import CorrectedClock
from core.global_ids import global_id
from core.settings import Settings
from gateway.execution.operations import Operations
from gateway.http import caching as caching_module
from gateway.http.caching import SharedCaching
from tests.support.app import App
from tests.support.client import Client
from tests.support.documents import named, register, serving, sha256
from tests.support.timing import settings_for

POSTS = "query Posts($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { body author { name } } } }"
COUNTS = "query Counts($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { body likeCount } } }"
LIKED = "query Liked($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { body likedByViewer } } }"
SEARCH = '{ search(query: "a") { edges { node { __typename } } } }'
VARY = "Accept, Accept-Encoding, Authorization"
PUBLIC = re.compile(r"public, max-age=0, s-maxage=(\d+), stale-while-revalidate=0")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, cache_url="memory://", cache_explain="off")


class Reader:
    """Sends persisted operations over GET."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def persist(self, text: str) -> None:
        await self.client.http.post("/graphql", json={"query": text, "extensions": named(sha256(text))})

    async def get(self, text: str, ids: list[str] | None = None, method: str = "GET", **headers: str) -> Response:
        params = {"extensions": json.dumps(named(sha256(text)))}
        if ids is not None:
            params["variables"] = json.dumps({"ids": ids})
        return await self.client.http.request(
            method,
            "/graphql",
            params=params,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


@pytest.fixture
async def reader(client: Client) -> Reader:
    made = Reader(client)
    for text in (POSTS, COUNTS, LIKED, SEARCH):
        await made.persist(text)
    return made


@pytest.fixture
def ana(client: Client) -> App:
    return App(client, "ana")


def seconds(response: Response) -> int:
    """Returns the seconds for which shared caches may answer with the response."""
    match = PUBLIC.fullmatch(response.headers["cache-control"])
    assert match, response.headers
    return int(match[1])


def caching(response: Response) -> dict[str, str]:
    names = ("cache-control", "age", "etag", "vary", "cache-tag", "surrogate-key", "x-request-id")
    return {name: response.headers[name] for name in names if name in response.headers}


async def tags_of(client: Client, post: str) -> list[str]:
    (row,) = await client.resources.database.fetch("SELECT id, author_id FROM posts ORDER BY id DESC LIMIT 1")
    assert global_id("Post", row["author_id"], row["id"]) == post
    return [f"Post:{row['id']}", f"User:{row['author_id']}"]


async def test_public_responses_are_for_shared_caches(reader: Reader, ana: App) -> None:
    post = await ana.publishes("Hello")
    miss = await reader.get(POSTS, [post])
    tags = await tags_of(reader.client, post)
    assert miss.json()["data"]["nodes"][0]["body"] == "Hello"
    assert 54 <= seconds(miss) <= 60
    assert {**caching(miss), "etag": "", "cache-control": ""} == {
        "cache-control": "",
        "age": "0",
        "etag": "",
        "vary": VARY,
        "cache-tag": ",".join(tags),
        "surrogate-key": " ".join(tags),
    }
    hit = await reader.get(POSTS, [post])
    assert (hit.content, {**caching(hit), "cache-control": ""}) == (
        miss.content,
        {**caching(miss), "cache-control": ""},
    )
    head = await reader.get(POSTS, [post], method="HEAD")
    assert (head.status_code, dict(head.headers) | {"cache-control": ""}) == (
        200,
        dict(hit.headers) | {"cache-control": ""},
    )


async def test_the_client_that_has_a_response_gets_304(reader: Reader, ana: App) -> None:
    post = await ana.publishes("Hello")
    first = await reader.get(POSTS, [post])
    for method in ("GET", "HEAD"):
        again = await reader.get(POSTS, [post], method=method, If_None_Match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert {**caching(again), "cache-control": ""} == {**caching(first), "cache-control": ""}
        assert seconds(again) <= seconds(first)
    await ana.does("EditPost", postId=post, body="New")
    changed = await reader.get(POSTS, [post], If_None_Match=first.headers["etag"])
    assert (changed.status_code, changed.json()["data"]["nodes"][0]["body"]) == (200, "New")


async def test_equal_bytes_have_equal_tags_in_every_coding(reader: Reader, ana: App) -> None:
    post = await ana.publishes("Hello " * 500)
    codings = {"gzip": "gzip", "br": "br", "zstd": None, "zstd, br": "br", "identity": None}
    found = {accepted: await reader.get(POSTS, [post], Accept_Encoding=accepted) for accepted in codings}
    assert {accepted: answer.headers.get("content-encoding") for accepted, answer in found.items()} == codings
    assert len({answer.headers["etag"] for answer in found.values()}) == 1
    other = await reader.get(POSTS, [post], Accept="application/graphql-response+json")
    assert other.headers["etag"] == f'{found["gzip"].headers["etag"][:-1]}g"'


async def test_equal_bytes_with_other_cache_tags_are_another_response(reader: Reader, ana: App) -> None:
    """A cache that keeps the tags of the first response would not be purged of the second one."""
    text = 'query Latest { user(handle: "ana") { posts(first: 1) { edges { node { body } } } } }'
    await reader.persist(text)
    await ana.publishes("Same")
    first = await reader.get(text)
    await ana.publishes("Same")
    second = await reader.get(text)
    assert first.content == second.content
    assert first.headers["etag"] != second.headers["etag"]


async def test_the_remaining_seconds_become_fewer(reader: Reader, ana: App, client: Client) -> None:
    post = await ana.publishes("Hello")
    first = seconds(await reader.get(POSTS, [post]))
    clock = client.resources.clock
    assert isinstance(clock, CorrectedClock)
    clock.offset += timedelta(seconds=20)
    later = await reader.get(POSTS, [post])
    assert first - seconds(later) in {20, 21}
    assert later.headers["age"] == "0"


async def test_counts_shorten_the_time(reader: Reader, ana: App) -> None:
    post = await ana.publishes("Hello")
    assert [seconds(await reader.get(COUNTS, [post])) for _ in range(2)] == [5, 5]
    missing = await reader.get(COUNTS, [])
    assert seconds(missing) > 5


async def test_other_responses_are_not_for_shared_caches(reader: Reader, ana: App) -> None:
    post, token = await ana.publishes("Hello"), await reader.client.token("ana")
    signed_in = {"Authorization": f"Bearer {token}"}
    for text, headers, expected in (
        (LIKED, {}, "no-cache"),
        (LIKED, signed_in, "private, no-cache"),
        (POSTS, signed_in, "private, no-cache"),
        (POSTS, {"Cookie": "a=b"}, "private, no-cache"),
        (POSTS, {"Authorization": "Bearer wrong"}, "no-store"),
        (POSTS, {"Authorization": ""}, "no-store"),
        (SEARCH, {}, "no-cache"),
    ):
        for _ in range(2):
            answer = await reader.get(text, None if text == SEARCH else [post], **headers)
            assert caching(answer)["cache-control"] == expected
            assert {"age", "cache-tag", "surrogate-key"}.isdisjoint(caching(answer))
            assert ("etag" in caching(answer)) == (expected != "no-store")
            assert "x-request-id" in answer.headers


async def test_texts_and_posts_are_not_for_shared_caches(reader: Reader, ana: App) -> None:
    post = await ana.publishes("Hello")
    assert seconds(await reader.get(POSTS, [post])) > 0
    text = {"query": POSTS, "variables": json.dumps({"ids": [post]})}
    for params in (text, {**text, "extensions": json.dumps(named(sha256(POSTS)))}):
        answer = await reader.client.http.get("/graphql", params=params)
        assert answer.headers["cache-control"] == "no-cache"
    body = {"extensions": named(sha256(POSTS)), "variables": {"ids": [post]}}
    answer = await reader.client.http.post("/graphql", json=body)
    assert caching(answer)["cache-control"] == "no-store"
    assert "cache-tag" not in answer.headers


async def test_registered_documents_are_persisted_operations(reader: Reader, ana: App) -> None:
    await register(reader.client, {"posts-1": POSTS})
    variables = json.dumps({"ids": [await ana.publishes("Hello")]})
    for name in ("documentId", "doc_id", "id"):
        answer = await reader.client.http.get("/graphql", params={name: "posts-1", "variables": variables})
        assert seconds(answer) > 0


async def test_errors_are_not_for_shared_caches(reader: Reader) -> None:
    for ids in (["x"], [""] * 101):
        answer = await reader.get(POSTS, ids)
        assert "errors" in answer.json()
        assert caching(answer)["cache-control"] == "no-store"
        assert {"etag", "cache-tag"}.isdisjoint(caching(answer))


async def test_a_response_with_too_many_tags_is_not_for_shared_caches(
    reader: Reader, ana: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await ana.publishes("Hello")
    length = len((await reader.get(POSTS, [post])).headers["cache-tag"])
    for limit, is_shared in ((length, True), (length - 1, False)):
        monkeypatch.setattr(caching_module, "MAX_TAG_BYTES", limit)
        answer = await reader.get(POSTS, [post])
        assert ("cache-tag" in answer.headers, answer.headers["cache-control"] != "no-cache") == (is_shared, is_shared)


async def test_private_tags_are_not_for_shared_caches() -> None:
    assert SharedCaching.of_tags(60, 0, b"Post:1 Viewer:2.feed") is None
    assert SharedCaching.of_tags(60, 0, b"Post:1 User:2.posts") == (60, 0, "Post:1 User:2.posts")


async def test_a_response_that_a_write_has_outdated_is_not_for_shared_caches(
    reader: Reader, ana: App, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await ana.publishes("Hello")
    (row,) = await client.resources.database.fetch("SELECT id FROM posts ORDER BY id DESC LIMIT 1")
    store, execute = client.resources.responses, Operations.execute
    assert store is not None

    async def execute_slowly(self: Operations, *arguments: Any) -> Any:
        result = await execute(self, *arguments)
        await store.announce([f"Post:{row['id']}"])
        return result

    monkeypatch.setattr(Operations, "execute", execute_slowly)
    outdated = await reader.get(POSTS, [post])
    assert (outdated.json()["data"]["nodes"][0]["body"], outdated.headers["cache-control"]) == ("Hello", "no-cache")
    monkeypatch.undo()
    assert seconds(await reader.get(POSTS, [post])) > 0


async def test_the_origin_is_part_of_vary_if_origins_are_permitted(settings: Settings) -> None:
    chosen = replace(settings, env="production", secret_keys=f"a:{'x' * 32}", cors_origins="https://app.example")
    async with serving(chosen) as client:
        reader = Reader(client)
        await reader.persist(POSTS)
        for headers in ({}, {"Origin": "https://app.example"}, {"Origin": "https://other.example"}):
            answer = await reader.get(POSTS, [], **headers)
            assert seconds(answer) > 0
            assert answer.headers["vary"] == f"{VARY}, Origin"


async def test_explained_responses_have_the_tag_of_their_data(settings: Settings) -> None:
    async with serving(replace(settings, cache_explain="on")) as client:
        reader = Reader(client)
        await reader.persist(POSTS)
        miss, hit = await reader.get(POSTS, []), await reader.get(POSTS, [])
        assert [answer.json()["extensions"]["cache"]["result"] for answer in (miss, hit)] == ["miss", "hit"]
        assert miss.headers["etag"] == hit.headers["etag"]
        assert seconds(hit) > 0
