"""Contains the cases of the engine benchmark: schemas, rows in memory, operations, and handwritten code."""

from graphql import get_introspection_query

from bench.engine_cases.case import Case
from bench.engine_cases.home import home_cases
from bench.engine_cases.plain import plain_cases
from resolvers.schema import build_schema


def all_cases() -> list[Case]:
    """Returns every case, in the order of the page."""
    return [*home_cases(), *plain_cases(), _introspection()]


def _introspection() -> Case:
    return Case(
        "introspection",
        "Introspection of the product's schema",
        build_schema()._schema,  # noqa: SLF001 - Strawberry has no public access to it
        operation="IntrospectionQuery",
        text=get_introspection_query(),
    )
