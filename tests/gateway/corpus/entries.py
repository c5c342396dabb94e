"""An entry says how it is answered as `application/graphql-response+json`.

As `application/json` the status is 200 where `soft` says so: a well-formed request whose document cannot be run, which
apps in the field may send.
"""

from collections.abc import Mapping
from typing import NamedTuple

from httpx2 import AsyncClient, Request

PATH = "/graphql"
PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
INPUT = "BAD_USER_INPUT"
REQUEST = "BAD_REQUEST"
NOT_IN_LIST = "PERSISTED_QUERY_NOT_IN_LIST"

NAMED = "{ __typename }"
HUGE = "9" * 5000


class MalformedBody(NamedTuple):
    """A body, and how a POST with it is answered."""

    name: str
    body: bytes
    code: str = REQUEST
    status: int = 400
    soft: bool = False
    headers: Mapping[str, str] = {"Content-Type": "application/json"}

    def request(self, http: AsyncClient, accept: str) -> Request:
        return http.build_request("POST", PATH, content=self.body, headers={"Accept": accept, **self.headers})


class MalformedQuery(NamedTuple):
    """A query string, and how a GET with it is answered."""

    name: str
    query_string: bytes
    code: str = REQUEST
    status: int = 400
    soft: bool = False

    def request(self, http: AsyncClient, accept: str) -> Request:
        made = http.build_request("GET", PATH, headers={"Accept": accept})
        made.url = made.url.copy_with(raw_path=f"{PATH}?".encode() + self.query_string)
        return made
