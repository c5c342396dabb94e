import pytest
from httpx2 import ASGITransport, AsyncClient

from core.environment import read_settings
from core.errors import SettingsError
from core.settings import Settings
from gateway.app import create_app

LISTED = "https://app.example, http://localhost:3000"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,graphql-client-name",
}
PAGE = {"Accept": "text/html"}


def permissions(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


async def ask(origins: str, method: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Asks for a page that needs no engine."""
    transport = ASGITransport(create_app(Settings(cors_origins=origins)))
    async with AsyncClient(transport=transport, base_url="http://bff") as http:
        response = await http.request(method, "/graphql", headers={**PAGE, **headers})
    return response.status_code, dict(response.headers)


@pytest.mark.parametrize("origin", ["https://app.example", "http://localhost:3000"])
async def test_a_page_of_a_listed_origin_may_ask_and_read(origin: str) -> None:
    status, headers = await ask(LISTED, "OPTIONS", Origin=origin, **PREFLIGHT)
    assert status == 204
    assert permissions(headers) == {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": PREFLIGHT["Access-Control-Request-Headers"],
        "access-control-max-age": "7200",
    }
    assert headers["vary"] == "Origin, Access-Control-Request-Headers"
    status, headers = await ask(LISTED, "GET", Origin=origin)
    assert status == 200
    assert permissions(headers) == {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "ETag, Retry-After, X-Request-Id",
    }


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null", "*", ""]
)
async def test_a_page_of_another_origin_gets_no_permission(origin: str) -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask(LISTED, method, Origin=origin, **asked)
        assert permissions(headers) == {}
        assert "Origin" in headers["vary"]


async def test_where_all_may_ask_they_do_so_without_credentials() -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask("*", method, Origin="https://any.example", **asked)
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers


async def test_unless_it_is_set_no_page_may_ask() -> None:
    for method, asked in (("OPTIONS", PREFLIGHT), ("GET", {})):
        _, headers = await ask("", method, Origin="https://app.example", **asked)
        assert permissions(headers) == {}


@pytest.mark.parametrize(
    "wrong",
    ["app.example", "https://app.example/", "https://app.example/a", "ftp://app.example", "https://", "null",
     "https://*.example", "https://App.example", "https://a@app.example", "https://app.example:x"],
)  # fmt: skip
def test_what_is_no_origin_is_found_at_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_CORS_ORIGINS: "):
        read_settings({"BFF_CORS_ORIGINS": f"https://app.example,{wrong}"})
