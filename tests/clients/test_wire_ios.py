"""The wire rules of Apollo iOS, from its sources (github.com/apollographql/apollo-ios, versions 1 and 2).

Each test names the file that its rule is from. What is sent is what that file sends; what comes is read as it reads.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from httpx2 import Response
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.clients.conftest import Stage
from tests.clients.features import proves
from tests.clients.wire import (
    COUNT,
    COUNTED,
    PERSON,
    PROFILE,
    asks_again_with_a_new_token,
    code_of,
    post,
    publishes_and_is_refused,
    register,
    sha256,
)
from tests.support.server import Server

IOS = "Apollo iOS"
V1 = "multipart/mixed;deferSpec=20220824,application/json"
V2 = "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json"
V1_EVENTS = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
V2_EVENTS = "multipart/mixed;subscriptionSpec=1.0,application/graphql-response+json,application/json"
LIBRARY = {"clientLibrary": {"name": "apollo-ios", "version": "2.0.0"}}

versions = pytest.mark.parametrize("accept", [V1, V2])


def headers(accept: str, name: str = "com.example.app-apollo-ios", operation: str = "Profile") -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Accept": accept,
        "X-APOLLO-OPERATION-NAME": operation,
        "X-APOLLO-OPERATION-TYPE": "query",
        "apollographql-client-name": name,
        "apollographql-client-version": "4.2.0-17",
    }


def body(text: str | None, digest: str | None = None, **variables: Any) -> dict[str, Any]:
    persisted = {"persistedQuery": {"sha256Hash": digest, "version": 1}} if digest else {}
    sent = {"query": text} if text else {}
    return {"operationName": "Profile", "variables": variables, **sent, "extensions": {**LIBRARY, **persisted}}


@versions
@proves(IOS, "query")
async def test_a_query_has_its_name_variables_and_extensions_beside_it(product: Server, accept: str) -> None:
    """Sources/Apollo/RequestBodyCreator.swift, Sources/Apollo/ClientAwarenessMetadata.swift"""
    answer = await post(product, body(PROFILE, handle="ben"), headers(accept))
    assert answer.status_code == 200
    assert answer.json()["data"]["user"]["name"] == "Ben Okafor"


@versions
@proves(IOS, "mutation")
async def test_success_and_problem_come_in_answers_of_status_200(product: Server, accept: str) -> None:
    """Sources/Apollo/ResponseCodeInterceptor.swift: what is not 2xx is thrown, and its body is not read."""
    await publishes_and_is_refused(product, headers(accept, operation="PublishPost"))


@versions
@proves(IOS, "errors")
async def test_data_with_errors_comes_in_an_answer_of_status_200(product: Server, accept: str) -> None:
    """Sources/Apollo/ResponseCodeInterceptor.swift"""
    text = 'query Profile { user(handle: "ben") { name } node(id: "nothing") { id } }'
    answer = await post(product, body(text), headers(accept))
    assert answer.status_code == 200
    assert answer.json()["data"] == {"user": {"name": "Ben Okafor"}, "node": None}
    assert code_of(answer) == "BAD_USER_INPUT"


async def test_version_1_reads_what_does_not_fit_the_schema(product: Server) -> None:
    """Sources/Apollo/ResponseCodeInterceptor.swift: it lists JSON alone, so the status is 200."""
    answer = await post(product, body("query Profile { nothing }"), headers(V1))
    assert (answer.status_code, code_of(answer)) == (200, "GRAPHQL_VALIDATION_FAILED")


@versions
@proves(IOS, "refresh")
async def test_an_access_token_that_has_ended_is_told_in_a_readable_answer(product: Server, accept: str) -> None:
    """Sources/Apollo/ResponseCodeInterceptor.swift"""
    await asks_again_with_a_new_token(product, headers(accept, operation="Devices"), {200})


@versions
@proves(IOS, "apq")
async def test_a_hash_that_is_not_known_is_told_by_this_very_message(product: Server, accept: str) -> None:
    """Sources/Apollo/RequestChain/Interceptors/AutomaticPersistedQueryInterceptor.swift"""
    text = f"query Profile {{ posted: __typename a{len(accept)}: __typename }}"
    digest = sha256(text)
    missed = await post(product, body(None, digest), headers(accept))
    assert missed.status_code == 200
    assert [error["message"] for error in missed.json()["errors"]] == ["PersistedQueryNotFound"]
    assert "data" in (await post(product, body(text, digest), headers(accept))).json()
    assert (await post(product, body(None, digest), headers(accept))).json()["data"]["posted"] == "Query"


@versions
@proves(IOS, "apq-get")
async def test_hashes_over_get_have_sorted_parameters_and_no_content_type(product: Server, accept: str) -> None:
    """Sources/Apollo/GraphQLGETTransformer.swift, Sources/Apollo/JSONRequest.swift"""
    text = f"query Profile {{ got: __typename a{len(accept)}: __typename }}"
    digest = sha256(text)

    async def get(sent: Mapping[str, Any]) -> Response:
        params = {key: value if isinstance(value, str) else json.dumps(value) for key, value in sorted(sent.items())}
        named = {name: value for name, value in headers(accept).items() if name != "Content-Type"}
        return await product.http.get("/graphql", params=params, headers=named)

    assert (await get(body(None, digest))).json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await get(body(text, digest))).json()["data"]["got"] == "Query"
    assert (await get(body(None, digest))).json()["data"]["got"] == "Query"


@proves(IOS, "trusted", "name")
async def test_ids_of_its_operation_manifest_run_and_nothing_else_does(product: Server) -> None:
    """Sources/Apollo/RequestBodyCreator.swift: an id of the manifest is sent where others send a hash."""
    key = await register(product, "Profile", PROFILE)
    known = await post(product, body(None, key, handle="chi"), headers(V2, "strict"))
    assert known.json()["data"]["user"]["handle"] == "chi"
    assert code_of(await post(product, body("query Profile { __typename }"), headers(V2, "strict"))) == (
        "PERSISTED_QUERY_NOT_IN_LIST"
    )


@pytest.mark.parametrize("proof", ["X-APOLLO-OPERATION-NAME", "Apollo-Require-Preflight"])
@proves(IOS, "upload")
async def test_a_form_with_files_needs_a_header_that_version_1_sends_and_apps_add_to_version_2(
    stage: Stage, proof: str
) -> None:
    """Sources/Apollo/RequestChain/UploadRequest.swift, Sources/Apollo/MultipartFormData.swift"""
    operations = {
        "operationName": "Send",
        "variables": {"file": None},
        "query": "mutation Send($file: Upload!) { send(file: $file) }",
    }
    parts = [
        f'Content-Disposition: form-data; name="operations"\r\n\r\n{json.dumps(operations)}',
        'Content-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.file"]}',
        'Content-Disposition: form-data; name="0"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello',
    ]
    boundary = "apollo-ios.boundary.0E984725"
    form = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--"
    named = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": V2}
    refused = await stage.server.http.post("/graphql", content=form, headers=named)
    assert (refused.status_code, code_of(refused)) == (400, "BAD_REQUEST")
    taken = await stage.server.http.post("/graphql", content=form, headers={**named, proof: "Send"})
    assert taken.json() == {"data": {"send": "a.txt: hello"}}


@pytest.mark.parametrize(("accept", "read"), [(V1_EVENTS, "read_as_1"), (V2_EVENTS, "read_as_2")])
@proves(IOS, "multipart")
async def test_events_come_in_parts_that_its_readers_take(stage: Stage, accept: str, read: str) -> None:
    """Sources/Apollo/MultipartResponseSubscriptionParser.swift, Sources/Apollo/ResponseParsing/ (version 2)"""
    sent = {"operationName": "Count", "query": COUNT}
    answer = await post(stage.server, sent, headers(accept, operation="Count"))
    parts = READERS[read](answer, "subscriptionSpec=1.0")
    assert [part["payload"] for part in parts] == COUNTED


@pytest.mark.parametrize(("accept", "read"), [(V1, "read_as_1"), (V2, "read_as_2")])
@proves(IOS, "defer-2022")
async def test_a_deferred_fragment_is_whole_in_its_part(stage: Stage, accept: str, read: str) -> None:
    """Sources/Apollo/ResponseParsing/MultipartResponseDeferParser.swift, IncrementalResponseExecutionHandler.swift"""
    answer = await post(stage.server, {"operationName": "Person", "query": PERSON}, headers(accept, operation="Person"))
    first, later = READERS[read](answer, "deferSpec=20220824")
    assert first == {"data": {"person": {"name": "Ana"}}, "hasNext": True}
    (fragment,) = later["incremental"]
    assert fragment == {"data": {"name": "Ana", "nickname": "An"}, "path": ["person"], "label": "later"}
    assert later["hasNext"] is False


def lines_of(chunk: str) -> list[Any]:
    """The JSON of a chunk, whose data lines are a content type and an object, letter by letter."""
    head, line = chunk.split("\r\n\r\n")
    assert head == "content-type: application/json"
    return [] if line == "{}" else [json.loads(line)]


def boundary_of(answer: Response, spec: str) -> str:
    """Sources/Apollo/HTTPURLResponse+Helpers.swift"""
    directives = [each.strip(" ") for each in answer.headers["content-type"].split(";")]
    assert directives[0] == "multipart/mixed"
    assert spec in directives
    (boundary,) = [each.removeprefix("boundary=") for each in directives if each.startswith("boundary=")]
    return boundary.strip('"')


def read_as_1(answer: Response, spec: str) -> list[Any]:
    """Sources/Apollo/MultipartResponseParsingInterceptor.swift: splits wherever the boundary stands."""
    chunks = answer.text.split(f"--{boundary_of(answer, spec)}")
    return [each for chunk in chunks if chunk not in ("", "--", "\r\n") for each in lines_of(chunk.strip("\r\n"))]


def read_as_2(answer: Response, spec: str) -> list[Any]:
    """Sources/Apollo/ResponseParsing/AsyncHTTPResponseChunkSequence.swift: a line end belongs to every boundary."""
    chunks = [each.removeprefix("\r\n") for each in answer.text.split(f"\r\n--{boundary_of(answer, spec)}")]
    return [each for chunk in chunks if chunk not in ("", "--") for each in lines_of(chunk)]


READERS = {"read_as_1": read_as_1, "read_as_2": read_as_2}


@pytest.mark.parametrize("binary", [False, True])
@proves(IOS, "ws")
async def test_messages_are_text_in_version_1_and_data_in_version_2(stage: Stage, *, binary: bool) -> None:
    """Sources/ApolloWebSocket/WebSocketTransport.swift (version 1), WebSocketMessage.swift (version 2)"""
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect(stage.server.websocket_url, subprotocols=protocols) as socket:

        async def say(**message: Any) -> None:
            text = json.dumps(message)
            await socket.send(text.encode() if binary else text)

        await say(type="connection_init", payload={"Authorization": f"Bearer {stage.server.token()}"})
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        await say(type="subscribe", id="1", payload={"operationName": "Count", "query": COUNT, "variables": {}})
        heard = [json.loads(await socket.recv()) for _ in range(3)]
        assert [message["payload"] for message in heard[:2]] == COUNTED
        assert heard[2] == {"id": "1", "type": "complete"}
        await say(type="pong")
        await say(type="complete", id="1")
