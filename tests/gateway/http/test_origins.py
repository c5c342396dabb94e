import logging
from collections.abc import Mapping
from typing import Literal

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.errors import SettingsError
from core.settings import Settings
from core.settings.environment import read_settings
from gateway.app import create_app

LISTED = (
    "https://app.example, http://localhost:3000, https://Shop.Example:443, http://[::1]:3000, capacitor://localhost, "
    "ionic://localhost"
)
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,graphql-client-name",
}
PAGE = {"Accept": "text/html"}
SECRETS = "a:" + "x" * 32


def permissions(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


async def ask(
    origins: str, method: str, sent: Mapping[str, str], env: Literal["dev", "production"] = "production"
) -> tuple[int, dict[str, str]]:
    """Asks for a page that needs no engine."""
    transport = ASGITransport(create_app(Settings(env=env, secret_keys=SECRETS, cors_origins=origins)))
    async with AsyncClient(transport=transport, base_url="http://bff") as http:
        response = await http.request(method, "/livez", headers={**PAGE, **sent})
    return response.status_code, dict(response.headers)


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example",
        "http://localhost:3000",
        "https://shop.example",
        "http://[::1]:3000",
        "capacitor://localhost",
        "ionic://localhost",
    ],
)
async def test_a_page_of_a_listed_origin_may_ask_and_read(origin: str) -> None:
    status, headers = await ask(LISTED, "OPTIONS", {"Origin": origin, **PREFLIGHT})
    assert status == 204
    assert permissions(headers) == {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": PREFLIGHT["Access-Control-Request-Headers"],
        "access-control-max-age": "7200",
    }
    assert headers["vary"] == "Origin, Access-Control-Request-Headers"
    status, headers = await ask(LISTED, "GET", {"Origin": origin})
    assert status == 200
    assert permissions(headers) == {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "App-Upgrade, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
    }


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null", "*", ""]
)
async def test_a_page_of_another_origin_gets_no_permission(origin: str) -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask(LISTED, method, {"Origin": origin, **asked})
        assert permissions(headers) == {}
        assert "Origin" in headers["vary"]


async def test_where_all_may_ask_they_do_so_without_credentials() -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask("*", method, {"Origin": "https://any.example", **asked})
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers


async def test_unless_it_is_set_no_page_may_ask() -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask("", method, {"Origin": "https://app.example", **asked})
        assert permissions(headers) == {}


@pytest.mark.parametrize(
    "wrong",
    ["app.example", "https://app.example/", "https://app.example/a", "ftp://app.example", "https://", "null",
     "https://*.example", "https://a@app.example", "https://app.example:x", "https://app.example:99999",
     "file:///index.html", "ws://app.example", "https://[::1", "https://app.example?a", "https://app.example#a"],
)  # fmt: skip
def test_what_is_no_origin_is_found_at_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_CORS_ORIGINS: "):
        read_settings({"BFF_CORS_ORIGINS": f"https://app.example,{wrong}"})


LOCAL = [
    "http://localhost:3000", "https://localhost:5173", "http://127.0.0.1:8081", "http://[::1]:3000", "http://localhost",
    "http://app.localhost:3000",
]  # fmt: skip
FOREIGN = [
    "https://localhost.example", "http://localhost@evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1:3000",
    "null", "ftp://localhost",
]  # fmt: skip


@pytest.mark.parametrize("origin", LOCAL)
async def test_in_development_pages_of_this_machine_may_ask_and_in_production_they_may_not(origin: str) -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask("", method, {"Origin": origin, **asked}, "dev")
        assert headers["access-control-allow-origin"] == origin
        _, headers = await ask("", method, {"Origin": origin, **asked})
        assert permissions(headers) == {}


@pytest.mark.parametrize("origin", FOREIGN)
async def test_in_development_pages_of_other_machines_may_not_ask(origin: str) -> None:
    _, headers = await ask("", "OPTIONS", {"Origin": origin, **PREFLIGHT}, "dev")
    assert permissions(headers) == {}


async def test_the_log_names_the_setting_once_for_an_origin_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(Settings())
    with caplog.at_level(logging.WARNING, "core.origins"):
        async with AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http:
            for number in range(150):
                for _ in range(2):
                    sent = {**PREFLIGHT, "Origin": f"https://{number}.example"}
                    assert (await http.options("/graphql", headers=sent)).status_code == 204
    assert len(caplog.records) == 100
    expected = "rejected a browser page of origin 'https://0.example': BFF_CORS_ORIGINS does not contain it"
    assert caplog.records[0].getMessage() == expected


@pytest.mark.parametrize("origin", ["http://bff", "HTTP://BFF:80", "https://bff"])
async def test_pages_of_the_server_itself_are_not_refused(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "core.origins"):
        status, _ = await ask("", "GET", {"Origin": origin})
    assert (status, caplog.records) == (200, [])
