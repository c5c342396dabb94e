"""What of graphql-core is used under other names: its generic classes with their arguments filled in."""

from typing import Any

from graphql import GraphQLResolveInfo
from graphql.execution import Executor

AnyExecutor = Executor[Any]
AnyInfo = GraphQLResolveInfo[Any]
