"""Hostile requests are rejected with their codes, before any statement, quickly, and without delays for others."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from core.settings import Settings
from gateway.app import create_app
from gateway.background.trusted_documents import refresh_documents
from services.documents import NewDocument, import_documents
from tests.gateway.promptness import promptly
from tests.gateway.security.hostile import DOCUMENTS, Hostile, registered_code
from tests.gateway.security.hostile.requests import REQUESTS, HostileRequest
from tests.support.client import Client
from tests.support.server import serving
from tests.support.sockets import socket_to
from tests.support.timing import unit

MAX_SECONDS_OF_OTHERS = 0.1
"""CPU of the longest step of the event loop: others wait no longer."""
MAX_UNITS_OF_OTHERS = 50.0
"""The same on a slow machine, where it is longer."""
MAX_MESSAGE = 60_000
"""Bytes of a message over a WebSocket; others are tested with its limits."""

pytestmark = pytest.mark.usefixtures("rested")


@pytest.fixture(scope="module")
async def server(lively_settings: Settings) -> AsyncGenerator[Client]:
    """The product on a database without rows: nothing is read from it. All documents are registered."""
    app = create_app(lively_settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        resources = app.state.resources
        documents = [NewDocument(id_of(number), entry.name, entry.text) for number, entry in enumerate(DOCUMENTS)]
        await import_documents(resources.database, "web", "1.0.0", documents, resources.clock())
        await refresh_documents(resources)
        yield Client(http, resources)


def name_of(entry: Hostile | HostileRequest) -> str:
    return f"{entry.kind}: {entry.name}"


def id_of(number: int) -> str:
    return f"hostile-{number}"


def code_of(answer: dict[str, Any]) -> str:
    """Returns the code of the errors, or an empty text for data."""
    if "data" in answer:
        return ""
    (code,) = {error["extensions"]["code"] for error in answer["errors"]}
    return code


def test_the_catalogue_has_more_than_two_hundred_documents() -> None:
    assert len({(entry.kind, entry.name) for entry in DOCUMENTS}) == len(DOCUMENTS) > 200


@pytest.mark.parametrize("entry", DOCUMENTS, ids=name_of)
async def test_a_document_is_rejected(
    server: Client, statements: list[str], caplog: pytest.LogCaptureFixture, entry: Hostile
) -> None:
    response = await promptly(partial(server.post, entry.text, entry.variables))
    assert (response.status_code, code_of(response.json())) == (200, entry.code)
    assert statements == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert len(response.content) < 100_000


@pytest.mark.parametrize("number", range(len(DOCUMENTS)), ids=map(name_of, DOCUMENTS))
async def test_a_registered_document_is_rejected_or_cheap(server: Client, statements: list[str], number: int) -> None:
    body = {"documentId": id_of(number), "variables": DOCUMENTS[number].variables}
    response: Response = await promptly(partial(server.http.post, "/graphql", json=body))
    assert code_of(response.json()) == registered_code(DOCUMENTS[number])
    if registered_code(DOCUMENTS[number]):
        assert all(" FROM trusted_documents " in sql for sql in statements)


NEW = {"Accept": "application/graphql-response+json"}


@pytest.mark.parametrize("entry", REQUESTS, ids=name_of)
async def test_a_request_is_rejected(server: Client, statements: list[str], entry: HostileRequest) -> None:
    async def send() -> Response:
        if entry.method == "GET":
            return await server.http.get(f"/graphql?{entry.body.decode('latin-1')}", headers=NEW)
        return await server.http.post("/graphql", content=entry.body, headers={**NEW, **entry.headers})

    response = await promptly(send)
    assert (response.status_code, code_of(response.json())) == (entry.status, entry.code)
    assert all(" FROM trusted_documents " in sql for sql in statements)


async def test_documents_do_not_hold_the_event_loop(server: Client) -> None:
    done, longest = asyncio.Event(), 0.0

    async def watch() -> None:
        nonlocal longest
        while not done.is_set():
            begun = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - begun)

    before, watching = unit(), asyncio.create_task(watch())
    for number, entry in enumerate(DOCUMENTS):
        assert "errors" in (await server.post(f"# {number}\n{entry.text}", entry.variables)).json()
    done.set()
    await watching
    slow = MAX_UNITS_OF_OTHERS * max(before.processor, unit().processor)
    assert longest < max(MAX_SECONDS_OF_OTHERS, slow)


async def test_documents_over_a_websocket_are_rejected(lively_settings: Settings) -> None:
    async with serving(lively_settings) as running, socket_to(running) as socket:
        await socket.init()
        for entry in DOCUMENTS:
            if len(json.dumps([entry.text, entry.variables])) > MAX_MESSAGE:
                continue
            (message,) = await socket.answers(entry.text, variables=entry.variables)
            assert (message["type"], entry.name) == ("error", entry.name)
            assert {error["extensions"]["code"] for error in message["payload"]} == {entry.code}, entry.name
