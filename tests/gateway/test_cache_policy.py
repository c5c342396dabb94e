"""The cache policy of an operation is the strictest of the parts that it selects."""

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse

from gateway.response_cache.policy import DEFAULT_MAX_AGE, CachePolicy, operation_policy
from resolvers.schema import build_schema
from schema.cache_control import CacheControl, CacheScope

SCHEMA = build_schema()


def policy_of(text: str, schema: strawberry.Schema = SCHEMA) -> CachePolicy:
    document = parse(text)
    (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return operation_policy(schema._schema, document, operation)


@pytest.mark.parametrize(
    ("text", "scope", "part"),
    [
        ("{ __typename }", CacheScope.PUBLIC, "default"),
        ('{ user(handle: "ana") { name followerCount } }', CacheScope.PUBLIC, "Query.user"),
        ('{ user(handle: "ana") { name followedByViewer } }', CacheScope.VIEWER, "User.followedByViewer"),
        ('{ node(id: "1") { id ... on Post { likedByViewer } } }', CacheScope.VIEWER, "Post.likedByViewer"),
        ('{ node(id: "1") { ... on Payment { id } } }', CacheScope.VIEWER, "Payment"),
        ('{ node(id: "1") { ...A } } fragment A on Device { id }', CacheScope.NONE, "Device"),
        ("{ viewer { user { name } } }", CacheScope.VIEWER, "Query.viewer"),
        ("{ viewer { devices { edges { node { id } } } } }", CacheScope.NONE, "Device"),
        ('{ search(query: "a") { edges { node { __typename } } } }', CacheScope.NONE, "Query.search"),
        ("mutation { logOut { __typename } }", CacheScope.NONE, "mutation"),
        ("subscription { viewerEvents { cursor } }", CacheScope.NONE, "subscription"),
    ],
)
def test_the_scope_is_that_of_the_strictest_part(text: str, scope: CacheScope, part: str) -> None:
    policy = policy_of(text)
    assert policy.scope == (scope, part)
    assert policy.is_stored == (scope is not CacheScope.NONE and part != "default")


def test_fragments_of_other_operations_do_not_matter() -> None:
    document = parse('query A { user(handle: "ana") { ...U } } query B { ...V } fragment U on User { id }'
                     " fragment V on Query { viewer { id } }")  # fmt: skip
    first, second = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    assert operation_policy(SCHEMA._schema, document, first).scope.value is CacheScope.PUBLIC
    assert operation_policy(SCHEMA._schema, document, second).scope.value is CacheScope.VIEWER


@strawberry.type
class Inner:
    short: int = strawberry.field(default=1, directives=[CacheControl(max_age=5, stale_while_revalidate=20)])
    shorter: int = strawberry.field(default=1, directives=[CacheControl(max_age=2, stale_while_revalidate=30)])
    never: int = strawberry.field(default=1, directives=[CacheControl(max_age=0)])


@strawberry.type
class Query:
    @strawberry.field(directives=[CacheControl(max_age=3600, scope=CacheScope.PUBLIC, stale_while_revalidate=25)])
    def inner(self) -> Inner:
        return Inner()

    @strawberry.field(directives=[CacheControl(scope=CacheScope.PUBLIC)])
    def other(self) -> Inner:
        return Inner()


OTHER = strawberry.Schema(Query)


@pytest.mark.parametrize(
    ("fields", "max_age", "revalidate"),
    [
        ("inner { __typename }", (DEFAULT_MAX_AGE, "default"), (25, "Query.inner")),
        ("inner { short }", (5, "Inner.short"), (20, "Inner.short")),
        ("inner { short shorter }", (2, "Inner.shorter"), (20, "Inner.short")),
        ("inner { short never }", (0, "Inner.never"), (20, "Inner.short")),
        ("inner { short } other { short }", (5, "Inner.short"), (0, "Query.other")),
    ],
)
def test_the_shortest_times_count_and_a_minute_is_the_maximum(
    fields: str, max_age: tuple[int, str], revalidate: tuple[int, str]
) -> None:
    policy = policy_of(f"{{ {fields} }}", OTHER)
    assert (policy.scope.value, policy.max_age, policy.stale_while_revalidate) == (
        CacheScope.PUBLIC,
        max_age,
        revalidate,
    )
    assert policy.is_stored == (max_age[0] > 0)


def test_counts_of_what_others_did_may_be_some_seconds_old() -> None:
    policy = policy_of('{ user(handle: "ana") { followerCount posts { edges { node { likeCount } } } } }')
    assert policy.max_stale == [(5, "Post.likeCount"), (5, "User.followerCount")]
