import gzip
import hashlib
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import strawberry
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from core.settings.environment import read_settings
from gateway.app import create_app
from services.maintenance.seed import demo_password
from tests.support.client import Client

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PRODUCTION = Settings(env="production", secret_keys="a:" + "x" * 32)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; worker-src 'self'; "
    "font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@asynccontextmanager
async def visiting(settings: Settings, schema: strawberry.Schema | None = None) -> AsyncGenerator[AsyncClient]:
    """A browser before an application that has opened no engine: GraphiQL needs none."""
    transport = ASGITransport(create_app(settings, schema=schema))
    async with AsyncClient(transport=transport, base_url="http://bff", headers=BROWSER) as http:
        yield http


def config(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="config">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def loaded(page: str) -> list[str]:
    """The addresses that a page loads something from."""
    return re.findall(r'(?:src|<link [^>]*href)="([^"]+)"', page)


async def test_a_browser_gets_graphiql_under_a_strict_policy_and_keeps_no_copy(client: Client) -> None:
    response = await client.http.get("/graphql", headers=BROWSER)
    assert response.status_code == 200
    assert {name: response.headers[name] for name in response.headers if name != "content-length"} == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "content-encoding": "zstd",
        "vary": "Accept, Accept-Encoding",
        "x-request-id": response.headers["x-request-id"],
    }
    assert "<script>" not in response.text
    assert loaded(response.text)
    assert all(address.startswith("/graphiql/assets/") for address in loaded(response.text))


async def test_a_browser_that_asks_a_query_gets_its_answer(client: Client) -> None:
    response = await client.http.get("/graphql", params={"query": "{ __typename }"}, headers=BROWSER)
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_without_scripts_the_page_says_how_to_ask() -> None:
    async with visiting(Settings()) as http:
        page = (await http.get("/graphql", headers={"Host": "shop.example:8443"})).text
        assert "<noscript>" in page
        assert "curl http://shop.example:8443/graphql" in page
        assert "<b>" not in (await http.get("/graphql", headers={"Host": 'a"<b>.example'})).text
        linked = re.findall(r'<a href="([^"]+)"', page)
        assert linked == ["/schema.graphql", "/graphiql/licences.txt"]
        assert [(await http.get(address)).status_code for address in linked] == [200, 200]


async def test_demo_people_are_offered_and_there_is_no_page_in_production() -> None:
    async with visiting(Settings()) as http:
        people = config((await http.get("/graphql")).text)["people"]
        assert [person["handle"] for person in people] == ["ana", "ben", "chi", "dia"]
        assert people[0] == {"handle": "ana", "email": "ana@example.com", "password": demo_password("ana")}
    async with visiting(PRODUCTION) as http:
        for path in ("/", "/graphiql/licences.txt"):
            assert (await http.get(path)).status_code == 404


async def test_data_in_the_page_cannot_end_its_element(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text('query A { __type(name: "</script><script>") { name } }')
    monkeypatch.setattr("gateway.graphiql.page.OPERATIONS", tmp_path)
    async with visiting(Settings()) as http:
        page = (await http.get("/graphql")).text
        assert page.count("</script>") == 2
        assert "</script><script>" in config(page)["operations"][0]["query"]


async def test_another_schema_has_nothing_ready_and_nobody_to_sign_in() -> None:
    @strawberry.type
    class Query:
        hello: str = "you"

    async with visiting(Settings(), strawberry.Schema(Query)) as http:
        assert config((await http.get("/graphql")).text) == {"operations": [], "people": []}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_assets_come_as_small_as_the_client_takes_them_and_for_ever(
    project: Path, accepted: str, encoding: str | None
) -> None:
    (compressed,) = (project / "web/graphiql/dist/assets").glob("index-*.css.br")
    async with visiting(Settings()) as http:
        plain = await http.get(f"/graphiql/assets/{compressed.stem}", headers={"Accept-Encoding": "identity"})
        async with http.stream(
            "GET", f"/graphiql/assets/{compressed.stem}", headers={"Accept-Encoding": accepted}
        ) as response:
            raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == POLICY
    assert b".graphiql-container" in plain.content
    expected = {"br": compressed.read_bytes(), "gzip": compressed.with_suffix(".gz").read_bytes(), None: plain.content}
    assert raw == expected[encoding]


async def test_every_file_of_the_build_is_served_with_its_type(project: Path) -> None:
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
             ".ttf": "font/ttf", ".woff2": "font/woff2"}  # fmt: skip
    files = sorted((project / "web/graphiql/dist/assets").iterdir())
    async with visiting(Settings()) as http:
        for file in files:
            name = file.stem if file.suffix in (".br", ".gz") else file.name
            response = await http.get(f"/graphiql/assets/{name}", headers={"Accept-Encoding": "gzip"})
            assert (response.status_code, response.headers["content-type"]) == (200, types[Path(name).suffix])
            assert file.suffix != ".gz" or response.content == gzip.decompress(file.read_bytes())


