"""Finds the metrics and labels that a query names."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import promql_parser

_CHILDREN = ("expr", "lhs", "rhs", "param")


class Use(NamedTuple):
    """A metric of a query, with the labels by which the query selects its series or adds them up."""

    metric: str
    labels: frozenset[str]


def uses_of(query: str) -> list[Use]:
    """Returns the metrics of a query. Raises `ValueError` if it is not PromQL."""
    return list(_uses(promql_parser.parse(query), frozenset()))


def _uses(node: Any, grouped: frozenset[str]) -> Iterator[Use]:
    """Yields the metrics below a node. `grouped` are labels by which nodes above it add series up."""
    selector = getattr(node, "vector_selector", node)
    if isinstance(selector, promql_parser.VectorSelector):
        matchers = frozenset(matcher.name for matcher in selector.matchers.matchers)
        yield Use(selector.name or "", matchers | grouped)
        return
    if isinstance(node, promql_parser.AggregateExpr) and node.modifier and str(node.modifier).startswith("by"):
        grouped = frozenset(node.modifier.labels)
    for child in (getattr(node, name, None) for name in _CHILDREN):
        if child is not None:
            yield from _uses(child, grouped)
    for argument in getattr(node, "args", ()):
        yield from _uses(argument, grouped)
