"""The directive `@cacheControl`: whether, for whom and for how long a response that contains a value may be cached.

The policy of an operation is the strictest of the types and fields that it selects
(`gateway/response_cache/policy.py`).
"""

from enum import Enum
from typing import Any

import strawberry
from strawberry.schema_directive import Location

MAX_STALE_COUNT = 5
"""Seconds for which a cached count of what other users did may differ from the current one."""


@strawberry.enum(description="The viewers who may receive the same cached response.")
class CacheScope(Enum):
    """The scopes, from the widest to the strictest."""

    PUBLIC = strawberry.enum_value(
        "PUBLIC", description="All requests without a signed-in user; otherwise one signed-in user."
    )
    VIEWER = strawberry.enum_value("VIEWER", description="One signed-in user.")
    NONE = strawberry.enum_value("NONE", description="The response is not cached.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    name="cacheControl",
    description="For whom and for how many seconds a response that contains the value may be cached. The strictest "
    "selected part decides. Fields and types without the directive add no restriction; a root field without a scope "
    "has VIEWER. `maxStale` is the number of seconds for which a cached value may differ from the current one.",
)
class CacheControl:
    """An omitted argument adds no restriction. The arguments are sorted, so that the printed definition is."""

    max_age: int | None = strawberry.UNSET
    max_stale: int | None = strawberry.UNSET
    scope: CacheScope | None = strawberry.UNSET
    stale_while_revalidate: int | None = strawberry.UNSET


def controlled(field: Any, control: CacheControl) -> Any:
    """Returns a field with the directive."""
    field.directives = [*field.directives, control]
    return field


def public() -> CacheControl:
    """Returns the directive of values that all viewers without a signed-in user see alike."""
    return CacheControl(scope=CacheScope.PUBLIC)


def of_viewer() -> CacheControl:
    """Returns the directive of values that depend on the signed-in user."""
    return CacheControl(scope=CacheScope.VIEWER)


def uncached() -> CacheControl:
    """Returns the directive of values that are never cached."""
    return CacheControl(scope=CacheScope.NONE)


def count_of_others() -> CacheControl:
    """Returns the directive of counts of what other users did. They may be a few seconds old in cached responses."""
    return CacheControl(max_stale=MAX_STALE_COUNT)
