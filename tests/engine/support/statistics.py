"""What examples were made of, to show that they are not trivial."""

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
    "refused": "refused before execution (variables, name of the operation)",
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

    def add(self, made: Example, compared: Comparison) -> None:
        self.examples += 1
        result = compared.stock.result
        found = selected(made.schema, made)
        if result is not None:
            found |= answered(result)
            self.errors += len(result.errors or ())
            self.fields += count_fields(result.data)
        if compared.stock.awaited:
            found.add("awaited")
        elif "errors" not in found:
            found.add("clean")
        self.calls += compared.stock.calls
        self.shares.update(found)

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
        means = {"fields in the answer": self.fields, "calls of resolvers": self.calls, "errors": self.errors}
        lines += [f"| {text}, on average | {count / total:.1f} |" for text, count in means.items()]
        return "\n".join(lines)


def answered(result: ExecutionResult) -> set[str]:
    """What there is to say about an answer."""
    errors = result.errors or []
    found: set[str] = set()
    if errors:
        found.add("errors")
    if len(errors) > 1:
        found.add("several errors")
    if any(error.path is None for error in errors) and result.data is None:
        found.add("refused")
    elif errors and result.data is None:
        found.add("no data")
    if any(error.path and nulled_above(result.data, error.path) for error in errors):
        found.add("nulled parent")
    return found


def nulled_above(data: Any, path: list[str | int]) -> bool:
    """Whether null stands above the place of the error."""
    for key in path[:-1]:
        if data is None:
            return True
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return False
    return data is None


def selected(schema: GraphQLSchema, made: Example) -> set[str]:
    """What there is to say about a document."""
    info, request = TypeInfo(schema), made.request
    found: set[str] = set()

    class Look(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            type_: Any = info.get_type()
            of = named(type_)
            if is_abstract(of):
                found.add("abstract")
            if is_union(of):
                found.add("union")
            if str(type_).startswith("[["):
                found.add("nested list")
            if node.name.value in {"__type", "__schema"}:
                found.add("introspection")

        def enter_selection_set(self, node: Any, *_: Any) -> None:
            names = [(one.alias or one.name).value for one in node.selections if one.kind == "field"]
            if len(set(names)) < len(names):
                found.add("merged")

    visit(made.document, TypeInfoVisitor(info, Look()))
    told = {
        "fragment": "fragment F" in request.text,
        "variables": "$" in request.text,
        "directives": "@" in request.text,
        "mutation": root_kind(made.document, request.operation_name) == "Mutation",
        "operations": sum(one.kind == "operation_definition" for one in made.document.definitions) > 1,
    }
    return found | {name for name, true in told.items() if true}


def count_fields(data: Any) -> int:
    if isinstance(data, dict):
        values: dict[str, Any] = data
        return sum(1 + count_fields(value) for value in values.values())
    if isinstance(data, list):
        items: list[Any] = data
        return sum(count_fields(item) for item in items)
    return 0
