"""Nesting: generated code also builds objects that are read from their parents, once their class is known."""

from asyncio import sleep
from collections import UserDict
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, build_schema, parse

from engine import EXTENSION, Column, Typename, plans_of
from engine.plan import MAX_RECOMPILES, Selection
from tests.engine.support.kinds import STOCK_EXECUTE
from tests.engine.support.reproduce import ENGINE
from tests.support.timing import Cost, unit

SHELF = build_schema(
    "type Query { shelf: Shelf } "
    "type Shelf { title: String! books: [Book!] rows: [[Book]!]! tags: [String!]! } "
    "type Book { name: String! author: Person } type Person { name: String! }"
)
DOCUMENT = parse("{ shelf { title books { name author { name } } rows { name } tags } }")
ADA, BOB = {"name": "Ada"}, {"name": "Bob"}


def shelf(**changes: Any) -> dict[str, Any]:
    books = [{"name": "A", "author": ADA}, {"name": "B", "author": None}]
    return {"shelf": {"title": "t", "books": books, "rows": [[{"name": "C"}, None], []], "tags": ["x"]} | changes}


def ask(schema: GraphQLSchema, root: Any, document: DocumentNode = DOCUMENT) -> ExecutionResult:
    """Returns the engine's result, and asserts that it equals graphql-core's."""
    stock: ExecutionResult = STOCK_EXECUTE(schema, document, root_value=root)
    ours: ExecutionResult = ENGINE(schema, document, root_value=root)
    assert ours.data == stock.data
    errors = [sorted(map(str, result.errors or ())) for result in (stock, ours)]
    assert errors[0] == errors[1]
    return ours


@pytest.fixture
def schema() -> GraphQLSchema:
    SHELF.extensions.clear()
    return SHELF


def root_selection(schema: GraphQLSchema) -> Selection:
    (prepared,) = plans_of(schema)._by_identity.values()
    (selection,) = prepared.plans.values()
    return selection


def nested(schema: GraphQLSchema) -> int:
    """Returns the number of objects that the root's generated code builds."""
    (builder,) = root_selection(schema).builders.values()
    return builder.source.count("    def n")


def test_the_second_time_everything_is_one_comprehension(schema: GraphQLSchema) -> None:
    ask(schema, shelf())
    assert not root_selection(schema).builders
    ask(schema, shelf())
    assert nested(schema) == len(["shelf", "book", "author", "book in rows"])


def test_an_object_is_nested_after_its_class_is_known(schema: GraphQLSchema) -> None:
    no_author = shelf(books=[{"name": "A", "author": None}])
    ask(schema, no_author)
    ask(schema, no_author)
    assert nested(schema) == 0
    ask(schema, shelf())
    ask(schema, shelf())
    assert nested(schema) == len(["shelf", "book", "author", "book in rows"])


class Words:
    """An iterable that is no list."""

    def __iter__(self) -> Iterator[str]:
        return iter(["x", "y"])


class Book:
    """A source that is no dict."""

    name = "D"
    author = ADA


def called(_info: Any) -> str:
    return "called"


def is_person(source: Any, _info: Any) -> bool:
    return source.get("kind", "Person") == "Person"


STRANGE: list[dict[str, Any]] = [
    {"title": None},
    {"title": 7},
    {"title": object()},
    {"title": ValueError("title")},
    {"title": called},
    {"books": None},
    {"books": [None]},
    {"books": [{"name": None}]},
    {"books": [{"name": "A", "author": {"name": None}}]},
    {"books": [{"name": "A", "author": {}}]},
    {"books": [{"name": "A", "author": ValueError("author")}]},
    {"books": [Book()]},
    {"books": [UserDict(name="A")]},
    {"books": ({"name": "A", "author": BOB},)},
    {"books": "no books"},
    {"books": ValueError("books")},
    {"books": [ValueError("book")]},
    {"rows": [None]},
    {"rows": [[{"name": "A"}], ({"name": "B"}, None, {"name": None})]},
    {"tags": Words()},
    {"tags": {"x": 1}.keys()},
    {"tags": [None]},
    {"tags": "xy"},
    {"tags": [["x"]]},
]


@pytest.mark.parametrize("changes", STRANGE)
def test_irregular_values_have_the_same_result(schema: GraphQLSchema, changes: dict[str, Any]) -> None:
    for _ in range(2):
        ask(schema, shelf())
    for _ in range(3):
        ask(schema, shelf(**changes))
    ask(schema, shelf())


def test_a_selection_with_an_irregular_value_is_nested_no_more(schema: GraphQLSchema) -> None:
    for _ in range(2):
        ask(schema, shelf())
    ask(schema, shelf(title=None))
    ask(schema, shelf())
    assert nested(schema) == 0


@pytest.mark.parametrize("typename", [{"kind": "Person"}, {"kind": "Robot"}, {}, {"kind": None}])
def test_a_nested_object_must_contain_its_type_name(schema: GraphQLSchema, typename: dict[str, Any]) -> None:
    person: Any = schema.type_map["Person"]
    person.extensions[EXTENSION] = Typename("kind", "Person")
    person.is_type_of = is_person
    try:
        for _ in range(2):
            ask(schema, shelf())
        assert nested(schema) == len(["shelf", "book", "author", "book in rows"])
        result = ask(schema, shelf(books=[{"name": "A", "author": ADA | typename}]))
        assert bool(result.errors) == (typename.get("kind", "Person") != "Person")
    finally:
        person.extensions.clear()
        person.is_type_of = None


