"""What is measured: an operation on a schema, and what runs it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute, parse

import engine

Execute = Callable[..., Any]
"""`graphql.execute` or one with its arguments."""

GRAPHQL_CORE: Execute = execute
ENGINE: Execute = engine.execute


def nothing() -> None:
    """The root value or context of an operation that reads none."""


@dataclass(frozen=True, slots=True)
class Case:
    """`operation` is the operation's name in `text`; `root` and `context` are made anew for every execution.

    `by_hand` is the answer's data without GraphQL. `goal` is how many times faster than graphql-core it should be.
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
        """The same under another name, so that nothing that remembers documents knows it."""
        return parse(self.text.replace(self.operation, f"{self.operation}{number}", 1))

    def run(self, execute: Execute, document: DocumentNode) -> Any:
        """The result, or an awaitable of it."""
        return execute(
            self.schema,
            document,
            root_value=self.root(),
            context_value=self.context(),
            variable_values=None if self.variables is None else dict(self.variables),
        )


async def finished(answer: Any) -> Any:
    """What an executor or a function gives back, awaited where that is needed."""
    return answer if isinstance(answer, ExecutionResult) else await answer


def count_fields(data: Any) -> int:
    """How many fields an answer has at all depths; a field of objects in a list counts once for each."""
    own = len(list(_inside(data))) if isinstance(data, dict) else 0
    return own + sum(map(count_fields, _inside(data)))


def count_values(data: Any) -> int:
    """How many scalars, enums and nulls an answer has."""
    return sum(map(count_values, _inside(data))) if isinstance(data, dict | list) else 1


def _inside(data: Any) -> Iterable[Any]:
    if isinstance(data, dict):
        return cast("dict[str, Any]", data).values()
    return cast("list[Any]", data) if isinstance(data, list) else ()
