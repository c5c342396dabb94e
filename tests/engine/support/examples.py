"""Examples: a schema, a world and a request, all generated from one number."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, parse, validate

from tests.engine.support.chance import Chance
from tests.engine.support.comparison import Comparison, Harness, compare
from tests.engine.support.documents import Request, build_request
from tests.engine.support.events import compare_subscriptions
from tests.engine.support.kinds import Execute, Subscribe
from tests.engine.support.schemas import build_schema, printed
from tests.engine.support.world import World

_PER_SCHEMA = 4


@dataclass(frozen=True)
class Example:
    """The schema, request and world that are generated from a seed and a size."""

    schema: GraphQLSchema
    request: Request
    document: DocumentNode
    make_world: Callable[[], World]

    def __str__(self) -> str:
        request = self.request
        return (
            f"{printed(self.schema)}\n\n{request.text}\n\n"
            f"variables: {request.variables}\noperation: {request.operation_name}"
        )


@lru_cache(maxsize=8)
def _schema(seed: int, size: int, *, quiet: bool) -> GraphQLSchema:
    return build_schema(seed, size, quiet=quiet)


def example(seed: int, size: int, *, subscription: bool = False) -> Example:
    """Returns the example of a seed. Consecutive seeds share a schema, as the requests of a server do."""
    base = seed // _PER_SCHEMA
    quiet = Chance(base, "quiet").happens(0.45)
    schema = _schema(base, size, quiet=quiet)
    kinds = ("subscription",) if subscription else ("query", "query", "query", "mutation")
    request = build_request(seed, schema, size, kinds)
    document = parse(request.text)
    kind = root_kind(document, request.operation_name)

    def make_world() -> World:
        world = World(seed, schema, quiet=quiet)
        world.root_value = world.root(kind)
        return world

    return Example(schema, request, document, make_world)


def root_kind(document: DocumentNode, name: str | None) -> str:
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and (
            name is None or (definition.name and definition.name.value == name)
        ):
            return definition.operation.value.title()
    return "Query"


def check_subscription(harness: Harness, subscribe: Subscribe, tried: Example) -> list[str]:
    """Compares an executor with graphql-core on a subscription."""
    return compare_subscriptions(
        harness, subscribe, tried.schema, tried.document, tried.make_world, **request_options(tried)
    )


def request_options(tried: Example) -> dict[str, Any]:
    return {"variable_values": tried.request.variables, "operation_name": tried.request.operation_name}


def check(harness: Harness, execute: Execute, tried: Example) -> Comparison:
    """Compares an executor with graphql-core on an example."""
    return compare(harness, execute, tried.schema, tried.document, tried.make_world, **request_options(tried))


def errors_of_validation(tried: Example) -> list[str]:
    return [error.message for error in validate(tried.schema, tried.document)]
