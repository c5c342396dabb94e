"""The wire rules of Flutter's clients, from their sources: graphql_flutter and ferry send by the same links.

Each test names the file that its rule is from. `gql` stands for github.com/gql-dart/gql, `graphql` for
github.com/zino-hofmann/graphql-flutter/packages/graphql. What is sent is what that file sends; what comes is read as it
reads.
"""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from httpx2 import Response

from tests.clients.conftest import FIRST, SECOND, Stage
from tests.clients.features import proves
from tests.clients.wire import (
    COUNT,
    COUNTED,
    PROFILE,
    asks_again_with_a_new_token,
    code_of,
    post,
    publishes_and_is_refused,
    sha256,
)
from tests.support.server import Server
from tests.support.sockets import SocketClient, opened, socket_to

FLUTTER = "Flutter"
HEADERS = {"Content-type": "application/json", "Accept": "*/*"}
FATAL = {4500, 4005, 4400, 4004, 4401, 4406, 4409, 4429}
"""gql/links/gql_websocket_link/lib/src/graphql_transport_ws.dart: after these codes it does not connect again."""


def body(text: str, name: str | None = None, **variables: Any) -> dict[str, Any]:
    return {"operationName": name, "variables": variables, "query": text}


def hashed(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"sha256Hash": sha256(text), "version": 1}}


async def get(server: Server, sent: dict[str, Any]) -> Response:
    """gql/links/gql_http_link/lib/src/link.dart: what is no string is written as JSON, a name that is missing too."""
    params = {key: value if isinstance(value, str) else json.dumps(value) for key, value in sent.items()}
    return await server.http.get(f"/graphql?{urlencode(params)}", headers=HEADERS)


@proves(FLUTTER, "query")
async def test_a_query_may_have_a_name_that_is_null_and_takes_whatever_comes(product: Server) -> None:
    """gql/links/gql_link/lib/src/request_serializer.dart, gql/links/gql_http_link/lib/src/link.dart"""
    answer = await post(product, body(PROFILE, handle="ben"), HEADERS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["data"]["user"]["name"] == "Ben Okafor"


async def test_a_query_over_get_may_have_the_name_null(product: Server) -> None:
    """gql/links/gql_http_link/lib/src/link.dart"""
    answer = await get(product, body(PROFILE, handle="ben"))
    assert answer.json()["data"]["user"]["name"] == "Ben Okafor"
    named = await get(product, body(f"{PROFILE} query Other {{ __typename }}", "Other"))
    assert named.json() == {"data": {"__typename": "Query"}}


@proves(FLUTTER, "mutation")
async def test_a_mutation_is_answered_the_same_way(product: Server) -> None:
    """gql/links/gql_http_link/lib/src/link.dart"""
    await publishes_and_is_refused(product, HEADERS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ('{ node(id: "nothing") { id } }', "BAD_USER_INPUT"),
    ],
)
@proves(FLUTTER, "errors")
async def test_errors_come_with_a_status_below_300(product: Server, text: str, code: str) -> None:
    """gql/links/gql_http_link/lib/src/link.dart: from 300 on it throws an exception of the server's."""
    answer = await post(product, body(text), HEADERS)
    assert answer.status_code == 200
    assert code_of(answer) == code
    assert all(isinstance(error["message"], str) for error in answer.json()["errors"])


@proves(FLUTTER, "refresh")
async def test_an_access_token_that_has_ended_is_told_in_a_readable_answer(product: Server) -> None:
    """gql/links/gql_error_link/lib/gql_error_link.dart: the app's handler sees the errors and sends again."""
    await asks_again_with_a_new_token(product, HEADERS, {200})


@proves(FLUTTER, "name")
async def test_an_app_is_known_by_the_headers_that_it_sets(product: Server) -> None:
    """gql/links/gql_http_link/lib/src/link.dart: defaultHeaders"""
    named = {**HEADERS, "graphql-client-name": "strict", "graphql-client-version": "4.2.0"}
    answer = await post(product, body("{ __typename }"), named)
    assert (answer.status_code, code_of(answer)) == (200, "PERSISTED_QUERY_NOT_IN_LIST")


