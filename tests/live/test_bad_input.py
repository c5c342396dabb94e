"""Tests invalid subscriptions: each ends with an error of its own, on every transport, and leaves nothing behind."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any, NamedTuple

import pytest

from core.keys import KeyRing
from core.paging import Cursors
from services.live import StreamPosition, post_cursors, user_cursors
from tests.support.app import App, key_of
from tests.support.client import Client
from tests.support.followers import POST_EVENTS, SYNC, VIEWER_EVENTS, Following
from tests.support.server import Server
from tests.support.sockets import opened
from tests.support.timing import no_hang, until

EVENTS, PARTS = "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"
TRANSPORTS = ["websocket", EVENTS, PARTS]
NOT_A_CURSOR = (
    "not a cursor of these live updates. Query the data again with its `liveCursor`, and subscribe after that."
)
ONE_FIELD = "Anonymous Subscription must select only one top level field."
NO_INTROSPECTION = "Anonymous Subscription must not select an introspection top level field."
NO_CONDITION = "Anonymous Subscription must not use `@skip` or `@include` directives in the top level selection."


class World(NamedTuple):
    """Contains the ids and cursors of a world in which Chi has blocked Ana."""

    post: str
    deleted: str
    hidden: str
    user: str
    cursors: Mapping[str, str]


class Rejection(NamedTuple):
    """Contains an operation, and the code and message of its error."""

    query: str
    variables: dict[str, Any]
    code: str
    message: str


@pytest.fixture
async def world(server: Server, client: Client, following: Following) -> World:
    ana, ben, chi = App(client, "ana"), App(client, "ben"), App(client, "chi")
    post, deleted, hidden = await ben.publishes("1"), await ben.publishes("2"), await chi.publishes("3")
    await ben.does("DeletePost", postId=deleted)
    await chi.does("BlockUser", userId=await ana.global_id())
    await following.project()
    own = (await client.data("{ viewer { liveCursor } }", as_="ana"))["viewer"]["liveCursor"]
    other = (await client.data("{ viewer { liveCursor } }", as_="ben"))["viewer"]["liveCursor"]
    query = "query ($id: ID!) { node(id: $id) { ... on Post { liveCursor } } }"
    of_post = (await client.data(query, {"id": post}, as_="ana"))["node"]["liveCursor"]
    keys, position = Cursors(KeyRing("x:another-key-of-32-characters-at-least")), StreamPosition(1, 1, 1, 1, 1)
    cursors = {
        "own": own,
        "another user's": other,
        "of a post": of_post,
        "of another post": post_cursors(server.resources.cursors, key_of(hidden))(position),
        "truncated": own[:-4],
        "with more at its end": own + "AAAA",
        "empty": "",
        "not base64": "\U0001f600\0é",
        "long": "A" * 60_000,
        "of another key": user_cursors(keys, await ana.user_id())(position),
    }
    return World(post, deleted, hidden, await ana.global_id(), cursors)


NOT_A_CURSOR_HERE = f"after: {NOT_A_CURSOR}"
INVALID_DOCUMENTS = {
    "subscription { viewerEvents { cursor } b: viewerEvents { cursor } }": ONE_FIELD,
    "subscription { a: viewerEvents { cursor } ... on Subscription { b: viewerEvents { cursor } } }": ONE_FIELD,
    "subscription { __typename }": NO_INTROSPECTION,
    "subscription { __schema { types { name } } }": NO_INTROSPECTION,
    "subscription { viewerEvents @skip(if: true) { cursor } }": NO_CONDITION,
    "subscription { viewerEvents @include(if: false) { cursor } }": NO_CONDITION,
    "subscription { ... @include(if: false) { viewerEvents { cursor } } }": NO_CONDITION,
}


def rejections(world: World) -> dict[str, Rejection]:
    """Returns the operations that are rejected for Ana."""
    found = {**of_cursors(world), **of_posts(world)}
    for query, message in INVALID_DOCUMENTS.items():
        found[f"the document {query}"] = Rejection(query, {}, "GRAPHQL_VALIDATION_FAILED", message)
    return found


def of_cursors(world: World) -> dict[str, Rejection]:
    found: dict[str, Rejection] = {}
    for name, cursor in world.cursors.items():
        for_post = {"postId": world.post, "after": cursor}
        if name != "own":
            found[f"a viewer's cursor that is {name}"] = bad_input(VIEWER_EVENTS, {"after": cursor}, NOT_A_CURSOR_HERE)
        if name != "of a post":
            found[f"a post's cursor that is {name}"] = bad_input(POST_EVENTS, for_post, NOT_A_CURSOR_HERE)
    no_text = "Variable '$after' has invalid value: String cannot represent a non string value."
    found["a cursor that is a number"] = bad_input(VIEWER_EVENTS, {"after": 5}, no_text)
    return found


def of_posts(world: World) -> dict[str, Rejection]:
    of_user = "postId: this is the id of a User. Send the id of a Post."
    no_id = "postId: not a valid id. Send ids exactly as the server returned them."
    missing = "Variable '$postId' has invalid value: Expected a value of non-null type 'ID!' to be provided."
    no_post = "There is no such post."
    return {
        "a deleted post": Rejection(POST_EVENTS, {"postId": world.deleted}, "NOT_FOUND", no_post),
        "a post of a user who blocks": Rejection(POST_EVENTS, {"postId": world.hidden}, "NOT_FOUND", no_post),
        "an id of another type": bad_input(POST_EVENTS, {"postId": world.user}, of_user),
        "an id that is none": bad_input(POST_EVENTS, {"postId": "7"}, no_id),
        "no id": bad_input(POST_EVENTS, {}, missing),
    }


def bad_input(query: str, variables: dict[str, Any], message: str) -> Rejection:
    return Rejection(query, variables, "BAD_USER_INPUT", message)


class Asking:
    """Sends invalid operations over one transport, and checks that nothing is left of them."""

    def __init__(self, server: Server, client: Client, transport: str) -> None:
        self.server = server
        self._client = client
        self._transport = transport

    async def errors(self, query: str, variables: Any, token: str | None) -> Any:
        """Returns the errors with which an operation ends."""
        before = asyncio.all_tasks()
        if self._transport == "websocket":
            found = await self._over_websocket(query, variables, token)
        else:
            found = await self._over_http(query, variables, token)
        await until(lambda: not asyncio.all_tasks() - before)
        assert len(self.server.resources.streams) == 0
        return found

    async def _over_websocket(self, query: str, variables: Any, token: str | None) -> Any:
        async with opened(self.server, **({"authToken": token} if token else {})) as socket, no_hang():
            (answer,) = await socket.answers(query, variables=variables)
            assert answer["type"] == "error"
            assert len(await socket.answers("{ __typename }")) == 2, "the socket lives"
        return answer["payload"]

    async def _over_http(self, query: str, variables: Any, token: str | None) -> Any:
        response = await self._client.post(query, variables, token=token, Accept=self._transport)
        assert response.status_code == 400
        return response.json()["errors"]


@pytest.fixture(params=TRANSPORTS)
async def asking(
    server: Server, client: Client, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncGenerator[Asking]:
    yield Asking(server, client, request.param)
    records = caplog.get_records("call")
    assert [record.getMessage() for record in records if record.levelno >= logging.WARNING or record.exc_info] == []


async def test_an_invalid_subscription_ends_with_its_error(world: World, client: Client, asking: Asking) -> None:
    token = await client.token("ana")
    for name, (query, variables, code, message) in rejections(world).items():
        error, *_ = await asking.errors(query, variables, token)
        assert (error["extensions"]["code"], error["message"]) == (code, message), name
        argument = message.partition(":")[0] if message.startswith(("after:", "postId:")) else None
        assert error["extensions"].get("argument") == argument, name


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_bad_last_event_id_is_named(world: World, client: Client, accept: str) -> None:
    token, headers = await client.token("ana"), {"Accept": accept, "Last-Event-ID": world.cursors["another user's"]}
    for query, after in ((VIEWER_EVENTS, world.cursors["own"]), (POST_EVENTS, world.cursors["of a post"])):
        response = await client.post(query, {"postId": world.post, "after": after}, token=token, **headers)
        (error,) = response.json()["errors"]
        assert (response.status_code, error["message"]) == (400, f"Last-Event-ID: {NOT_A_CURSOR}")
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "Last-Event-ID")


@pytest.mark.parametrize("query", [VIEWER_EVENTS, POST_EVENTS])
async def test_a_subscription_needs_a_user(world: World, asking: Asking, query: str) -> None:
    (error,) = await asking.errors(query, {"postId": world.post}, None)
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_revoked_token_opens_no_stream(server: Server, client: Client, accept: str) -> None:
    token = server.token(await client.user_id("ana"), 77)
    server.resources.revocations.add([77], server.resources.clock())
    response = await client.post(VIEWER_EVENTS, token=token, Accept=accept)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "UNAUTHENTICATED")
    assert len(server.resources.streams) == 0


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_cursor_of_ten_megabytes_is_rejected_with_its_request(
    server: Server, client: Client, accept: str
) -> None:
    response = await client.post(VIEWER_EVENTS, {"after": "A" * 10_000_000}, Accept=accept)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (413, "BAD_REQUEST")
    assert len(server.resources.streams) == 0


@pytest.mark.parametrize(
    ("variables", "argument", "message"),
    [
        ({"first": 0}, "first", "must be from 1 to 100, not 0."),
        ({"first": 101}, "first", "must be from 1 to 100, not 101."),
        ({"first": -1}, "first", "must be from 1 to 100, not -1."),
        ({"since": "x"}, "since", NOT_A_CURSOR),
        ({"since": "A" * 60_000}, "since", NOT_A_CURSOR),
    ],
)
async def test_sync_names_its_invalid_argument(
    client: Client, following: Following, variables: dict[str, Any], argument: str, message: str
) -> None:
    async with following.socket("ana") as socket:
        answers = await socket.answers(SYNC, variables=variables)
    over_http = await client.ask(SYNC, variables, as_="ana")
    for answer in (answers[0]["payload"], over_http):
        (error,) = answer["errors"] if isinstance(answer, dict) else answer
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", argument)
        assert error["message"] == f"{argument}: {message}"


@pytest.mark.parametrize(
    "query",
    [
        "subscription { mine: viewerEvents { at: occurredAt cursor } }",
        "subscription { ...A } fragment A on Subscription { mine: viewerEvents { at: occurredAt cursor } }",
        "subscription { ... on Subscription { ... { mine: viewerEvents { at: occurredAt cursor } } } }",
    ],
)
async def test_the_root_field_may_have_an_alias_and_be_in_fragments(
    client: Client, following: Following, query: str
) -> None:
    async with following.socket("ana") as socket:
        await following.subscribe(socket, query, None)
        await App(client, "ben").publishes()
        await following.project()
        async with no_hang():
            assert set((await socket.hear())["payload"]["data"]["mine"]) == {"at", "cursor"}