def test_sources_that_are_no_dicts_are_nested_too(schema: GraphQLSchema) -> None:
    for _ in range(2):
        ask(schema, shelf(books=[Book(), Book()]))
    assert nested(schema) == len(["shelf", "book", "author", "book in rows"])
    ask(schema, shelf())


class Loaded:
    """A source that has to be awaited, and returns one of its own class."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __await__(self) -> Iterator[Any]:
        yield from sleep(0).__await__()
        return Loaded(f"loaded {self.name}")


class Called:
    """A source that has to be called, and returns one of its own class."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, _info: Any) -> "Called":
        return Called(f"called {self.name}")


@pytest.mark.parametrize("kind", [Loaded, Called])
async def test_what_has_to_be_awaited_or_called_is_not_taken_for_a_source(kind: Callable[[str], Any]) -> None:
    schema = build_schema("type Query { p: P ps: [P!] } type P { name: String }")
    document = parse("{ p { name } ps { name } }")
    for _ in range(4):
        root = {"p": kind("a"), "ps": [kind("b")]}
        results = [execute(schema, document, root_value=root) for execute in (STOCK_EXECUTE, ENGINE)]
        stock, ours = [result if isinstance(result, ExecutionResult) else await result for result in results]
        assert isinstance(results[0], ExecutionResult) == isinstance(results[1], ExecutionResult)
        assert (ours.data, ours.errors) == (stock.data, stock.errors)


WIDE = build_schema("type Query { a: Int p: P ps: [P] } type P { a: Int p: P }")


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"x{number}: a" for number in range(5_000)),
        " ".join(f"x{number}: p {{ a }}" for number in range(2_000)),
        "ps {" + " ".join(f"x{number}: a" for number in range(2_000)) + "}",
        "p { " * 70 + "a" + " }" * 70,
    ],
    ids=["leaves", "objects", "leaves of objects", "depth"],
)
def test_a_selection_may_be_of_any_size(text: str) -> None:
    WIDE.extensions.clear()
    root: Any = {"a": 1}
    root |= {"p": root, "ps": [root]}
    for _ in range(3):
        ask(WIDE, root, parse(f"{{ {text} }}"))


def test_fragments_that_double_what_is_selected_take_no_time_to_compile() -> None:
    WIDE.extensions.clear()
    root: Any = {"a": 1}
    root["p"] = root
    doubling = [f"fragment F{n} on P {{ x: p {{ ...F{n + 1} }} y: p {{ ...F{n + 1} }} }}" for n in range(10)]
    document = parse("\n".join(["{ p { ...F0 } }", *doubling, "fragment F10 on P { a }"]))
    begun = Cost.now()
    for _ in range(3):
        ask(WIDE, root, document)
    assert Cost.now().since(begun).processor < 5000 * unit().processor


def test_the_number_of_recompiles_is_limited() -> None:
    names = [f"x{number}" for number in range(100)]
    schema = build_schema(f"type Query {{ {' '.join(f'{name}: P' for name in names)} }} type P {{ a: Int }}")
    document = parse(f"{{ {' '.join(f'{name} {{ a }}' for name in names)} }}")
    compiled: list[Any] = []
    for name in names:
        for _ in range(2):
            ask(schema, {name: {"a": 1}}, document)
        compiled += [builder for builder in root_selection(schema).builders.values() if builder not in compiled]
    assert len(compiled) == MAX_RECOMPILES + 1


def is_p(source: Any, _info: Any) -> bool:
    return source.get("kind", "P") == "P"


def name_of(source: Any, _info: Any) -> str:
    return source["name"]


class Key(StrEnum):
    NAME = "name"
    KIND = "kind"


def test_declarations_may_name_their_keys_by_enumerations() -> None:
    schema = build_schema("type Query { p: P } type P { name: String }")
    person: Any = schema.type_map["P"]
    person.extensions[EXTENSION] = Typename(Key.KIND, "P")
    person.is_type_of = is_p
    person.fields["name"].extensions[EXTENSION] = Column(Key.NAME)
    person.fields["name"].resolve = name_of
    for source in ({"name": "a"}, {"name": "b", "kind": "P"}, {"name": "c", "kind": "Q"}, {"name": "d", "kind": [1]}):
        for _ in range(3):
            ask(schema, {"p": source}, parse("{ p { name } }"))


def test_a_source_may_contain_any_value_instead_of_its_type_name() -> None:
    schema = build_schema("type Query { ps: [P] } type P { name: String }")
    person: Any = schema.type_map["P"]
    person.extensions[EXTENSION] = Typename("kind", "P")
    person.is_type_of = is_p
    ask(schema, {"ps": [{"name": "a"}, {"name": "b", "kind": [1]}]}, parse("{ ps { name } }"))
