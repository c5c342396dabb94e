"""Defines cases without Strawberry: lists, depth, unions, mutations, errors, `info`."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, GraphQLUnionType, build_schema

from bench.engine_cases.case import Case

_OBJECTS = 1_000
_COLUMNS = 10
_DEPTH = 60
_MEMBERS = 500
_TYPES = 6
_FAILING = 200
_PATHS = 200

Info = GraphQLResolveInfo[Any]


def plain_cases() -> list[Case]:
    return [*_scalar_cases(), _deep(), _union(), _mutation(), _errors(), _paths()]


def _with(schema: GraphQLSchema, resolvers: Mapping[str, Any]) -> GraphQLSchema:
    """Returns the schema with resolvers for some `Type.field`."""
    for name, resolve in resolvers.items():
        typename, _, field = name.partition(".")
        kind = schema.type_map[typename]
        if isinstance(kind, GraphQLObjectType):
            kind.fields[field].resolve = resolve
    return schema


def _scalar_cases() -> Iterable[Case]:
    columns = [f"c{place}" for place in range(_COLUMNS)]
    kinds = ("ID!", "Int!", "String!", "Float", "Boolean!")
    declared = " ".join(f"{column}: {kinds[place % len(kinds)]}" for place, column in enumerate(columns))
    schema = build_schema(f"type Query {{ things: [Thing!]! }} type Thing {{ {declared} }}")
    rows = [
        dict(zip(columns, (str(row), row, f"name {row}", row / 2, row % 2 == 0) * 2, strict=True))
        for row in range(_OBJECTS)
    ]
    text = f"query Things {{ things {{ {' '.join(columns)} }} }}"
    objects = [SimpleNamespace(**row) for row in rows]
    size = f"{_OBJECTS:,} objects of {_COLUMNS} scalars"
    yield Case("dicts", f"{size}, dicts", schema, "Things", text, root=lambda: {"things": rows})
    yield Case("objects", f"{size}, attributes", schema, "Things", text, root=lambda: {"things": objects})


def _deep() -> Case:
    schema = build_schema("type Query { node: Node } type Node { value: Int! node: Node }")
    node: dict[str, Any] = {"value": _DEPTH, "node": None}
    for value in range(_DEPTH - 1, 0, -1):
        node = {"value": value, "node": node}
    text = "query Deep " + "{ node " * _DEPTH + "{ value }" + " value }" * (_DEPTH - 1) + " }"
    return Case("deep", f"A chain {_DEPTH} deep", schema, "Deep", text, root=lambda: {"node": node})


def _union() -> Case:
    names = [f"Member{place}" for place in range(_TYPES)]
    types = " ".join(f"type {name} {{ id: ID! name: String! own{name}: Int! }}" for name in names)
    schema = build_schema(f"type Query {{ members: [Member!]! }} {types} union Member = {' | '.join(names)}")
    union = schema.type_map["Member"]
    if isinstance(union, GraphQLUnionType):
        union.resolve_type = lambda value, _info, _union: value["__typename"]
    members = [
        {"__typename": name, "id": str(place), "name": f"name {place}", f"own{name}": place}
        for place, name in ((place, names[place * 7 % _TYPES]) for place in range(_MEMBERS))
    ]
    selections = " ".join(f"... on {name} {{ id name own{name} }}" for name in names)
    text = f"query Members {{ members {{ __typename {selections} }} }}"
    title = f"A union list, {_MEMBERS} of {_TYPES} types"
    return Case("union", title, schema, "Members", text, root=lambda: {"members": members})


def _mutation() -> Case:
    schema = build_schema(
        "type Query { total: Int } type Mutation { add(amount: Int!): Counter } "
        "type Counter { total: Int! steps: Int! }"
    )

    async def add(counter: dict[str, int], _info: Info, amount: int) -> dict[str, int]:
        counter["total"] += amount
        counter["steps"] += 1
        return dict(counter)

    calls = " ".join(f"add{amount}: add(amount: {amount}) {{ total steps }}" for amount in (2, 3, 4))
    return Case(
        "mutation",
        "A mutation of three fields, one after another",
        _with(schema, {"Mutation.add": add}),
        "Add",
        f"mutation Add {{ {calls} }}",
        root=lambda: {"total": 0, "steps": 0},
    )


def _errors() -> Case:
    schema = build_schema("type Query { things: [Thing!]! } type Thing { id: ID! name: String! broken: String }")

    def fail(_thing: Any, _info: Info) -> str:
        raise ValueError("out of order")

    things = [{"id": str(place), "name": f"name {place}"} for place in range(_FAILING)]
    return Case(
        "errors",
        f"{_FAILING} objects, one of three fields fails",
        _with(schema, {"Thing.broken": fail}),
        "Broken",
        "query Broken { things { id name broken } }",
        root=lambda: {"things": things},
    )


def _paths() -> Case:
    schema = build_schema(
        "type Query { things: [Thing!]! } type Thing { id: ID! place: String! double(by: Int!): Int! }"
    )

    def place_of(_thing: Any, info: Info) -> str:
        return "/".join(map(str, info.path.as_list()))

    def double(thing: Mapping[str, Any], _info: Info, by: int) -> int:
        return thing["number"] * by

    things = [{"id": str(place), "number": place} for place in range(_PATHS)]
    return Case(
        "paths",
        f"{_PATHS} objects, resolvers that read `info.path` and an argument",
        _with(schema, {"Thing.place": place_of, "Thing.double": double}),
        "Places",
        "query Places { things { id place double(by: 2) } }",
        root=lambda: {"things": things},
    )
