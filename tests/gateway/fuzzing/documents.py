"""Generates documents with schemathesis, for each root field of queries and mutations."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

import schemathesis
from graphql import GraphQLSchema, introspection_from_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.graphql import nodes

_SHARE_OF_QUERIES = 4
"""The documents of a field of queries for each document of a mutation."""

_PORTION = 100
"""Documents of one root field that Hypothesis generates at once: its memory grows with them."""


def documents(schema: GraphQLSchema, count: int, first_seed: int) -> Iterator[str]:
    """Yields documents of all root fields in turn, more of queries. Half of them have invalid arguments."""
    schemathesis.graphql.scalar("BigInt", st.integers().map(str).map(nodes.String))
    loaded: Any = schemathesis.graphql.from_dict({"data": introspection_from_schema(schema)})
    operations = [result.ok() for result in loaded.get_all_operations()]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    strategies = [
        operation.as_strategy(generation_mode=mode)
        for operation in operations
        for mode in modes * (_SHARE_OF_QUERIES if operation.label.startswith("Query.") else 1)
    ]
    portion = min(_PORTION, -(-count // len(strategies)))
    yield from islice(_endless(strategies, portion, first_seed), count)


def _endless(strategies: list[Any], portion: int, number: int) -> Iterator[str]:
    while True:
        for strategy in strategies:
            yield from _generated(strategy, portion, number)
            number += 1


def _generated(strategy: Any, count: int, number: int) -> list[str]:
    texts: list[str] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=cast("list[HealthCheck]", list(HealthCheck)),
    )
    @seed(number)
    @given(strategy)
    def collect(case: Any) -> None:
        texts.append(case.body)

    collect()
    return texts
