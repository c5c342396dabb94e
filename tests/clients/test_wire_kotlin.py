"""The wire rules of Apollo Kotlin, from its sources (github.com/apollographql/apollo-kotlin, from version 4 on).

Each test names the file that its rule is from. What is sent is what that file sends; what comes is read as it reads.
`http` stands for libraries/apollo-api/src/commonMain/kotlin/com/apollographql/apollo/api/http, and `runtime` for
libraries/apollo-runtime/src/commonMain/kotlin/com/apollographql/apollo, `runtime3` for apollo3 beside it.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from httpx2 import Response

from tests.clients.conftest import FIRST, SECOND, Stage
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
from tests.support.sockets import opened

KOTLIN = "Apollo Kotlin"
JSON_TYPES = "application/graphql-response+json, application/json"
V0_1 = f"multipart/mixed;deferSpec=20220824, {JSON_TYPES}"
V0_2 = f"multipart/mixed;incrementalSpec=v0.2, {JSON_TYPES}"
EVENTS = f"multipart/mixed;subscriptionSpec=1.0, {JSON_TYPES}"
LIBRARY = {"clientLibrary": {"name": "apollo-kotlin", "version": "5.0.0"}}


def headers(accept: str = V0_1, name: str = "com.example.app") -> dict[str, str]:
    return {
        "Accept": accept,
        "Content-Type": "application/json",
        "apollographql-client-name": name,
        "apollographql-client-version": "4.2.0",
    }


def body(name: str, text: str | None, digest: str | None = None, **variables: Any) -> dict[str, Any]:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}} if digest else {}
    sent = {"query": text} if text else {}
    return {"operationName": name, "variables": variables, **sent, "extensions": {**persisted, **LIBRARY}}


def readable(answer: Response) -> bool:
    """runtime/network/http/HttpNetworkTransport.kt: of what is not 2xx it reads this type alone."""
    graphql = answer.headers["content-type"].lower().startswith("application/graphql-response+json")
    return answer.is_success or graphql


@proves(KOTLIN, "query")
async def test_a_query_has_name_variables_text_and_extensions(product: Server) -> None:
    """http/DefaultHttpRequestComposer.kt"""
    answer = await post(product, body("Profile", PROFILE, handle="ben"), headers())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert answer.json()["data"]["user"]["name"] == "Ben Okafor"


@proves(KOTLIN, "mutation")
async def test_a_mutation_is_answered_the_same_way(product: Server) -> None:
    """http/DefaultHttpRequestComposer.kt"""
    await publishes_and_is_refused(product, headers())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("query Profile { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query Profile {", "GRAPHQL_PARSE_FAILED"),
        ('query Profile { node(id: "nothing") { id } }', "BAD_USER_INPUT"),
    ],
)
@proves(KOTLIN, "errors")
async def test_errors_are_readable_whatever_their_status(product: Server, text: str, code: str) -> None:
    """runtime/network/http/HttpNetworkTransport.kt, runtime/internal/multipart.kt"""
    answer = await post(product, body("Profile", text), headers())
    assert readable(answer)
    assert code_of(answer) == code


@proves(KOTLIN, "refresh")
async def test_an_access_token_that_has_ended_is_told_in_a_readable_answer(product: Server) -> None:
    """runtime/network/http/HttpNetworkTransport.kt"""
    await asks_again_with_a_new_token(product, headers(), {200})


@proves(KOTLIN, "apq")
async def test_a_hash_that_is_not_known_is_told_by_its_message(product: Server) -> None:
    """runtime3/interceptor/AutoPersistedQueryInterceptor.kt"""
    text = "query Profile { kotlin: __typename }"
    digest = sha256(text)
    missed = await post(product, body("Profile", None, digest), headers())
    assert readable(missed)
    assert [error["message"] for error in missed.json()["errors"]] == ["PersistedQueryNotFound"]
    assert "data" in (await post(product, body("Profile", text, digest), headers())).json()
    assert "data" in (await post(product, body("Profile", None, digest), headers())).json()


@proves(KOTLIN, "apq-get")
async def test_hashes_over_get_are_escaped_and_carry_a_preflight_header(product: Server) -> None:
    """http/DefaultHttpRequestComposer.kt, http/internal/UrlEncode.kt"""
    text = "query Profile { kotlin_get: __typename }"
    digest = sha256(text)
    named = {**headers(), "Apollo-Require-Preflight": "true"}
    del named["Content-Type"]

    async def get(**sent: str) -> Response:
        persisted = f'{{"persistedQuery":{{"version":1,"sha256Hash":"{digest}"}}}}'
        given = {"operationName": "Profile", "variables": "{}", **sent, "extensions": persisted}
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in given.items())
        return await product.http.get(f"/graphql?{query}", headers=named)

    assert (await get()).json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await get(query=text)).json()["data"] == {"kotlin_get": "Query"}
    assert (await get()).json()["data"] == {"kotlin_get": "Query"}


@proves(KOTLIN, "trusted", "name")
async def test_ids_of_its_manifest_run_and_nothing_else_does(product: Server) -> None:
    """http/DefaultHttpRequestComposer.kt, runtime/network/http/ClientAwarenessInterceptor.kt"""
    key = await register(product, "Profile", PROFILE)
    known = await post(product, body("Profile", None, key, handle="chi"), headers(name="strict"))
    assert known.json()["data"]["user"]["handle"] == "chi"
    unlisted = await post(product, body("Profile", "query Profile { __typename }"), headers(name="strict"))
    assert readable(unlisted)
    assert code_of(unlisted) == "PERSISTED_QUERY_NOT_IN_LIST"


@proves(KOTLIN, "batch")
async def test_a_batch_is_an_array_without_a_length_answered_by_an_array(product: Server) -> None:
    """runtime/network/http/BatchingHttpInterceptor.kt: only 2xx is read, and as many answers are wanted, in order."""
    batch = json.dumps([body("Profile", PROFILE, handle=handle) for handle in ("ben", "chi")]).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield batch[:100]
        yield batch[100:]

    answer = await product.http.post("/graphql", content=chunks(), headers=headers())
    assert answer.status_code == 200
    assert [each["data"]["user"]["handle"] for each in answer.json()] == ["ben", "chi"]


@proves(KOTLIN, "upload")
async def test_a_form_with_files_has_lengths_in_its_parts_and_a_preflight_header(stage: Stage) -> None:
    """http/DefaultHttpRequestComposer.kt: UploadsHttpBody"""
    operations = json.dumps(body("Send", "mutation Send($file: Upload!) { send(file: $file) }", file=None))
    places = '{"0":["variables.file"]}'
    typed = "Content-Type: application/json"
    parts = [
        f'name="operations"\r\n{typed}\r\nContent-Length: {len(operations)}\r\n\r\n{operations}',
        f'name="map"\r\n{typed}\r\nContent-Length: {len(places)}\r\n\r\n{places}',
        'name="0"; filename="a.txt"\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
    ]
    boundary = str(uuid4())
    form = f"--{boundary}\r\n" + f"\r\n--{boundary}\r\n".join(
        f"Content-Disposition: form-data; {part}" for part in parts
    )
    named = {
        **headers(),
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Apollo-Require-Preflight": "true",
    }
    answer = await stage.server.http.post("/graphql", content=f"{form}\r\n--{boundary}--\r\n", headers=named)
    assert answer.json() == {"data": {"send": "a.txt: hello"}}


@proves(KOTLIN, "multipart")
async def test_events_are_the_payloads_of_parts(stage: Stage) -> None:
    """runtime/network/http/HttpNetworkTransport.kt"""
    answer = await post(stage.server, body("Count", COUNT), headers(EVENTS))
    assert [part["payload"] for part in read_parts(answer)] == COUNTED


@proves(KOTLIN, "defer-2022")
async def test_parts_of_2022_are_merged_by_their_paths(stage: Stage) -> None:
    """runtime/internal/incremental/Defer20220824IncrementalResultsMerger.kt"""
    first, later = read_parts(await post(stage.server, body("Person", PERSON), headers(V0_1)))
    merged: dict[str, Any] = first["data"]
    for part in later["incremental"]:
        place: Any = merged
        for step in part["path"]:
            place = place[step]
        place.update(part["data"])
    assert merged == {"person": {"name": "Ana", "nickname": "An"}}
    assert (first["hasNext"], later["hasNext"]) == (True, False)


@proves(KOTLIN, "defer")
async def test_parts_of_v0_2_are_merged_by_the_ids_of_what_is_pending(stage: Stage) -> None:
    """runtime/internal/incremental/V0_2IncrementalResultsMerger.kt"""
    first, later = read_parts(await post(stage.server, body("Person", PERSON), headers(V0_2)))
    pending = {each["id"]: each["path"] for each in first["pending"]}
    (part,) = later["incremental"]
    place: Any = first["data"]
    for step in [*pending[part["id"]], *part.get("subPath", [])]:
        place = place[step]
    place.update(part["data"])
    assert first["data"] == {"person": {"name": "Ana", "nickname": "An"}}
    assert [each["id"] for each in later["completed"]] == list(pending)
    assert later["hasNext"] is False


def read_parts(answer: Response) -> list[Any]:
    """runtime3/internal/MultipartReader.kt: the first boundary begins the body or a line, and headers have a colon."""
    content_type = answer.headers["content-type"]
    assert content_type.lower().startswith("multipart/")
    parameters = [each.strip() for each in content_type.split(";")]
    (boundary,) = [each.split("=")[1].strip("\"'") for each in parameters if each.startswith("boundary=")]
    begin, *parts = f"\r\n{answer.text}".split(f"\r\n--{boundary}")
    assert begin.strip("\r\n") == ""
    assert parts.pop() == "--"
    found: list[Any] = []
    for part in parts:
        head, text = part.removeprefix("\r\n").split("\r\n\r\n")
        assert all(":" in line for line in head.split("\r\n"))
        found.append(json.loads(text))
    return [part for part in found if part]


@proves(KOTLIN, "ws")
async def test_a_socket_has_operations_with_uuids(stage: Stage) -> None:
    """runtime/network/websocket/GraphQLWsProtocol.kt"""
    async with opened(stage.server, authToken=stage.server.token()) as client:
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}
        asked = str(uuid4())
        await client.say(id=asked, type="subscribe", payload=body("Count", COUNT))
        heard = [await client.hear() for _ in range(3)]
        assert [message["payload"] for message in heard[:2]] == COUNTED
        assert heard[2] == {"id": asked, "type": "complete"}
        await client.say(id=asked, type="complete")


@proves(KOTLIN, "reconnect", "drain")
async def test_the_code_that_a_socket_is_closed_with_tells_the_app_what_to_do(stage: Stage) -> None:
    """runtime/network/websocket/internal/SubscribableWebSocket.kt: the app sees the code, and may open another."""
    async with opened(stage.server, authToken=stage.server.token(device_id=FIRST)) as client:
        await stage.sign_out()
        assert (await client.closed())[0] == 4403
    async with opened(stage.server, authToken=stage.server.token(device_id=SECOND)) as client:
        await stage.restart()
        assert (await client.closed())[0] == 1012
    async with opened(stage.server, authToken=stage.server.token(device_id=SECOND)) as client:
        assert [message["payload"] for message in (await client.answers(COUNT))[:2]] == COUNTED