@pytest.mark.parametrize(
    "path",
    [
        "missing.js", "", "..%2findex.html", "../index.html", "%2e%2e/%2e%2e/package.json", "..\\index.html",
        "/etc/passwd", "%2fetc%2fpasswd", "index.html%00.js", ".",
    ],
)  # fmt: skip
async def test_no_other_file_can_be_asked_for(path: str) -> None:
    async with visiting(Settings()) as http:
        response = await http.get(f"/graphiql/assets/{path}")
        assert response.status_code == 404
        assert response.headers["cache-control"] == "no-store"


async def test_licences_name_all_that_is_bundled() -> None:
    async with visiting(Settings()) as http:
        response = await http.get("/graphiql/licences.txt")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    names = {line.split(" ")[0] for line in response.text.split("\n\n")[1].splitlines()}
    assert names > {
        "graphiql",
        "@graphiql/react",
        "graphql",
        "monaco-editor",
        "react",
        "react-dom",
        "@fontsource/roboto",
    }
    assert "Permission is hereby granted, free of charge" in response.text


async def test_the_front_leads_browsers_to_graphiql_and_is_nothing_for_others(client: Client) -> None:
    for method in ("GET", "HEAD"):
        led = await client.http.request(method, "/", headers=BROWSER)
        assert (led.status_code, led.headers["location"]) == (303, "graphql")
        assert (led.headers["cache-control"], led.headers["vary"]) == ("no-store", "Accept")
    followed = await client.http.get("/", headers=BROWSER, follow_redirects=True)
    assert (followed.status_code, followed.url.path) == (200, "/graphql")
    assert followed.headers["content-type"].startswith("text/html")
    for method, accept in (("GET", "*/*"), ("GET", "application/json"), ("POST", BROWSER["Accept"])):
        refused = await client.http.request(method, "/", headers={"Accept": accept})
        assert refused.status_code == 404
        assert refused.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_where_graphiql_is_off_browsers_are_clients_like_others(client: Client) -> None:
    settings = read_settings({"BFF_GRAPHIQL": "false"})
    async with visiting(settings) as http:
        response = await http.get("/graphql", params={"variables": "{"})
        asked_plainly = await client.http.get("/graphql", params={"variables": "{"})
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.json()["errors"][0]["message"] == asked_plainly.json()["errors"][0]["message"]
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        for path in ("licences.txt", "assets/index.js"):
            assert (await http.get(f"/graphiql/{path}")).status_code == 404
        assert (await http.get("/", headers=BROWSER)).status_code == 404


async def test_without_the_build_the_api_is_served_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.graphiql.page.DIST", tmp_path / "dist")
    async with visiting(Settings()) as http:
        assert (await http.get("/graphql")).headers["content-type"] == "application/json; charset=utf-8"
    assert [record.message for record in caplog.records if record.name.startswith("gateway.graphiql")] == [
        f"GraphiQL is disabled, because {tmp_path / 'dist'} is missing"
    ]


def test_the_build_is_that_of_the_sources(project: Path) -> None:
    """`make graphiql` builds it anew. The digest is that of `web/graphiql/build/sources.js`."""
    root = project / "web/graphiql"
    names = ["index.html", "package-lock.json", "package.json", "vite.config.js"]
    files = [file for folder in ("build", "src") for file in (root / folder).rglob("*") if file.is_file()]
    digest = hashlib.sha256()
    for path in sorted([*names, *(file.relative_to(root).as_posix() for file in files)]):
        digest.update(path.encode() + b"\0" + (root / path).read_bytes() + b"\0")
    assert (root / "dist/sources.sha256").read_text() == digest.hexdigest() + "\n"


def test_nothing_that_is_committed_names_a_registry(project: Path) -> None:
    lock = (project / "web/graphiql/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "registry." not in lock
