"""A server with the response cache behind a proxy that stores responses, and what tests of such proxies do there."""

import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis.asyncio
from httpx2 import AsyncClient, Response

from core.viewer import SignedIn
from services.resources import Resources, open_resources
from services.users import find_user_id
from tests.cli.test_commands import serving
from tests.support.client import operation
from tests.support.documents import named, sha256
from tests.support.engines import REDIS_URL, Engine
from tests.support.timing import settings_for

PROJECT = Path(__file__).parent.parent.parent.parent
POST = "query Post($id: ID!) { node(id: $id) { ... on Post { body } } }"
COUNT = "query Count($id: ID!) { node(id: $id) { ... on Post { body likeCount } } }"
LIKED = "query Liked($id: ID!) { node(id: $id) { ... on Post { likedByViewer } } }"
ME = "{ viewer { user { handle } } }"
TEXT = "Hello " * 300


@dataclass(kw_only=True)
class Stage:
    """A server behind a proxy, with a post by ana that ben likes."""

    http: AsyncClient
    """The client of the proxy."""
    resources: Resources
    """Those of the worker."""
    post: str = ""

    async def prepare(self, server: AsyncClient) -> None:
        for text in (POST, COUNT, LIKED, ME):
            await server.post("/graphql", json={"query": text, "extensions": named(sha256(text))})
        self.post = await self.publish()
        await self.mutate("LikePost", "ben", postId=self.post)

    async def token(self, handle: str) -> str:
        user_id = await find_user_id(self.resources.database, handle)
        assert user_id is not None
        return self.resources.access_tokens.issue(SignedIn(user_id, 1))[0]

    async def mutate(self, name: str, handle: str, **given: Any) -> dict[str, Any]:
        body = {"query": operation("feed.graphql", name), "variables": {"input": given}}
        headers = {"Authorization": f"Bearer {await self.token(handle)}"}
        answer = (await self.http.post("/graphql", json=body, headers=headers)).json()
        return next(iter(answer["data"].values()))

    async def publish(self) -> str:
        return (await self.mutate("PublishPost", "ana", body=TEXT))["post"]["id"]

    async def get(self, text: str, post: str | None = None, method: str = "GET", **headers: str) -> Response:
        params = {"extensions": json.dumps(named(sha256(text)))}
        if text != ME:
            params["variables"] = json.dumps({"id": post or self.post})
        sent = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, "/graphql", params=params, headers=sent)

    async def stored_post(self) -> tuple[Response, Response, Response]:
        """Returns three responses with a new post: the first, one to GET and one to HEAD. The proxy has stored it."""
        post = await self.publish()
        miss, hit = await self.get(POST, post), await self.get(POST, post)
        head = await self.get(POST, post, method="HEAD")
        assert [answer.headers["x-cache-status"] for answer in (miss, hit, head)] == ["MISS", "HIT", "HIT"]
        assert miss.json() == hit.json() == {"data": {"node": {"body": TEXT.strip()}}}
        assert (head.content, head.headers["etag"]) == (b"", miss.headers["etag"])
        known = await self.get(POST, post, If_None_Match=miss.headers["etag"])
        assert (known.status_code, known.content, known.headers["x-cache-status"]) == (304, b"", "HIT")
        return miss, hit, head

    async def status(self, text: str, post: str | None = None, **headers: str) -> str:
        return (await self.get(text, post, **headers)).headers["x-cache-status"]


@asynccontextmanager
async def cached_server(engine: Engine, folder: Path, **cdn: str) -> AsyncGenerator[tuple[AsyncClient, Resources]]:
    """Yields a client of `bff serve`, and the resources of a worker with settings of the CDN."""
    name = f"test-{secrets.token_hex(6)}"
    async with engine.copy() as url:
        environment = {
            "PYTHONPATH": str(PROJECT),
            "BFF_DATABASE_URL": url,
            "BFF_CACHE_URL": REDIS_URL,
            "BFF_CACHE_NAME": name,
            "BFF_CACHE_EXPLAIN": "off",
            "BFF_CACHE_MAX_STALE": "1",
            "BFF_CORS_ORIGINS": "https://listed.example",
        }
        async with (
            open_resources(settings_for(url, cache_url=REDIS_URL, cache_name=name, **cdn)) as resources,
            serving("serve", folder=folder, environment=environment) as http,
        ):
            yield http, resources
    async with redis.asyncio.from_url(REDIS_URL) as store:
        keys: list[bytes] = [key async for key in store.scan_iter(f"{name}:*")]
        await store.delete(*keys)
