"""graphql-core's functions with looser types, because a type checker cannot know the generated types."""

from collections.abc import Callable
from typing import Any

import graphql
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLUnionType

Execute = Callable[..., Any]
Subscribe = Callable[..., Any]

STOCK_EXECUTE: Execute = graphql.execute
STOCK_SUBSCRIBE: Subscribe = graphql.subscribe

is_hard: Callable[[Any], bool] = graphql.is_non_null_type
is_list: Callable[[Any], bool] = graphql.is_list_type
is_leaf: Callable[[Any], bool] = graphql.is_leaf_type
is_abstract: Callable[[Any], bool] = graphql.is_abstract_type
named: Callable[[Any], Any] = graphql.get_named_type
nullable: Callable[[Any], Any] = graphql.get_nullable_type


def is_enum(type_: Any) -> bool:
    return isinstance(type_, GraphQLEnumType)


def is_union(type_: Any) -> bool:
    return isinstance(type_, GraphQLUnionType)


def is_input_object(type_: Any) -> bool:
    return isinstance(type_, GraphQLInputObjectType)


def non_null(type_: Any) -> Any:
    return type_ if is_hard(type_) else graphql.GraphQLNonNull[Any](type_)


def list_of(type_: Any) -> Any:
    return graphql.GraphQLList[Any](type_)
