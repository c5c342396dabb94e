"""Requests that cost too much are rejected before any statement, and the apps' operations are not."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from core.settings import Settings
from gateway.app import create_app
from gateway.background.trusted_documents import refresh_documents
from services.documents import NewDocument, import_documents
from tests.support.client import HOME, Client, operation
from tests.support.cost_table import page, rows
from tests.support.timing import settings_for

DEEP = """
query Deep {
  user(handle: "ana") {
    followers { edges { node { handle followers { edges { node { handle followers { edges { node { id } } } } } } } } }
  }
}
"""
SEARCHES = " ".join(["{", *(f's{number}: search(query: "a") {{ __typename }}' for number in range(50)), "}"])
PAGES = """
query ($n: Int!) {
  viewer { feed(first: $n) { edges { node { comments(first: $n) { edges { node { id } } } } } } }
}
"""
UNSELECTED = (
    '{ user(handle: "ana") { followers(first: 100) { edges { node { '
    + " ".join(f"a{number}: followers(first: 100) {{ __typename }}" for number in range(5))
    + " } } } } }"
)


@pytest.fixture
async def limited(settings: Settings) -> AsyncGenerator[Client]:
    """The product with a limit of 100, and with batches."""
    app = create_app(replace(settings, max_cost=100, max_batch=4, metrics=True))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [(DEEP, {}, 17262), (SEARCHES, {}, 13550), (PAGES, {"n": 100}, 20322), (UNSELECTED, {}, 50702)],
    ids=["three lists deep", "many searches", "pages of pages", "pages without items"],
)
async def test_an_attack_is_rejected_before_any_statement(
    client: Client, statements: list[str], text: str, variables: dict[str, Any], cost: int
) -> None:
    token = await client.token("ana")
    statements.clear()
    response = await client.post(text, variables, token=token, Accept="application/graphql-response+json")
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "COST_EXCEEDED")
    assert error["extensions"]["cost"] == {"requested": cost, "limit": 5000}
    assert error["extensions"]["retryable"] is False
    assert statements == []


async def test_the_error_names_the_operation_the_cost_the_limit_and_the_largest_part(client: Client) -> None:
    (error,) = (await client.ask(DEEP))["errors"]
    assert error["message"] == (
        "The cost of the operation Deep is 17,262, and the limit is 5,000. Most of it is in "
        "user.followers.edges.node.followers.edges.node.followers. Select smaller pages or fewer lists within lists, "
        "or send several requests."
    )


def test_operations_of_the_apps_take_half_of_the_limit_at_most_even_with_the_largest_pages() -> None:
    limit = Settings().max_cost
    assert {row.name: row.largest for row in rows() if row.largest > limit // 2} == {}


def test_the_committed_page_of_costs_is_that_of_the_schema_and_the_operations(project: Any) -> None:
    assert (project / "docs/operation-costs.md").read_text() == page(), "run 'make generated'"


async def test_the_cost_is_reported_to_those_who_ask(client: Client) -> None:
    async def post(extensions: Any) -> Any:
        body = {"query": HOME, "variables": {"feedFirst": 10}, "extensions": extensions}
        headers = {"Authorization": f"Bearer {await client.token('ana')}"}
        return (await client.http.post("/graphql", json=body, headers=headers)).json()

    for extensions in (None, {}, {"cost": False}, {"cost": "true"}):
        assert "extensions" not in await post(extensions)
    for _ in range(2):  # no stored response answers it
        cost = (await post({"cost": True}))["extensions"]["cost"]
        assert (cost["requested"], cost["limit"]) == (77 + 10 * 13, 5000)
        assert 0 < cost["actual"] <= cost["requested"]
        assert cost["remaining"] == 5000 - cost["actual"]
    assert "extensions" not in await post(None)


async def test_the_cost_is_reported_over_get(client: Client) -> None:
    parameters = {"query": '{ user(handle: "ana") { id } }', "extensions": json.dumps({"cost": True})}
    response = await client.http.get("/graphql", params=parameters)
    cost = {"requested": 1, "actual": 1, "limit": 5000, "remaining": 4999}
    assert response.json()["extensions"] == {"cost": cost}


async def test_the_actual_cost_is_that_of_the_objects_that_exist(client: Client) -> None:
    query = '{ user(handle: "ana") { followers(first: 50) { edges { node { id } } } } }'
    body = {"query": query, "extensions": {"cost": True}}
    answer = (await client.http.post("/graphql", json=body)).json()
    edges = len(answer["data"]["user"]["followers"]["edges"])
    assert answer["extensions"]["cost"]["requested"] == 2 + 50 * 2
    assert answer["extensions"]["cost"]["actual"] == 2 + edges * 2


async def test_a_field_that_failed_keeps_its_cost_in_the_report(client: Client) -> None:
    body = {"query": "mutation { logOut { __typename } }", "extensions": {"cost": True}}
    answer = (await client.http.post("/graphql", json=body)).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer["extensions"]["cost"]["actual"] == 11


async def test_variables_that_are_invalid_cost_nothing_and_are_reported_first(limited: Client) -> None:
    answer = await limited.ask("query ($n: Int!) { viewer { feed(first: $n) { __typename } } }", {"n": "many"})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def batch(client: Client, *texts: str) -> Response:
    return await client.http.post("/graphql", json=[{"query": text, "extensions": {"cost": True}} for text in texts])


async def test_the_operations_of_a_batch_count_together(limited: Client, statements: list[str]) -> None:
    page = '{{ user(handle: "{}") {{ followers(first: {}) {{ edges {{ cursor }} }} }} }}'
    fits = await batch(limited, page.format("ana", 48), page.format("ben", 48))
    assert all("errors" not in answer for answer in fits.json())
    assert {answer["extensions"]["cost"]["requested"] for answer in fits.json()} == {50}
    statements.clear()
    rejected = (await batch(limited, page.format("ana", 48), "{ nope }", page.format("ben", 49))).json()
    codes = [answer["errors"][0]["extensions"]["code"] for answer in rejected]
    assert codes == ["COST_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "COST_EXCEEDED"]
    assert rejected[0]["errors"][0]["message"].startswith(
        "The cost of the batch of 2 operations is 101, and the limit is 100. "
    )
    assert statements == []


async def test_a_mutation_that_costs_too_much_changes_nothing(limited: Client, statements: list[str]) -> None:
    text = operation("account.graphql", "LogIn")
    (error,) = (await limited.ask(text, {"input": {}}))["errors"]
    assert (error["extensions"]["code"], statements) == ("COST_EXCEEDED", [])


async def test_registered_documents_have_the_same_limit(limited: Client) -> None:
    resources = limited.resources
    await import_documents(resources.database, "web", "1.0.0", [NewDocument("1", "Home", HOME)], resources.clock())
    await refresh_documents(resources)
    body = {"documentId": "1"}
    (error,) = (await limited.http.post("/graphql", json=body)).json()["errors"]
    assert error["extensions"]["code"] == "COST_EXCEEDED"


async def test_metrics_show_costs(limited: Client) -> None:
    await limited.ask('query One { user(handle: "ana") { id } }')
    await limited.ask(HOME, as_="ana")
    text = (await limited.http.get("/metrics")).text
    assert 'bff_operation_cost_total{kind="requested",operation="One"} 1.0' in text
    assert 'bff_operation_cost_total{kind="actual",operation="One"} 1.0' in text
    assert "bff_cost_rejections_total 1.0" in text
    assert 'bff_operation_cost_largest{operation="Home"} 337.0' in text
    assert 'bff_operation_cost_largest{operation="One"} 1.0' in text


async def test_without_a_limit_nothing_is_rejected(settings: Settings) -> None:
    app = create_app(settings_for(settings.database_url, max_cost=0))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        answer = (await http.post("/graphql", json={"query": DEEP, "extensions": {"cost": True}})).json()
    assert "errors" not in answer
    assert answer["extensions"]["cost"]["limit"] is None
    assert answer["extensions"]["cost"]["remaining"] is None
