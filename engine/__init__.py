"""Breadth-first execution of any graphql-core schema.

The engine compiles each operation into a plan and then executes each field once for all objects of a level. This
package depends on graphql-core alone; only `for_strawberry` imports Strawberry. `README.md` describes how it works.
"""

from collections.abc import AsyncIterator
from typing import Any

import graphql
from graphql import ExecutionResult, GraphQLSchema
from graphql.execution import Executor
from graphql.pyutils import AwaitableOrValue

from engine.cache import Plans, plans_of
from engine.columns import columns_of
from engine.declarations import EXTENSION, Column, Derived, Direct, Level, Typename
from engine.definitions import definitions_of
from engine.executor import BreadthFirst, BreadthFirstEventExecutor, BreadthFirstExecutor


def execute(schema: GraphQLSchema, *args: Any, **kwargs: Any) -> AwaitableOrValue[ExecutionResult]:
    """Executes an operation like `graphql.execute`, with the same arguments and results."""
    return graphql.execute(schema, *args, **_with_executor(schema, BreadthFirstExecutor, kwargs))


def subscribe(
    schema: GraphQLSchema, *args: Any, **kwargs: Any
) -> AwaitableOrValue[AsyncIterator[ExecutionResult] | ExecutionResult]:
    """Starts a subscription like `graphql.subscribe`, with the same arguments and results."""
    return graphql.subscribe(schema, *args, **_with_executor(schema, BreadthFirstEventExecutor, kwargs))


def _with_executor(schema: GraphQLSchema, default: type[Executor[Any]], kwargs: dict[str, Any]) -> dict[str, Any]:
    if kwargs.get("executor_class") is None:
        return {**kwargs, "executor_class": default}
    plans_of(schema).delegated["executor class"] += 1
    return kwargs


__all__ = [
    "EXTENSION",
    "BreadthFirst",
    "BreadthFirstEventExecutor",
    "BreadthFirstExecutor",
    "Column",
    "Derived",
    "Direct",
    "Level",
    "Plans",
    "Typename",
    "columns_of",
    "definitions_of",
    "execute",
    "plans_of",
    "subscribe",
]
