"""Errors link to a page that the same server has."""

import re
from pathlib import Path

import httpx2
import pytest

from core.errors import ErrorCode, ProblemCode
from tests.support.client import Client

SERVED_LINKS = {
    "[settings](../settings.md)": "settings (`docs/settings.md` of the repository)",
    "[the settings](../settings.md)": "the settings (`docs/settings.md` of the repository)",
    "[registered](../trusted-documents.md)": "registered (`docs/trusted-documents.md` of the repository)",
    "[register the app's documents](../trusted-documents.md)": (
        "register the app's documents (`docs/trusted-documents.md` of the repository)"
    ),
    "[JSON, not a\nstream](../live.md#closed-connections)": (
        "JSON, not a\nstream (`docs/live.md#closed-connections` of the repository)"
    ),
    "[who may read the\nschema](../production.md#who-may-read-the-schema)": (
        "who may read the\nschema (`docs/production.md#who-may-read-the-schema` of the repository)"
    ),
    "(../../schema.graphql)": "(/schema.graphql)",
}
"""Links of these pages to other files of the repository, and what the server writes in their place."""


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_REQUEST"),
        ('{ node(id: "x") { id } }', "BAD_USER_INPUT"),
        ("mutation { logOut { __typename } }", "UNAUTHENTICATED"),
    ],
)
async def test_an_error_links_to_the_page_of_its_code(client: Client, query: str, code: str, project: Path) -> None:
    (error,) = (await client.post(query)).json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["documentation"]) == (code, f"/errors/{code}")
    page = await client.http.get(error["extensions"]["documentation"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    written = (project / f"docs/errors/{code}.md").read_text()
    for link, served in SERVED_LINKS.items():
        written = written.replace(link, served)
    assert page.text == written
    assert page.headers["cache-control"] == "public, max-age=3600"


async def test_pages_that_link_to_each_other_are_found(client: Client) -> None:
    links = set[str]()
    for code in {*ErrorCode, *ProblemCode}:
        links.update(re.findall(r"\]\((\w+\.md)\)", await page_of(client, code)))
    assert links
    for link in links:
        assert await page_of(client, link) == await page_of(client, link.removesuffix(".md"))


async def test_every_link_of_a_served_page_is_answered(client: Client) -> None:
    links = set[str]()
    for code in {*ErrorCode, *ProblemCode}:
        links.update(re.findall(r"\]\(([^)]+)\)", await page_of(client, code)))
    assert "/schema.graphql" in links
    for link in links:
        assert (await client.http.get(str(httpx2.URL("/errors/").join(link)))).status_code == 200


async def test_other_pages_are_named_by_their_paths(client: Client) -> None:
    text = " ".join((await page_of(client, "GRAPHQL_PARSE_FAILED")).split())
    assert "tokens (settings (`docs/settings.md` of the repository))" in text
    assert "registered (`docs/trusted-documents.md` of the repository): registered documents" in text


async def page_of(client: Client, name: str) -> str:
    page = await client.http.get(f"/errors/{name}")
    assert page.status_code == 200
    return page.text


async def test_every_code_has_a_page_and_nothing_else_has(client: Client) -> None:
    for code in {*ErrorCode, *ProblemCode}:
        assert (await client.http.get(f"/errors/{code}")).text.startswith(f"# {code}\n")
    for path in ("NOTHING", "..%2f..%2fREADME", "../settings", "NOT_FOUND.md.md", ""):
        missing = await client.http.get(f"/errors/{path}")
        assert missing.status_code == 404
        assert missing.json()["errors"][0]["extensions"]["documentation"] == "/errors/NOT_FOUND"
