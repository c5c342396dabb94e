"""Objects that are read from their parents are built where they stand, once it is known what they are."""

from asyncio import sleep
from collections import UserDict
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, build_schema, parse

from engine import EXTENSION, Column, Typename, plans_of
from engine.plan import MOST_LESSONS, Selection
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
    """The engine's answer, which has to be graphql-core's."""
    stock: ExecutionResult = STOCK_EXECUTE(schema, document, root_value=root)
    ours: ExecutionResult = ENGINE(schema, document, root_value=root)
    assert ours.data == stock.data
    shown = [sorted(map(str, each.errors or ())) for each in (stock, ours)]
    assert shown[0] == shown[1]
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
    """How many objects the root's generated code builds."""
    (builder,) = root_selection(schema).builders.values()
    return builder.source.count("    def n")


def test_the_second_time_everything_is_one_comprehension(schema: GraphQLSchema) -> None:
    ask(schema, shelf())
    assert not root_selection(schema).builders
    ask(schema, shelf())
    assert nested(schema) == len(["shelf", "book", "author", "book in rows"])


def test_what_was_not_met_the_first_time_is_nested_when_it_has_been(schema: GraphQLSchema) -> None:
    nobody = shelf(books=[{"name": "A", "author": None}])
    ask(schema, nobody)
    ask(schema, nobody)
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
def test_what_is_out_of_the_ordinary_is_answered_as_ever(schema: GraphQLSchema, changes: dict[str, Any]) -> None:
    for _ in range(2):
        ask(schema, shelf())
    for _ in range(3):
        ask(schema, shelf(**changes))
    ask(schema, shelf())


def test_a_place_with_something_out_of_the_ordinary_is_nested_no_more(schema: GraphQLSchema) -> None:
    for _ in range(2):
        ask(schema, shelf())
    ask(schema, shelf(title=None))
    ask(schema, shelf())
    assert nested(schema) == 0


@pytest.mark.parametrize("says", [{"kind": "Person"}, {"kind": "Robot"}, {}, {"kind": None}])
def test_a_nested_object_has_to_say_of_which_type_it_is(schema: GraphQLSchema, says: dict[str, Any]) -> None:
    person: Any = schema.type_map["Person"]
    person.extensions[EXTENSION] = Typename("kind", "Person")
    person.is_type_of = is_person
    try:
        for _ in range(2):
            ask(schema, shelf())
        assert nested(schema) == len(["shelf", "book", "author", "book in rows"])
        result = ask(schema, shelf(books=[{"name": "A", "author": ADA | says}]))
        assert bool(result.errors) == (says.get("kind", "Person") != "Person")
    finally:
        person.extensions.clear()
        person.is_type_of = None


def test_sources_that_are_no_dicts_are_nested_too(schema: GraphQLSchema) -> None:
    for _ in range(2):
        ask(schema, shelf(books=[Book(), Book()]))
    assert nested(schema) == len(["shelf", "book", "author", "book in rows"])
    ask(schema, shelf())


class Loaded:
    """A source that has to be awaited, and gives one of its own class."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __await__(self) -> Iterator[Any]:
        yield from sleep(0).__await__()
        return Loaded(f"loaded {self.name}")


class Called:
    """A source that has to be called, and gives one of its own class."""

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
        asked = [execute(schema, document, root_value=root) for execute in (STOCK_EXECUTE, ENGINE)]
        stock, ours = [each if isinstance(each, ExecutionResult) else await each for each in asked]
        assert isinstance(asked[0], ExecutionResult) == isinstance(asked[1], ExecutionResult)
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


def test_what_comes_by_now_and_then_is_not_compiled_for_each_time() -> None:
    names = [f"x{number}" for number in range(100)]
    schema = build_schema(f"type Query {{ {' '.join(f'{name}: P' for name in names)} }} type P {{ a: Int }}")
    document = parse(f"{{ {' '.join(f'{name} {{ a }}' for name in names)} }}")
    made: list[Any] = []
    for name in names:
        for _ in range(2):
            ask(schema, {name: {"a": 1}}, document)
        made += [builder for builder in root_selection(schema).builders.values() if builder not in made]
    assert len(made) == MOST_LESSONS + 1


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


def test_a_source_may_say_anything_where_its_type_should_be() -> None:
    schema = build_schema("type Query { ps: [P] } type P { name: String }")
    person: Any = schema.type_map["P"]
    person.extensions[EXTENSION] = Typename("kind", "P")
    person.is_type_of = is_p
    ask(schema, {"ps": [{"name": "a"}, {"name": "b", "kind": [1]}]}, parse("{ ps { name } }"))
