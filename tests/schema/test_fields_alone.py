"""Each field alone answers as it does beside all others: it declares every column that it reads."""

from typing import Any, cast

import pytest
from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type
from graphql.type import is_abstract_type

from core.global_ids import global_id
from resolvers.schema import build_schema
from tests.support.client import Client
from tests.support.search import index_all

FEED = "viewer { feed(first: 5) { edges { node { %s } } } }"
COMMENTS = FEED % "comments(first: 2) { edges { node { %s } } }"
BEN = 'user(handle: "ben") { %s }'
NODES = ("Comment", "Device", "Notification", "Payment", "Post", "User", "Wallet", "WalletEntry")
SOURCES = {
    "feed": ("Post", FEED),
    "posts of a user": ("Post", BEN % "posts(first: 3) { edges { node { %s } } }"),
    "comments": ("Comment", COMMENTS),
    "posts of comments": ("Post", COMMENTS % "post { %s }"),
    "authors": ("User", FEED % "author { %s }"),
    "the viewer's user": ("User", "viewer { user { %s } }"),
    "the viewer's user with a cursor": ("User", "viewer { liveCursor user { %s } }"),
    "counts": ("NotificationCounts", "viewer { notificationCounts { %s } }"),
    "user": ("User", BEN),
    "followers": ("User", BEN % "followers(first: 3) { edges { node { %s } } }"),
    "blocked users": ("User", "viewer { blockedUsers { edges { node { %s } } } }"),
    "found posts": ("Post", 'search(query: "train") { edges { node { ... on Post { %s } } } }'),
    "found users": ("User", 'search(query: "ben") { edges { node { ... on User { %s } } } }'),
    "notifications": ("Notification", "viewer { notifications(first: 20) { edges { node { %s } } } }"),
    "payments": ("Payment", "viewer { payments(first: 5) { edges { node { %s } } } }"),
    "wallet": ("Wallet", "viewer { wallet { %s } }"),
    "entries": ("WalletEntry", "viewer { wallet { entries(first: 5) { edges { node { %s } } } } }"),
    "cards": ("PaymentMethod", "viewer { paymentMethods { edges { node { %s } } } }"),
    "devices": ("Device", "viewer { devices { edges { node { %s } } } }"),
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    core_schema: Any = build_schema()._schema
    return core_schema


def fields_of(schema: GraphQLSchema, kind: GraphQLNamedType, depth: int) -> list[str]:
    """Returns the selection of each field, with everything below it down to `depth` levels of objects."""
    assert isinstance(kind, GraphQLObjectType)
    kinds: dict[str, Any] = {name: get_named_type(field.type) for name, field in kind.fields.items()}
    selections = [(name, below(schema, each, depth)) for name, each in kinds.items()]
    return [f"{name}{text}" for name, text in selections if text is not None]


def below(schema: GraphQLSchema, kind: GraphQLNamedType, depth: int) -> str | None:
    """Returns the selection below a field of this type, an empty text for a leaf, and None if it would be too deep."""
    if is_leaf_type(kind):
        return ""
    if kind.name.endswith("Connection"):
        return "(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } }"
    if depth == 0:
        return None
    if is_abstract_type(kind):
        parts = [f"... on {each} {below(schema, each, depth)}" for each in schema.get_possible_types(kind)]
        return f" {{ __typename {' '.join(parts)} }}"
    return f" {{ __typename {' '.join(fields_of(schema, kind, depth - 1))} }}"


def parts(value: Any) -> dict[Any, Any] | None:
    """Returns the fields of an object or the items of a list by index, or None for a leaf."""
    if isinstance(value, dict):
        return cast("dict[Any, Any]", value)
    return dict(enumerate(cast("list[Any]", value))) if isinstance(value, list) else None


def merged(first: Any, second: Any) -> Any:
    """Returns a response with the fields of two, which have equal lists and equal values."""
    ones, others = parts(first), parts(second)
    if ones is None or others is None:
        assert first == second
        return first
    both = {key: merged(ones.get(key, others.get(key)), others.get(key, ones.get(key))) for key in ones | others}
    if isinstance(first, list):
        assert len(ones) == len(others)
        return list(both.values())
    return both


async def compare(client: Client, fields: list[str], query: str, variables: Any = None) -> Any:
    together = await client.data(query % " ".join(fields), variables, as_="ana")
    alone: Any = None
    for field in fields:
        answer = await client.data(query % field, variables, as_="ana")
        alone = answer if alone is None else merged(alone, answer)
    assert alone == together
    return together


def leaves(value: Any) -> int:
    """Returns the number of values that are not null."""
    found = parts(value)
    return value is not None if found is None else sum(map(leaves, found.values()))


@pytest.mark.parametrize("source", SOURCES)
async def test_each_field_alone_answers_as_with_all_others(client: Client, schema: GraphQLSchema, source: str) -> None:
    await index_all(client.resources)
    typename, query = SOURCES[source]
    fields = fields_of(schema, schema.type_map[typename], 1)
    assert leaves(await compare(client, fields, f"{{ {query} }}")) >= len(fields) / 2


@pytest.mark.parametrize("typename", NODES)
async def test_each_field_of_a_node_alone_answers_as_with_all_others(
    client: Client, schema: GraphQLSchema, typename: str
) -> None:
    node_id = await an_id(client, typename)
    fields = fields_of(schema, schema.type_map[typename], 1)
    query = f"query ($id: ID!) {{ node(id: $id) {{ __typename ... on {typename} {{ %s }} }} }}"
    answer = await compare(client, fields, query, {"id": node_id})
    assert answer["node"]["id"] == node_id


async def an_id(client: Client, typename: str) -> str:
    """Returns the id of an object of a type that ana sees."""
    if typename == "User":
        ben = await client.user_id("ben")
        return global_id("User", ben, ben)
    query = next(query for name, query in SOURCES.values() if name == typename)
    value: Any = await client.data(f"{{ {query % 'id'} }}", as_="ana")
    while "id" not in (found := parts(value) or {}):
        value = next(each for each in found.values() if leaves(each))
    return value["id"]
