"""Defines a case: an operation on a schema, and the executors that run it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute, parse

import engine

Execute = Callable[..., Any]
"""`graphql.execute`, or a function with the same arguments."""

GRAPHQL_CORE: Execute = execute
ENGINE: Execute = engine.execute


def nothing() -> None:
    """Returns None, as the root value or context of an operation that needs none."""


@dataclass(frozen=True, slots=True)
class Case:
    """Describes an operation to measure.

    `operation` is its name in `text`. `root` and `context` are created for every execution. `by_hand` returns the data
    without GraphQL. `goal` is the minimum ratio of graphql-core's time to the engine's.
    """

    name: str
    title: str
    schema: GraphQLSchema
    operation: str
    text: str
    root: Callable[[], Any] = nothing
    context: Callable[[], Any] = nothing
    variables: Mapping[str, Any] | None = None
    by_hand: Callable[[], Awaitable[dict[str, Any]]] | None = None
    goal: float = 1.0

    def document(self) -> DocumentNode:
        return parse(self.text)

    def fresh_document(self, number: int) -> DocumentNode:
        """Returns the document with another operation name, so that no document cache contains it."""
        return parse(self.text.replace(self.operation, f"{self.operation}{number}", 1))

    def run(self, execute: Execute, document: DocumentNode) -> Any:
        """Returns the result, or an awaitable of it."""
        return execute(
            self.schema,
            document,
            root_value=self.root(),
            context_value=self.context(),
            variable_values=None if self.variables is None else dict(self.variables),
        )


async def finished(answer: Any) -> Any:
    """Returns the result of an executor or function, awaited if necessary."""
    return answer if isinstance(answer, ExecutionResult) else await answer


def count_fields(data: Any) -> int:
    """Returns the number of fields in a result at all depths. Fields of list items count once per item."""
    own = len(list(_inside(data))) if isinstance(data, dict) else 0
    return own + sum(map(count_fields, _inside(data)))


def count_values(data: Any) -> int:
    """Returns the number of scalars, enum values and nulls in a result."""
    return sum(map(count_values, _inside(data))) if isinstance(data, dict | list) else 1


def _inside(data: Any) -> Iterable[Any]:
    if isinstance(data, dict):
        return cast("dict[str, Any]", data).values()
    return cast("list[Any]", data) if isinstance(data, list) else ()
