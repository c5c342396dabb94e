"""`columns_of`: the columns that an operation reads of rows."""

from typing import Any

import graphql
import pytest
from graphql import GraphQLSchema, build_schema, parse

import engine
from engine import EXTENSION, Column, Derived, Level, columns_of

POST = {"id": 1, "author_id": 2, "body": "b", "title": "t", "author": {"id": 2, "name": "n"}}
FOUND: list[tuple[str, frozenset[str] | None]] = []


def read(typename: str, value: Any) -> Any:
    def resolve(_source: Any, info: Any, **_arguments: Any) -> Any:
        FOUND.append((typename, columns_of(info, typename)))
        return value

    return resolve


def all_of(sources: Any, _info: Any, **_arguments: Any) -> list[None]:
    return [None] * len(sources)


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    schema = build_schema("""
      type Query { post: Post page: Page any: Any user: User }
      type Page { edges: [Edge] count: Int }
      type Edge { node: Post cursor: String }
      type Post { id: ID body: String title: String shout: String author: User comments: Page undeclared: Int }
      type User { id: ID name: String bio: String posts: Page best: Post }
      union Any = Post | User
    """)
    kinds: Any = schema.type_map
    query, post, user = (kinds[name].fields for name in ("Query", "Post", "User"))
    query["post"].resolve = read("Post", POST)
    query["page"].resolve = read("Post", {"edges": [{"node": POST}], "count": 1})
    query["any"].resolve = read("Post", {"__typename": "Post", **POST})
    query["user"].resolve = read("Post", {"id": 2, "name": "n"})
    declared = {
        "Page": {"edges": Column("edges", contains_rows=True), "count": Column("count")},
        "Edge": {"node": Derived(lambda edge: edge["node"], contains_rows=True), "cursor": Column("cursor")},
        "Post": {
            "id": Derived(lambda row: row["id"], reads=("id", "author_id")),
            "shout": Derived(lambda row: row["body"].upper(), reads=("body",)),
            "comments": Level(all_of, "comments_by_post", reads=("author_id", "id")),
            "undeclared": Derived(len),
            **{name: Column(name) for name in ("body", "title", "author")},
        },
        "User": {name: Column(name) for name in ("id", "name", "bio")},
    }
    for typename, fields in declared.items():
        for name, declaration in fields.items():
            kinds[typename].fields[name].extensions[EXTENSION] = declaration
    post["comments"].resolve = user["posts"].resolve = user["best"].resolve = read("Post", None)
    user["posts"].extensions[EXTENSION] = Level(all_of, "posts_by_author", reads=("id",))
    return schema


async def columns(schema: GraphQLSchema, text: str, **variables: Any) -> Any:
    FOUND.clear()
    for _ in range(3):  # the plan is compiled, used, and has generated code
        result: Any = engine.execute(schema, parse(text), variable_values=variables)
        result = result if hasattr(result, "data") else await result
        assert not result.errors
    assert len(set(FOUND)) == 1
    return FOUND[0][1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ post { body } }", {"body"}),
        ("{ post { renamed: body __typename } }", {"body"}),
        ("{ post { shout } }", {"body"}),
        ("{ post { id } }", {"id", "author_id"}),
        ("{ post { comments { count } } }", {"id", "author_id"}),
        ("{ post { author { name } } }", {"author__name"}),
        ("{ post { author { name posts { count } } } }", {"author__name", "author__id"}),
        ("{ post { author { __typename } } }", {"author"}),
        ("{ post { ...P } } fragment P on Post { body ... { title } }", {"body", "title"}),
        ("{ post { body } post { title } }", {"body", "title"}),
        ("{ page { edges { node { body } } } }", {"body"}),
        ("{ page { edges { cursor } count } }", set[str]()),
        ("{ page { a: edges { node { body } } b: edges { node { title } } } }", {"body", "title"}),
        ("{ any { ... on Post { body } ... on User { bio } } }", {"body"}),
        ("{ any { ... on User { bio } } }", set[str]()),
        ("{ user { name } }", set[str]()),
    ],
)
async def test_columns_are_those_that_the_selection_reads(schema: GraphQLSchema, text: str, expected: set[str]) -> None:
    assert await columns(schema, text) == expected


async def test_fields_that_are_not_executed_need_no_columns(schema: GraphQLSchema) -> None:
    text = "query ($x: Boolean!) { post { body @skip(if: $x) title @include(if: $x) } }"
    assert await columns(schema, text, x=True) == {"title"}
    assert await columns(schema, text, x=False) == {"body"}


@pytest.mark.parametrize("text", ["{ post { body undeclared } }", "{ page { edges { node { undeclared } } } }"])
async def test_a_field_that_does_not_declare_its_columns_may_read_all(schema: GraphQLSchema, text: str) -> None:
    assert await columns(schema, text) is None


async def test_a_nested_row_of_which_all_may_be_read_is_named(schema: GraphQLSchema) -> None:
    kinds: Any = schema.type_map
    declared = kinds["User"].fields["best"].extensions
    declared[EXTENSION] = Level(all_of, "post_by_id")
    assert await columns(schema, "{ post { author { best { body } } } }") == {"author"}


async def test_all_columns_are_read_where_graphql_core_executes(schema: GraphQLSchema) -> None:
    FOUND.clear()
    assert graphql.execute(schema, parse("{ post { body } }")).data == {"post": {"body": "b"}}  # type: ignore[union-attr]
    assert FOUND == [("Post", None)]
