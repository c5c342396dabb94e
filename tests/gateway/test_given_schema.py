"""A Strawberry schema of others: declared to the engine, and answered as Strawberry itself answers."""

import logging
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse
from httpx2 import ASGITransport, AsyncClient
from strawberry.tools import create_type

from core.settings import Settings
from engine import EXTENSION, Column, Derived, Direct
from engine.explain import explain
from engine.for_strawberry import declare
from gateway.app import create_app
from gateway.own_schema import declare_schema
from resolvers.schema import build_schema
from tests.engine.support.shop import Hooks, shop, upper

ASKED = [
    '{ things { name size hiddenness: priced repeated(times: 2, between: "-") ofParent } }',
    "{ things { loud guarded loudLater guardedLater } unchecked }",
    "{ things { name fails } found { __typename ... on Thing { size later } ... on Other { number } } }",
    "{ things { name later(size: SMALL) a: later repeated } named { name __typename ... on Thing { later } } }",
    '{ described(wanted: {size: BIG, tags: ["a"], span: {most: null}}) a: described(wanted: {}, also: [1, 2]) }',
    "{ describedLater a: describedLater(wanted: {tags: []}, as: 3) }",
    "{ checked(many: 1) { __typename } a: checked(many: 2) { __typename } b: checked(many: 3) { __typename } }",
    "{ __schema { queryType { fields { name args { name defaultValue } } } } }",
]


def declared(schema: Any, coordinate: str) -> Any:
    kind, _, field = coordinate.partition(".")
    return schema._schema.type_map[kind].fields[field].extensions.get(EXTENSION)


def another(*_positional: Any, **_named: Any) -> str:
    return "another"


async def test_it_answers_as_strawberry_does(settings: Settings) -> None:
    schema = shop("stock", declared=False)
    app = create_app(settings, schema=schema)
    http = AsyncClient(transport=ASGITransport(app), base_url="http://bff")
    async with app.router.lifespan_context(app), http:
        assert (await http.get("/schema.graphql")).text == f"{schema.as_str()}\n"
        for text in [*ASKED, *ASKED]:
            expected = await shop("stock", declared=False).execute(text, context_value=[])
            answer = (await http.post("/graphql", json={"query": text})).json()
            assert answer["data"] == expected.data
            paths = [error["path"] for error in answer.get("errors", ())]
            assert paths == [error.path for error in expected.errors or ()]


def test_what_it_says_of_its_fields_is_declared() -> None:
    schema, _ = declare_schema(shop("compiled", declared=False))
    assert isinstance(declared(schema, "Thing.name"), Derived)
    assert isinstance(declared(schema, "Thing.repeated"), Direct)
    assert isinstance(declared(schema, "Thing.later"), Derived | Direct | None)
    assert [declared(schema, f"Thing.{name}") for name in ("loud", "loudLater", "guarded", "guardedLater")] == [
        None
    ] * 4
    assert "inlined: derived" in explain(schema._schema, parse("{ things { name } }"))


def test_declaring_twice_changes_nothing() -> None:
    schema = build_schema()
    assert declared(schema, "Post.body") == Column("body")
    before = {name: dict(field.extensions) for name, field in schema._schema.type_map["Post"].fields.items()}  # type: ignore[attr-defined]
    declare_schema(schema)
    declare(schema)
    after = {name: dict(field.extensions) for name, field in schema._schema.type_map["Post"].fields.items()}  # type: ignore[attr-defined]
    assert after == before


def test_a_resolver_that_took_the_place_of_strawberrys_is_not_declared_away() -> None:
    schema = shop("compiled", declared=False)
    thing: Any = schema._schema.type_map["Thing"]
    thing.fields["name"].resolve = thing.fields["repeated"].resolve = another
    declare_schema(schema)
    result = schema.execute_sync("{ things { name repeated } }", context_value=[])
    assert result.data == {"things": [{"name": "another", "repeated": "another"}] * 2}


def test_what_this_server_does_not_run_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    declare_schema(shop("compiled", declared=False, extensions=[Hooks], directives=[upper]))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "does not execute: Hooks, @upper." in caplog.text


def test_a_maximum_under_the_key_of_earlier_versions_fails_at_the_start() -> None:
    def many(first: Annotated[int, strawberry.argument(metadata={"most": 100})] = 10) -> int:
        return first

    query = create_type("Query", [strawberry.field(many)])
    with pytest.raises(ValueError, match="Query") as failed:
        create_app(Settings(), schema=strawberry.Schema(query))
    assert str(failed.value) == (
        'Query.many(first:): metadata={"most": 100} does not limit the argument; declare metadata={"maximum": 100}'
    )
