"""How an answer is written down."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from starlette.responses import Response

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"


def json_response(
    body: Mapping[str, Any], status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that nobody on the way may keep."""
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")


@lru_cache(maxsize=256)
def preferred_media_type(accept: str) -> str:
    """Of the two types that GraphQL answers have, the one that an Accept header prefers; JSON when it names neither."""
    qualities = {JSON: 0.0, GRAPHQL_RESPONSE: 0.0}
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        if media_type in qualities:
            qualities[media_type] = max(qualities[media_type], quality(parameters))
    # Equal preference goes to the newer type, which says more; every client that lists it can read it.
    return GRAPHQL_RESPONSE if 0 < qualities[GRAPHQL_RESPONSE] >= qualities[JSON] else JSON


def quality(parameters: list[str]) -> float:
    """How much a header wants the item that these parameters follow, from 0 to 1."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
