"""No response has more objects than its operation requested, whatever it selects."""

import os
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLNamedType, GraphQLSchema, parse, validate
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from gateway.costs import MAX_STEPS, Weights, operation_costs
from gateway.costs.bounds import UpperBound
from gateway.costs.sizes import ArgumentSizes
from gateway.costs.terms import valued
from tests.support.client import OPERATIONS, Client, operation
from tests.support.costs import PRODUCT, objects_in
from tests.support.random_queries import QueryWriter, RandomQuery

QUERIES = int(os.environ.get("EXAMPLES", "150"))
SCHEMA = PRODUCT.schema


class ObjectsAlone(Weights):
    """Weights with which a cost is the number of objects."""

    def field(self, kind: GraphQLNamedType, name: str) -> float:  # noqa: ARG002 - no field has a weight
        return 0.0


OBJECTS = ObjectsAlone(SCHEMA)


@pytest.fixture
async def unlimited(settings: Settings) -> AsyncGenerator[Client]:
    """The product without limits, so that random queries are executed."""
    large = replace(settings, max_depth=100, max_aliases=100_000, max_fields=100_000, max_tokens=100_000)
    app = create_app(replace(large, max_cost=0))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield Client(http, app.state.resources)


async def ids_of(client: Client) -> list[str]:
    """Returns ids of objects of several types that ana sees."""
    query = """
    { viewer { id feed(first: 100) { edges { node { id author { id } } } } wallet { id }
               notifications(first: 50) { edges { node { id } } } payments(first: 50) { edges { node { id } } } } }
    """
    found = set[str]()

    def collect(value: Any) -> None:
        items: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            if name == "id":
                found.add(inner)
            elif isinstance(inner, dict | list):
                collect(inner)

    collect(await client.data(query, as_="ana"))
    return sorted(found)


async def test_a_response_has_at_most_as_many_objects_as_were_requested(unlimited: Client) -> None:
    ids, token = await ids_of(unlimited), await unlimited.token("ana")
    executed = objects = 0
    for seed in range(QUERIES):
        query = QueryWriter(seed, SCHEMA, ids).write()
        requested, actual, most = costs(SCHEMA, query)
        if requested > 20_000:
            continue
        assert requested <= most, query
        body = {"query": query.text, "variables": query.variables, "extensions": {"cost": True}}
        answer = (await unlimited.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})).json()
        assert answer.get("data") is not None, answer
        returned = objects_in(answer["data"]) - 1
        assert returned <= actual(answer["data"]) <= requested, query
        cost = answer["extensions"]["cost"]
        assert returned <= cost["actual"] <= cost["requested"], query
        executed, objects = executed + 1, objects + returned
    assert executed > QUERIES // 2
    assert objects > 10 * QUERIES


def costs(schema: GraphQLSchema, query: RandomQuery) -> tuple[int, Any, float]:
    """Returns the requested number of objects, a function that counts those of data, and an upper bound."""
    document = parse(query.text)
    assert validate(schema, document) == [], query.text
    (cost,) = operation_costs(schema, OBJECTS, document, in_parts=False, max_steps=MAX_STEPS).values()
    requested = cost.requested(query.variables)
    fragments: Any = {node.name.value: node for node in document.definitions[1:]}  # type: ignore[attr-defined]
    node: Any = document.definitions[0]
    bound = UpperBound(schema, OBJECTS, fragments, ArgumentSizes(node)).of(node)

    def actual(data: Any) -> int:
        return cost.actual(data, query.variables, requested)

    return requested, actual, valued(bound, query.variables)


@pytest.mark.parametrize("file", sorted(OPERATIONS.glob("*.graphql")), ids=lambda file: file.stem)
async def test_so_do_the_operations_of_the_apps(unlimited: Client, file: Any) -> None:
    ids = await ids_of(unlimited)
    variables = {"handle": "ana", "query": "train", "postId": ids[0], "id": ids[0], "first": 100, "feedFirst": 100}
    for definition in parse(file.read_text()).definitions:
        node: Any = definition
        if node.kind != "operation_definition" or node.operation.value != "query":
            continue
        names = {each.variable.name.value for each in node.variable_definitions or ()}
        given = {name: value for name, value in variables.items() if name in names}
        text = operation(file.name, node.name.value)
        requested, actual, _ = costs(SCHEMA, RandomQuery(text, given))
        data = await unlimited.data(text, given, as_="ana")
        assert objects_in(data) - 1 <= actual(data) <= requested, node.name.value
