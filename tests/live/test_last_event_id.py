"""Tests the header by which event streams resume: Last-Event-ID."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from tests.live.test_bad_input import EVENTS, NOT_A_CURSOR
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import SYNC, VIEWER_EVENTS, Following
from tests.support.server import Server
from tests.support.timing import no_hang, until


class Missed:
    """Contains cursors of Ana's events: before two posts, and between them."""

    def __init__(self, before: str, between: str) -> None:
        self.before = before
        self.between = between


@pytest.fixture
async def missed(client: Client, following: Following) -> Missed:
    ben = App(client, "ben")
    cursors: list[str] = []
    for body in ("1", "2"):
        cursors.append((await client.data("{ viewer { liveCursor } }", as_="ana"))["viewer"]["liveCursor"])
        await ben.publishes(body)
        await following.project()
    return Missed(*cursors)


@asynccontextmanager
async def lines_of(
    client: Client, last_event_id: str | None, after: str | None, method: str = "POST"
) -> AsyncGenerator[AsyncIterator[str]]:
    headers = {"Accept": EVENTS, "Authorization": f"Bearer {await client.token('ana')}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    request: dict[str, Any] = {"query": VIEWER_EVENTS, "variables": {"after": after}}
    sent: dict[str, Any] = {"json": request}
    if method == "GET":
        sent = {"params": {"query": VIEWER_EVENTS, "variables": orjson.dumps({"after": after}).decode()}}
    async with client.http.stream(method, "/graphql", headers=headers, **sent) as response:
        assert response.status_code == 200
        yield response.aiter_lines()


async def bodies(lines: AsyncIterator[str], count: int) -> list[str]:
    """Returns the texts of the next posts. The id of each event is its cursor."""
    found, event_id = list[str](), ""
    async with no_hang():
        while len(found) < count:
            name, _, value = (await anext(lines)).partition(": ")
            if name == "id":
                event_id = value
            elif name == "data":
                payload = orjson.loads(value)["data"]["viewerEvents"]
                assert payload["cursor"] == event_id
                found.append(payload["event"]["post"]["body"])
    return found


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_stream_resumes_after_the_last_event_id(
    server: Server, client: Client, missed: Missed, method: str
) -> None:
    async with lines_of(client, missed.before, None, method) as lines:
        assert await bodies(lines, 2) == ["1", "2"]
    async with lines_of(client, missed.between, None, method) as lines:
        assert await bodies(lines, 1) == ["2"]
    await until(lambda: len(server.resources.streams) == 0)


@pytest.mark.parametrize("after", ["before", "garbage"])
async def test_the_last_event_id_wins_over_after(client: Client, missed: Missed, after: str) -> None:
    """Clients that connect again repeat their request, which may contain the cursor that they began with."""
    async with lines_of(client, missed.between, missed.before if after == "before" else "garbage") as lines:
        assert await bodies(lines, 1) == ["2"]


async def test_an_empty_last_event_id_is_none(client: Client, missed: Missed) -> None:
    """`EventSource` has an empty id before the first event."""
    async with lines_of(client, "", missed.between) as lines:
        assert await bodies(lines, 1) == ["2"]


@pytest.mark.parametrize("last_event_id", ["garbage", "A" * 4_000, "é"])
async def test_an_invalid_last_event_id_is_rejected(
    server: Server, client: Client, missed: Missed, last_event_id: str
) -> None:
    headers = {b"last-event-id": last_event_id.encode(), b"accept": EVENTS.encode()}
    token = (await client.token("ana")).encode()
    response = await client.http.post(
        "/graphql",
        json={"query": VIEWER_EVENTS, "variables": {"after": missed.before}},
        headers={**headers, b"authorization": b"Bearer " + token},
    )
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert error["extensions"]["argument"] == "Last-Event-ID"
    assert error["message"] == f"Last-Event-ID: {NOT_A_CURSOR}"
    assert len(server.resources.streams) == 0


async def test_other_operations_ignore_the_last_event_id(client: Client, missed: Missed) -> None:
    answer = await client.post(
        SYNC, {"since": missed.between}, token=await client.token("ana"), **{"Last-Event-ID": "x"}
    )
    assert len(answer.json()["data"]["sync"]["changes"]) == 1