@pytest.mark.parametrize("over_get", [True, False])
@proves(FLUTTER, "apq", "apq-get")
async def test_a_hash_that_is_not_known_does_not_switch_hashes_off(product: Server, *, over_get: bool) -> None:
    """graphql/lib/src/links/persisted_queries_link.dart: after a 400 or 500 it sends texts for ever."""
    text = f"query Flutter {{ a{over_get}: __typename }}"
    named = {"operationName": None, "variables": {}, "extensions": hashed(text)}

    async def ask() -> Response:
        return await (get(product, named) if over_get else post(product, named, HEADERS))

    missed = await ask()
    assert missed.status_code == 200
    assert [error["message"] for error in missed.json()["errors"]] == ["PersistedQueryNotFound"]
    told = await post(product, {**named, "query": text}, HEADERS)
    assert told.json() == {"data": {f"a{over_get}": "Query"}}
    assert (await ask()).json() == told.json()


@proves(FLUTTER, "upload")
async def test_a_form_with_files_needs_a_header_that_the_app_sets(stage: Stage) -> None:
    """gql/links/gql_http_link/lib/src/_utils.dart"""
    operations = json.dumps(body("mutation Send($file: Upload!) { send(file: $file) }", file=None))
    form = {"operations": operations, "map": '{"0":["variables.file"]}'}
    sent: dict[str, Any] = {"data": form, "files": {"0": ("a.txt", b"hello", "text/plain")}}
    refused = await stage.server.http.post("/graphql", **sent, headers={"Accept": "*/*"})
    assert (refused.status_code, code_of(refused)) == (400, "BAD_REQUEST")
    proof = {"Accept": "*/*", "graphql-require-preflight": "1"}
    taken = await stage.server.http.post("/graphql", **sent, headers=proof)
    assert taken.json() == {"data": {"send": "a.txt: hello"}}


async def counted(client: SocketClient) -> None:
    """Counts the results of a subscription with a payload of gql_link."""
    asked = str(uuid4())
    await client.say(type="subscribe", id=asked, payload=body(COUNT))
    heard = [await client.hear() for _ in range(3)]
    assert [message["payload"] for message in heard[:2]] == COUNTED
    assert heard[2] == {"id": asked, "type": "complete"}


async def test_an_init_payload_may_be_null(stage: Stage) -> None:
    """gql/links/gql_websocket_link/lib/src/transport_ws_common.dart"""
    async with socket_to(stage.server) as client:
        await client.say(type="connection_init", payload=None)
        assert await client.hear() == {"type": "connection_ack"}
        await counted(client)


@proves(FLUTTER, "ws")
async def test_a_socket_is_kept_alive_by_pings_with_payloads(stage: Stage) -> None:
    """graphql/lib/src/links/websocket_link/websocket_client.dart, websocket_messages.dart"""
    async with opened(stage.server, headers={"Authorization": f"Bearer {stage.server.token()}"}) as client:
        await client.say(type="ping", payload={})
        assert await client.hear() == {"type": "pong"}
        await client.say(type="pong", payload=None)
        await counted(client)


@proves(FLUTTER, "reconnect", "drain")
async def test_sockets_that_shall_come_back_are_closed_with_codes_after_which_they_do(stage: Stage) -> None:
    """gql/links/gql_websocket_link/lib/src/graphql_transport_ws.dart: shouldRetryDefault"""
    async with opened(stage.server, Authorization=f"Bearer {stage.server.token(device_id=FIRST)}") as client:
        await stage.sign_out()
        code, _ = await client.closed()
        assert code == 4403
        assert code not in FATAL
    async with opened(stage.server, Authorization=f"Bearer {stage.server.token(device_id=SECOND)}") as client:
        await stage.restart()
        code, _ = await client.closed()
        assert code == 1012
        assert code not in FATAL
    async with opened(stage.server, Authorization=f"Bearer {stage.server.token(device_id=SECOND)}") as client:
        await counted(client)
