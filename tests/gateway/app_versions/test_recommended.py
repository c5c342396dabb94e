"""Responses to versions below the recommended one have a header, and stored responses are the same for all versions."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.gateway.app_versions.conftest import RECOMMENDED, sent_by
from tests.support.client import Client
from tests.support.server import serving

STORED = 'query Ben { user(handle: "ben") { id name } }'
CLIENT_HEADERS = {
    f"{prefix}-client-{part}" for prefix in ("apollographql", "graphql", "x-graphql") for part in ("name", "version")
}
OLDER, CURRENT = sent_by("ios", "4.9.9"), sent_by("ios", "4.10.0")


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("ios", "4.9.9", RECOMMENDED),
        ("ios", "4.10.0-rc.1", RECOMMENDED),
        ("ios", "4.10.0", None),
        ("ios", "dev", None),
        ("web", "1.9", 'recommended; version="2"'),
        ("web", "2.0", None),
        ("android", "4.10.0", None),
        ("", "", None),
    ],
)
async def test_an_older_version_is_told_of_the_recommended_one(
    client: Client, name: str, version: str, expected: str | None
) -> None:
    response = await client.post("{ __typename }", **sent_by(name, version))
    assert response.json() == {"data": {"__typename": "Query"}}
    assert response.headers.get("app-upgrade") == expected


async def test_hits_have_the_header_of_their_request_on_a_real_socket(settings: Settings) -> None:
    async with serving(settings) as server:
        stored = 0
        for headers in (OLDER, CURRENT, {}, OLDER, CURRENT, {}, OLDER, CURRENT):
            response = await server.http.post("/graphql", json={"query": STORED}, headers=headers)
            assert response.json()["data"]["user"]["name"]
            assert response.headers.get("app-upgrade") == (RECOMMENDED if headers is OLDER else None)
            assert response.headers["content-length"] == str(response.num_bytes_downloaded)
        page = (await server.http.get("/metrics")).text
        for line in page.splitlines():
            if line.startswith('bff_response_cache_total{operation="Ben",result="hit"}'):
                stored = int(float(line.split()[-1]))
        assert stored == 7, "all versions share the stored response"


async def test_streams_and_errors_have_the_header(settings: Settings) -> None:
    async with serving(settings) as server:
        for accept in ("text/event-stream", "application/json"):
            for query in ("{ __typename }", "{ nothing }"):
                response = await server.http.post(
                    "/graphql", json={"query": query}, headers={**OLDER, "Accept": accept}
                )
                assert response.headers["app-upgrade"] == RECOMMENDED


async def test_responses_to_get_vary_by_the_client(client: Client) -> None:
    query = {"query": STORED}
    for headers in (OLDER, CURRENT):
        response = await client.http.get("/graphql", params=query, headers=headers)
        assert set(response.headers["vary"].split(", ")) >= CLIENT_HEADERS
        tag = {"If-None-Match": response.headers["etag"]}
        unchanged = await client.http.get("/graphql", params=query, headers={**headers, **tag})
        assert unchanged.status_code == 304
        assert set(unchanged.headers["vary"].split(", ")) >= CLIENT_HEADERS
        assert unchanged.headers.get("app-upgrade") == (RECOMMENDED if headers is OLDER else None)


async def test_pages_of_other_origins_may_read_the_header(settings: Settings) -> None:
    origin = "https://app.example"
    headers = await answered(replace(settings, cors_origins=origin), {**OLDER, "Origin": origin})
    assert "App-Upgrade" in headers["access-control-expose-headers"].split(", ")
    assert headers["app-upgrade"] == RECOMMENDED


async def test_without_the_settings_nothing_varies_by_the_client(settings: Settings) -> None:
    plain = replace(settings, min_versions="", recommended_versions="")
    headers = await answered(plain, OLDER)
    assert "app-upgrade" not in headers
    assert CLIENT_HEADERS.isdisjoint(headers["vary"].split(", "))


async def answered(settings: Settings, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Returns the headers of the response to GET."""
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff", headers=headers) as http,
    ):
        return (await http.get("/graphql", params={"query": STORED})).headers
