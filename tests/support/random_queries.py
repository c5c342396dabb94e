"""Writes random queries of the product: nested lists, types of interfaces, fragments, aliases and conditions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import GraphQLField, GraphQLSchema, get_named_type, is_abstract_type, is_leaf_type

from tests.engine.support.chance import Chance

_HANDLES = ("ana", "ben", "chi", "dia", "nobody")
_WORDS = ("train", "bread", "ana", "a")
_UNWANTED = {"node", "nodes"}
_PAGES = ("1", "2", "5", "20", "100", "null", "$n")


class RandomQuery(NamedTuple):
    """A valid query, and the values of its variables."""

    text: str
    variables: dict[str, Any]


class QueryWriter:
    """Writes one query. `ids` are global ids of objects that exist."""

    def __init__(self, seed: int, schema: GraphQLSchema, ids: Sequence[str]) -> None:
        self._chance = Chance(seed, "query")
        self._schema = schema
        self._ids = ids
        self._aliases = 0
        self._fields = 40
        self._fragments: list[str] = []

    def write(self) -> RandomQuery:
        """Returns the query."""
        selections = self._selections(self._schema.query_type, 0)
        head = "query Random($n: Int = 3, $yes: Boolean! = true, $no: Boolean = false)"
        variables = "n: viewer { devices(first: $n) { __typename } }"
        conditions = "y: __typename @include(if: $yes) @skip(if: $no)"
        text = f"{head} {{ {selections} {variables} {conditions} }} {' '.join(self._fragments)}"
        chance = self._chance
        return RandomQuery(text, {"n": chance.between(1, 100), "yes": chance.happens(0.5), "no": chance.happens(0.5)})

    def _selections(self, kind: Any, depth: int) -> str:
        chance = self._chance
        if is_abstract_type(kind):
            possible = chance.some(self._schema.get_possible_types(kind), chance.between(1, 4))
            return " ".join(
                ["__typename", *(f"... on {each} {{ {self._selections(each, depth)} }}" for each in possible)]
            )
        fields = [(name, field) for name, field in kind.fields.items() if depth or name not in _UNWANTED]
        count = chance.between(1, 4)
        written = [self._field(kind, name, field, depth) for name, field in chance.some(fields, count)]
        if not depth and chance.happens(0.6):
            written.append(self._nodes(depth))
        body = " ".join(["__typename", *written])
        if chance.happens(0.15):
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {kind} {{ {body} }}")
            return f"...{name} ...{name}{self._condition()}"
        return body

    def _nodes(self, depth: int) -> str:
        ids = self._chance.some(self._ids, self._chance.between(1, 30))
        listed = ", ".join(f'"{each}"' for each in ids)
        body = self._selections(self._schema.type_map["Node"], depth + 1)
        return f"{self._alias()}: nodes(ids: [{listed}]) {{ {body} }}"

    def _field(self, parent: Any, name: str, field: GraphQLField, depth: int) -> str:
        kind: Any = get_named_type(field.type)  # pyright: ignore[reportUnknownArgumentType] - lists' items are not typed
        if is_leaf_type(kind):
            return f"{parent}_{name}: {name}"
        self._fields -= 1
        if depth > 10 or self._fields < 0:
            return "__typename"
        head = f"{self._alias()}: {name}{self._arguments(field)}{self._condition()}"
        return f"{head} {{ {self._selections(kind, depth + 1)} }}"

    def _arguments(self, field: GraphQLField) -> str:
        chance = self._chance
        written = list[str]()
        if "first" in field.args and chance.happens(0.8):
            written.append(f"first: {chance.pick(_PAGES)}")
        if "handle" in field.args:
            written.append(f'handle: "{chance.pick(_HANDLES)}"')
        if "query" in field.args:
            written.append(f'query: "{chance.pick(_WORDS)}"')
        return f"({', '.join(written)})" if written else ""

    def _alias(self) -> str:
        self._aliases += 1
        return f"a{self._aliases}"

    def _condition(self) -> str:
        chance = self._chance
        if not chance.happens(0.15):
            return ""
        return f" @{chance.pick(('include', 'skip'))}(if: {chance.pick(('$yes', '$no', 'true', 'false'))})"
