"""Headers of responses to GET: which of them shared caches may store, and for how long."""

import json
import re

import pytest
from httpx2 import Response

from core.global_ids import global_id
from core.settings import Settings
from tests.support.app import App
from tests.support.client import Client
from tests.support.documents import named, sha256
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
    for text in (POSTS, COUNTS, LIKED, SEARCH):
        await client.http.post("/graphql", json={"query": text, "extensions": named(sha256(text))})
    return Reader(client)


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
