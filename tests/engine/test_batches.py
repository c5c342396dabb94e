"""Calls of a declared level, and conditions that are no booleans."""

from typing import Any

from graphql import ExecutionResult, build_schema, parse

from engine import EXTENSION, Level
from tests.engine.support.kinds import STOCK_EXECUTE
from tests.engine.support.reproduce import ENGINE


async def test_a_level_is_not_called_for_an_empty_batch() -> None:
    schema = build_schema("type Query { books: [Book] } type Book { author: Person } type Person { name: String }")
    calls: list[int] = []

    async def authors_of(books: Any, _info: Any) -> list[Any]:
        calls.append(len(books))
        return [{"name": "Ada"} for _ in books]

    def author_of(*_: Any) -> dict[str, str]:
        return {"name": "Ada"}

    kind: Any = schema.type_map["Book"]
    kind.fields["author"].resolve = author_of
    kind.fields["author"].extensions[EXTENSION] = Level(authors_of, "author_by_id")
    document = parse("{ books { author { name } } }")
    some = await ENGINE(schema, document, root_value={"books": [{}]})
    assert some.data == {"books": [{"author": {"name": "Ada"}}]}
    none = ENGINE(schema, document, root_value={"books": []})
    at_once = isinstance(none, ExecutionResult)
    result = none if at_once else await none
    assert (result.data, at_once, calls) == ({"books": []}, True, [1])


def test_a_condition_that_is_no_boolean_in_an_unvalidated_document_is_evaluated_as_by_graphql_core() -> None:
    schema = build_schema("type Query { i: Int }")
    document = parse("query ($list: [Int]) { i @include(if: $list) }")
    stock, ours = (
        execute(schema, document, root_value={"i": 1}, variable_values={"list": [1]})
        for execute in (STOCK_EXECUTE, ENGINE)
    )
    assert (ours.data, ours.errors) == (stock.data, stock.errors)
