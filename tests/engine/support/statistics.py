"""Statistics about examples, which show that they are not trivial."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

from tests.engine.support.comparison import Comparison
from tests.engine.support.examples import Example, root_kind
from tests.engine.support.kinds import is_abstract, is_union, named

SHARES = {
    "awaited": "something is awaited",
    "errors": "with errors",
    "several errors": "with several errors",
    "nulled parent": "an error nulled a parent",
    "no data": "an error nulled all data",
    "rejected": "rejected before execution (variables, name of the operation)",
    "abstract": "an interface or a union is selected",
    "union": "a union is selected",
    "nested list": "a list of lists is selected",
    "fragment": "with named fragments",
    "variables": "with variables",
    "directives": "with @skip or @include",
    "merged": "a response key occurs twice in one selection set",
    "introspection": "with introspection",
    "mutation": "mutations",
    "operations": "with several operations",
    "clean": "awaited nothing, without errors",
}


@dataclass
class Statistics:
    """Counts over examples."""

    examples: int = 0
    shares: Counter[str] = field(default_factory=Counter[str])
    fields: int = 0
    calls: int = 0
    errors: int = 0

    def add(self, example: Example, compared: Comparison) -> None:
        self.examples += 1
        result = compared.stock.result
        properties = properties_of_document(example.schema, example)
        if result is not None:
            properties |= properties_of_result(result)
            self.errors += len(result.errors or ())
            self.fields += count_fields(result.data)
        if compared.stock.awaited:
            properties.add("awaited")
        elif "errors" not in properties:
            properties.add("clean")
        self.calls += compared.stock.calls
        self.shares.update(properties)

    def merge(self, other: "Statistics") -> None:
        self.examples += other.examples
        self.shares.update(other.shares)
        self.fields += other.fields
        self.calls += other.calls
        self.errors += other.errors

    def table(self) -> str:
        total = max(self.examples, 1)
        lines = ["| Of the examples | share |", "|---|---:|"]
        lines += [f"| {text} | {100 * self.shares[key] / total:.1f} % |" for key, text in SHARES.items()]
        means = {"fields in the result": self.fields, "calls of resolvers": self.calls, "errors": self.errors}
        lines += [f"| {text}, on average | {count / total:.1f} |" for text, count in means.items()]
        return "\n".join(lines)


def properties_of_result(result: ExecutionResult) -> set[str]:
    """Returns the keys of `SHARES` that apply to a result."""
    errors = result.errors or []
    properties: set[str] = set()
    if errors:
        properties.add("errors")
    if len(errors) > 1:
        properties.add("several errors")
    if any(error.path is None for error in errors) and result.data is None:
        properties.add("rejected")
    elif errors and result.data is None:
        properties.add("no data")
    if any(error.path and nulled_above(result.data, error.path) for error in errors):
        properties.add("nulled parent")
    return properties


def nulled_above(data: Any, path: list[str | int]) -> bool:
    """Returns whether a parent of the error's position is null."""
    for key in path[:-1]:
        if data is None:
            return True
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return False
    return data is None


def properties_of_document(schema: GraphQLSchema, example: Example) -> set[str]:
    """Returns the keys of `SHARES` that apply to a document."""
    info, request = TypeInfo(schema), example.request
    properties: set[str] = set()

    class Look(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            type_: Any = info.get_type()
            of = named(type_)
            if is_abstract(of):
                properties.add("abstract")
            if is_union(of):
                properties.add("union")
            if str(type_).startswith("[["):
                properties.add("nested list")
            if node.name.value in {"__type", "__schema"}:
                properties.add("introspection")

        def enter_selection_set(self, node: Any, *_: Any) -> None:
            names = [(one.alias or one.name).value for one in node.selections if one.kind == "field"]
            if len(set(names)) < len(names):
                properties.add("merged")

    visit(example.document, TypeInfoVisitor(info, Look()))
    conditions = {
        "fragment": "fragment F" in request.text,
        "variables": "$" in request.text,
        "directives": "@" in request.text,
        "mutation": root_kind(example.document, request.operation_name) == "Mutation",
        "operations": sum(one.kind == "operation_definition" for one in example.document.definitions) > 1,
    }
    return properties | {name for name, holds in conditions.items() if holds}


def count_fields(data: Any) -> int:
    if isinstance(data, dict):
        values: dict[str, Any] = data
        return sum(1 + count_fields(value) for value in values.values())
    if isinstance(data, list):
        items: list[Any] = data
        return sum(count_fields(item) for item in items)
    return 0
