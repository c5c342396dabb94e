"""The differences from graphql-core that the engine's README lists."""

from asyncio import sleep
from collections.abc import Callable
from contextvars import ContextVar
from inspect import isawaitable
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse

from engine import EXTENSION, Derived
from tests.engine.support.kinds import STOCK_EXECUTE, Execute
from tests.engine.support.reproduce import ENGINE

BOTH = pytest.mark.parametrize("execute", [STOCK_EXECUTE, ENGINE], ids=["graphql-core", "engine"])


def schema_with(text: str, **resolvers: Callable[..., Any]) -> GraphQLSchema:
    """Returns a schema with resolvers, whose names are made of type and field, such as `Query_a`."""
    schema = build_schema(text)
    for name, resolver in resolvers.items():
        type_name, _, field = name.partition("_")
        kind: Any = schema.type_map[type_name]
        kind.fields[field].resolve = resolver
    return schema


def noting(log: list[str]) -> Callable[..., Any]:
    def resolve(source: Any, info: Any) -> Any:
        log.append(f"{info.field_name}{source['n']}")
        if source["n"] == "!":
            raise ValueError(info.field_name)
        return 1

    return resolve


@BOTH
def test_resolvers_are_called_field_by_field(execute: Execute) -> None:
    log: list[str] = []
    schema = schema_with("type Query { l: [O] } type O { a: Int b: Int }", O_a=noting(log), O_b=noting(log))
    execute(schema, parse("{ l { a b } }"), root_value={"l": [{"n": 1}, {"n": 2}]})
    assert log == (["a1", "b1", "a2", "b2"] if execute is STOCK_EXECUTE else ["a1", "a2", "b1", "b2"])


@BOTH
def test_resolvers_are_called_for_what_an_earlier_failure_makes_null(execute: Execute) -> None:
    log: list[str] = []
    schema = schema_with("type Query { o: O } type O { a: Int! b: Int! }", O_a=noting(log), O_b=noting(log))
    result = execute(schema, parse("{ o { a b } }"), root_value={"o": {"n": "!"}})
    assert (result.data, [error.message for error in result.errors]) == ({"o": None}, ["a"])
    assert log == (["a!"] if execute is STOCK_EXECUTE else ["a!", "b!"])


VARIABLE: ContextVar[str] = ContextVar("VARIABLE", default="unset")


@BOTH
async def test_a_context_variable_of_an_async_resolver_is_not_seen_below(execute: Execute) -> None:
    async def set_it(*_: Any) -> dict[str, Any]:
        await sleep(0)
        VARIABLE.set("set")
        return {}

    def get_it(*_: Any) -> str:
        return VARIABLE.get()

    schema = schema_with("type Query { o: O } type O { v: String }", Query_o=set_it, O_v=get_it)
    result = await execute(schema, parse("{ o { v } p: o { v } }"))
    seen = "set" if execute is STOCK_EXECUTE else "unset"
    assert result.data == {"o": {"v": seen}, "p": {"v": seen}}


def test_a_declared_function_may_run_twice() -> None:
    runs: list[int] = []

    def compute(source: Any) -> Any:
        runs.append(source["n"])
        return source["n"]

    def resolve(source: Any, _info: Any) -> Any:
        return compute(source)

    schema = schema_with("type Query { l: [O] } type O { a: Int }", O_a=resolve)
    kind: Any = schema.type_map["O"]
    kind.fields["a"].extensions[EXTENSION] = Derived(compute)
    document = parse("{ l { a } }")
    complete, interrupted = [1, "x", 3], [1, "x"]
    for expected in (complete, interrupted + interrupted + complete, interrupted + complete):
        runs.clear()
        result = ENGINE(schema, document, root_value={"l": [{"n": 1}, {"n": "x"}, {"n": 3}]})
        assert result.data == {"l": [{"a": 1}, {"a": None}, {"a": 3}]}
        assert runs == expected


@BOTH
def test_info_has_its_path_by_name_and_in_order_but_not_by_number(execute: Execute) -> None:
    seen: list[Any] = []

    def resolve(_source: Any, info: Any) -> None:
        where = info._fields.index("path")
        seen.append((info.path.as_list(), list(info)[where] == info.path, info[where] == info.path))

    schema = schema_with("type Query { a: Int }", Query_a=resolve)
    execute(schema, parse("{ a }"))
    assert seen == [(["a"], True, execute is STOCK_EXECUTE)]


@BOTH
async def test_a_list_that_is_an_argument_is_made_anew_for_each_object(execute: Execute) -> None:
    def grow(_source: Any, _info: Any, of: list[int]) -> int:
        of.append(1)
        return len(of)

    schema = schema_with("type Query { l: [O] } type O { a(of: [Int!]!): Int }", O_a=grow)
    result = execute(schema, parse("{ l { a(of: [5]) b: a(of: []) } }"), root_value={"l": [{}, {}]})
    result = await result if isawaitable(result) else result
    assert result.data == {"l": [{"a": 2, "b": 1}] * 2}
