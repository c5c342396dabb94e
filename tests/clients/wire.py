"""Shares helpers of the tests of native clients, which send the same bytes as the clients' sources."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from httpx2 import Response

from gateway.background.trusted_documents import refresh_documents
from services.documents import NewDocument, import_documents
from tests.clients.sessions import tokens_of_ana
from tests.support.client import operation
from tests.support.server import Server

PROFILE = operation("feed.graphql", "Profile")
PUBLISH = operation("feed.graphql", "PublishPost")
DEVICES = operation("account.graphql", "Devices")
REFRESH = operation("account.graphql", "RefreshSession")
COUNT = "subscription Count { count(to: 2) { number } }"
COUNTED = [{"data": {"count": {"number": 0}}}, {"data": {"count": {"number": 1}}}]
PERSON = 'query Person { person { name ...Later @defer(label: "later") } } fragment Later on Person { name nickname }'


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def post(server: Server, body: Any, headers: Mapping[str, str]) -> Response:
    return await server.http.post("/graphql", content=json.dumps(body), headers=headers)


def code_of(response: Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


async def publishes_and_is_refused(server: Server, headers: Mapping[str, str]) -> None:
    """A success and a problem, both in an answer of status 200."""
    signed_in = {**headers, "Authorization": f"Bearer {(await tokens_of_ana(server)).access}"}

    async def publish(text: str) -> Any:
        sent = {"operationName": "PublishPost", "variables": {"input": {"body": text}}, "query": PUBLISH}
        answer = await post(server, sent, signed_in)
        assert answer.status_code == 200
        return answer.json()["data"]["publishPost"]

    assert (await publish("Hello"))["post"]["body"] == "Hello"
    problem = await publish("")
    assert (problem["__typename"], problem["field"]) == ("InvalidInputProblem", "input.body")


async def asks_again_with_a_new_token(server: Server, headers: Mapping[str, str], statuses: set[int]) -> None:
    """Sends an expired token, and refreshes it like apps do after a readable response with UNAUTHENTICATED."""
    tokens = await tokens_of_ana(server)
    body = {"operationName": "Devices", "variables": {}, "query": DEVICES}
    refused = await post(server, body, {**headers, "Authorization": f"Bearer {tokens.ended}"})
    assert refused.status_code in statuses
    assert code_of(refused) == "UNAUTHENTICATED"
    exchange = {"operationName": "RefreshSession", "variables": {"input": {"refreshToken": tokens.refresh}}}
    session = (await post(server, {**exchange, "query": REFRESH}, headers)).json()["data"]["refreshSession"]["session"]
    answer = await post(server, body, {**headers, "Authorization": f"Bearer {session['accessToken']}"})
    assert answer.json()["data"]["viewer"]["email"] == "ana@example.com"


async def register(server: Server, name: str, text: str) -> str:
    """The id of a document that the app `strict` has registered now, as build tools make ids."""
    new = NewDocument(sha256(text), name, text)
    await import_documents(server.resources.database, "strict", "4.2.0", [new], server.resources.clock())
    await refresh_documents(server.resources)
    return new.id
