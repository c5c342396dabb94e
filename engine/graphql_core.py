"""Aliases of graphql-core's generic classes, with their type arguments."""

from typing import Any

from graphql import GraphQLResolveInfo
from graphql.execution import Executor

AnyExecutor = Executor[Any]
AnyInfo = GraphQLResolveInfo[Any]
