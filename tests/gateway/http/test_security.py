import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.support.client import Client

PRODUCTION = Settings(env="production", secret_keys="a:" + "x" * 32)


@pytest.mark.parametrize("path", ["/graphql?query={__typename}", "/graphql?query={", "/livez", "/nothing"])
async def test_browsers_load_frame_and_guess_nothing_of_an_answer(client: Client, path: str) -> None:
    headers = (await client.http.get(path)).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize(
    ("settings", "address", "said", "strict"),
    [
        (PRODUCTION, "https://bff", {}, True),
        (PRODUCTION, "http://bff", {"X-Forwarded-Proto": "https"}, True),
        (PRODUCTION, "http://bff", {}, False),
        (Settings(), "https://bff", {}, False),
    ],
)
async def test_in_production_browsers_that_came_over_tls_stay_with_it(
    settings: Settings, address: str, said: dict[str, str], *, strict: bool
) -> None:
    async with AsyncClient(transport=ASGITransport(create_app(settings)), base_url=address) as http:
        headers = (await http.get("/livez", headers=said)).headers
    assert headers.get("strict-transport-security") == ("max-age=63072000; includeSubDomains" if strict else None)
