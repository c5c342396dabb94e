"""Small requests for which an executor easily differs from graphql-core, reduced from generated examples."""

from asyncio import sleep
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from graphql import GraphQLScalarType, Undefined, build_schema, parse

from tests.engine.support.comparison import Plain, assert_same
from tests.engine.support.reproduce import ENGINE

SCHEMA = build_schema("""
    scalar Json
    scalar Fussy
    type Query {
      i: Int li: [Int] lhi: [Int!] lli: [[Int]] llhhi: [[Int!]!] hlli: [[Int]]! ls: [String] hi: Int!
      lj: [Json] llj: [[Json]] lf: [Fussy] o: O lo: [O] lho: [O!] llo: [[O]] llho: [[O!]] ln: [N!]
    }
    type O { i: Int hi: Int! b: Boolean! o: O lhi: [Int!] }
    interface N { i: Int }
    type A implements N { i: Int }
    type Mutation { a: Int o: O ha: Int! }
""")
FUSSY: Any = SCHEMA.type_map["Fussy"]
NAMED: Any = SCHEMA.type_map["N"]


def refuse(value: Any) -> Any:
    if value == "refused":
        raise ValueError("refused")
    return value


async def a_later(*_: Any) -> str:
    await sleep(0)
    return "A"


assert isinstance(FUSSY, GraphQLScalarType)
FUSSY.coerce_output_value = refuse
NAMED.resolve_type = lambda value, *_: a_later() if value.get("late") else "A"  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]


def boom(*_: Any) -> Any:
    raise ValueError("boom")


async def boom_later(*_: Any) -> Any:
    raise ValueError("boom later")


def later(value: Any) -> Callable[..., Any]:
    return lambda *_: soon(value)


async def soon(value: Any) -> Any:
    await sleep(0)
    return value


def generated(*items: Any, error: Exception | None = None) -> Iterator[Any]:
    yield from items
    if error:
        raise error


async def streamed(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


CASES: list[tuple[str, Callable[[], Any]]] = [
    ("{ lj }", lambda: {"lj": (1, 2)}),
    ("{ lj }", lambda: {"lj": deque([1])}),
    ("{ lj }", lambda: {"lj": {1}}),
    ("{ lj }", lambda: {"lj": streamed(1, 2)}),
    ("{ lj }", lambda: {"lj": [1, ValueError("item")]}),
    ("{ lj }", lambda: {"lj": [Undefined, 1]}),
    ("{ llj }", lambda: {"llj": [(1,)]}),
    ("{ llj }", lambda: {"llj": [generated(1)]}),
    ("{ ls }", lambda: {"ls": deque(["a"])}),
    ("{ lf }", lambda: {"lf": ["refused", 1]}),
    ("{ hlli }", lambda: {"hlli": None}),
    ("{ lhi }", lambda: {"lhi": [soon(1), None]}),
    ("{ lhi }", lambda: {"lhi": [None, soon(1)]}),
    ("{ lhi }", lambda: {"lhi": generated(soon(2), None, soon(1))}),
    ("{ lhi hi }", lambda: {"lhi": [soon(2), None], "hi": None}),
    ("{ llhhi }", lambda: {"llhhi": [[soon(2)], [None, soon(1)]]}),
    ("{ li i }", lambda: {"li": generated(soon(1), soon("x"), error=ValueError("midway")), "i": boom}),
    ("{ lo { i hi } i }", lambda: {"lo": generated({"i": boom, "hi": 1}, error=ValueError("midway")), "i": boom}),
    ("{ lo { i hi } i }", lambda: {"lo": generated(soon({"hi": boom}), error=ValueError("midway")), "i": boom}),
    ("{ llho { b hi } i hi }", lambda: {"llho": [[{"b": 1, "hi": boom}, soon({"b": 1})]], "i": boom, "hi": boom}),
    ("{ llho { b hi } hi }", lambda: {"llho": [generated({"b": 1, "hi": boom}, soon({}))], "hi": boom}),
    ("{ ln { i } o { i } }", lambda: {"ln": [{"late": 1}, ValueError("item")]}),
    ("{ lho { i hi } }", lambda: {"lho": [{"i": later(1), "hi": 1}, {"i": 1, "hi": boom}]}),
    ("{ o { i hi } }", lambda: {"o": {"i": later(1), "hi": boom}}),
    ("{ o { hi i } }", lambda: {"o": {"i": later(1), "hi": boom}}),
    ("{ o { o { i } hi } i }", lambda: {"o": {"o": {"i": boom}, "hi": boom}, "i": boom}),
    ("{ o { hi o { i } } i }", lambda: {"o": {"o": {"i": boom}, "hi": boom}, "i": boom}),
    ("{ lo { o { i } i } }", lambda: {"lo": [{"o": {"i": boom}, "i": boom}, {"o": {"i": boom}, "i": boom}]}),
    (
        "{ lo { b lhi } }",
        lambda: {"lo": [{"lhi": later([soon(1)]), "b": boom_later}, {"lhi": [soon(2), soon(3)], "b": True}]},
    ),
    (
        "{ lo { b lhi } }",
        lambda: {"lo": [{"lhi": later([1]), "b": boom}, {"lhi": [soon(2)], "b": True}]},
    ),
    (
        "{ lo { lhi b } }",
        lambda: {"lo": [{"lhi": later([soon(1)]), "b": boom}, {"lhi": later([soon(2)]), "b": True}]},
    ),
    ("mutation { a o { i hi } ha x: a }", lambda: {"a": later(1), "o": {"i": later(1), "hi": boom}, "ha": boom}),
]


@pytest.mark.parametrize(("request_text", "root"), CASES, ids=[text for text, _ in CASES])
def test_the_engine_answers_as_graphql_core_does(request_text: str, root: Callable[[], Any]) -> None:
    assert_same(ENGINE, SCHEMA, parse(request_text), lambda: Plain(root()))


def an_a(*_: Any) -> str:
    return "A"


@pytest.mark.parametrize("resolve_type", [a_later, an_a])
def test_a_type_check_that_stops_an_iteration(
    monkeypatch: pytest.MonkeyPatch, resolve_type: Callable[..., Any]
) -> None:
    def stop(*_: Any) -> bool:
        raise StopIteration("stops")

    monkeypatch.setattr(NAMED, "resolve_type", resolve_type)
    monkeypatch.setattr(SCHEMA.type_map["A"], "is_type_of", stop)
    assert_same(ENGINE, SCHEMA, parse("{ ln { i } }"), lambda: Plain({"ln": [{"i": 1}]}))
