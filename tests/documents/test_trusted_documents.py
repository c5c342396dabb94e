"""Documents that apps have registered: found by id, and the only ones that run where that is enforced."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.apps import TrustMode
from core.client import UNKNOWN
from core.errors import Unavailable
from core.settings import Settings
from gateway.callers.clients import Client as App
from gateway.documents.persisted.unregistered import MAX_LINES, UnregisteredDocuments
from services.documents import remove_documents
from services.documents.trusted_documents import MAX_KNOWN, MAX_MISSING
from tests.support.client import HOME, LOG_IN, Client
from tests.support.documents import error_of, named, register, send, serving, sha256
from tests.support.timing import no_hang, settings_for

TEXT = "query Name { __typename }"
HASH = sha256(TEXT)
DATA = {"data": {"__typename": "Query"}}
OTHER = "query Other { other: __typename }"

UNKNOWN_ID = (
    400,
    "PERSISTED_QUERY_NOT_IN_LIST",
    "No document is registered with this id. Import the manifest of this app version, or send the query.",
)
NOT_LISTED = (
    400,
    "PERSISTED_QUERY_NOT_IN_LIST",
    "This document is not registered, and only registered documents are executed. Import the manifest of this version.",
)


@asynccontextmanager
async def trusting(settings: Settings, modes: str, **more: Any) -> AsyncGenerator[Client]:
    async with serving(settings_for(settings.database_url, trusted_documents=modes, **more)) as client:
        yield client


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "gateway.documents.persisted.unregistered"]


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": "7"},
        {"documentId": "7", "query": None},
        {"documentId": "7", "query": ""},
        {"doc_id": "7", "query": None},
        {"doc_id": "7", "id": None},
        {"id": "7"},
        {"id": "7", "query": None},
        {"documentId": "7", "query": "{ ignored: __typename }"},
        {"documentId": HASH},
        {"documentId": f"sha256:{HASH}"},
        {"extensions": named("7")},
        {"extensions": named(HASH)},
        {"extensions": named("7"), "query": TEXT},
        {"extensions": named(HASH), "query": TEXT},
        {"documentId": "7", "extensions": named("0" * 64)},
    ],
)
async def test_a_registered_document_is_found_however_clients_name_it(client: Client, body: dict[str, Any]) -> None:
    await register(client, {"7": TEXT})
    assert (await send(client, body)).json() == DATA


@pytest.mark.parametrize("name", ["documentId", "doc_id", "id"])
async def test_a_registered_document_is_found_over_get(client: Client, name: str) -> None:
    await register(client, {f"sha256:{sha256(HOME)}": HOME, "log-in": LOG_IN})
    token = await client.token("ana")
    params = {name: f"sha256:{sha256(HOME)}", "variables": json.dumps({"feedFirst": 2})}
    response = await client.http.get("/graphql", params=params, headers={"Authorization": f"Bearer {token}"})
    assert len(response.json()["data"]["viewer"]["feed"]["edges"]) == 2
    refused = await client.http.get("/graphql", params={name: "log-in", "variables": "{}"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


async def test_an_id_beside_a_query_is_not_a_documents_unless_it_says_so(client: Client) -> None:
    await register(client, {"7": TEXT})
    assert (await send(client, {"id": "7", "query": OTHER})).json() == {"data": {"other": "Query"}}
    assert (await send(client, {"id": 7, "query": OTHER})).json() == {"data": {"other": "Query"}}
    assert (await send(client, {"documentId": "8", "query": OTHER})).json() == {"data": {"other": "Query"}}


@pytest.mark.parametrize("wrong", ["8", "sha256:8", "x" * 200, "x" * 201, "a b", "ü", "\x00", "7 "])
@pytest.mark.parametrize("mode", ["off", "report", "enforce"])
async def test_an_id_that_stands_for_nothing_is_refused(settings: Settings, mode: str, wrong: str) -> None:
    async with trusting(settings, mode) as client:
        await register(client, {"7": TEXT})
        assert error_of(await send(client, {"documentId": wrong})) == UNKNOWN_ID


@pytest.mark.parametrize(
    "body", [{"documentId": 7}, {"doc_id": []}, {"documentId": {}}, {"id": 7}, {"documentId": ""}, {"query": None}, {}]
)
async def test_what_names_no_document_is_a_bad_request(client: Client, body: dict[str, Any]) -> None:
    status, code, _ = error_of(await send(client, body))
    assert (status, code) == (400, "BAD_REQUEST")


async def test_a_document_that_is_known_costs_no_statement(client: Client, statements: list[str]) -> None:
    await register(client, {"7": TEXT})
    await send(client, {"documentId": "7"})
    await send(client, {"documentId": "8"})
    statements.clear()
    for body in ({"documentId": "7"}, {"documentId": "8"}, {"query": TEXT}):
        await send(client, body)
    assert statements == []
    await send(client, {"documentId": "9"})
    assert len(statements) == 1


async def test_where_nothing_was_ever_registered_no_id_costs_a_statement(client: Client, statements: list[str]) -> None:
    assert error_of(await send(client, {"documentId": "7"})) == UNKNOWN_ID
    assert error_of(await send(client, {"extensions": named(HASH)}))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert statements == []


async def test_where_it_is_enforced_only_registered_documents_run(settings: Settings, statements: list[str]) -> None:
    async with trusting(settings, "enforce") as client:
        await register(client, {"7": TEXT})
        for body in ({"documentId": "7"}, {"query": TEXT}, {"query": TEXT, "extensions": named(HASH)}):
            assert (await send(client, body)).json() == DATA
        statements.clear()
        refused: list[Mapping[str, Any]] = [
            {"query": OTHER},
            {"query": TEXT + " "},
            {"query": "{"},
            {"query": "{ nothing }"},
            {"query": ""},
            {"query": OTHER, "extensions": named(sha256(OTHER))},
            {"query": OTHER, "documentId": "8"},
            {"extensions": named(sha256(OTHER))},
        ]
        for body in refused:
            assert error_of(await send(client, body)) == NOT_LISTED, body
        assert all("trusted_documents" in sql for sql in statements)
        mismatched = {"query": OTHER, "extensions": named(HASH)}
        assert error_of(await send(client, mismatched))[1] == "BAD_REQUEST"
        as_json = await send(client, {"query": OTHER}, Accept="application/json")
        assert (as_json.status_code, as_json.json()["errors"][0]["extensions"]["code"]) == (200, NOT_LISTED[1])


async def test_a_long_document_is_read_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{ " + " ".join(f"a{number}: __typename" for number in range(2000)) + " }"
    assert len(text) > 2 * 16 * 1024
    async with trusting(settings, "enforce") as client:
        await register(client, {"long": text})
        await send(client, {"documentId": "long"})
        monkeypatch.setattr("gateway.documents.reader.parse", None)
        assert (await send(client, {"documentId": "long"})).json()["data"]["a1999"] == "Query"


async def test_apps_may_have_modes_of_their_own(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    apps = "ios=com.example.app-apollo-ios"
    async with trusting(settings, "enforce,web=off,ios=report", apps=apps) as client:

        async def runs(name: str) -> bool:
            headers = {"apollographql-client-name": name, "apollographql-client-version": "4.2.0"} if name else {}
            return (await send(client, {"query": OTHER}, **headers)).status_code == 200

        with caplog.at_level(logging.WARNING, "gateway.documents.persisted"):
            assert [await runs(name) for name in ("", "android", "web", "com.example.app-apollo-ios", "ios")] == [
                False, False, True, True, True,
            ]  # fmt: skip
    (record,) = told(caplog)
    facts = {name: getattr(record, name) for name in ("document", "app", "version", "mode")}
    assert facts == {"document": sha256(OTHER), "app": "", "version": "", "mode": "enforce"}


async def test_where_it_is_reported_each_document_is_logged_once_and_runs(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with trusting(settings, "report") as client:
        await register(client, {"7": TEXT})
        headers = {"graphql-client-name": "web", "graphql-client-version": "1.0.0"}
        persisted = {"extensions": named(sha256(OTHER))}
        with caplog.at_level(logging.WARNING, "gateway.documents.persisted"):
            for _ in range(3):
                for body in ({"documentId": "7"}, {"query": TEXT}, {"query": OTHER, **persisted}):
                    assert (await send(client, body, **headers)).status_code == 200
            assert (await send(client, persisted, **headers)).status_code == 200
        (record,) = told(caplog)
        assert record.getMessage() == "a document is not registered"
        facts = {name: getattr(record, name) for name in ("document", "app", "version", "mode")}
        assert facts == {"document": sha256(OTHER), "app": "web", "version": "1.0.0", "mode": "report"}
        assert OTHER not in str(vars(record))


def test_the_log_of_unlisted_documents_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    unlisted, app = UnregisteredDocuments(lambda: now[0]), App("web", "1.0.0", "web")
    with caplog.at_level(logging.WARNING, "gateway.documents.persisted"):
        for number in range(1000):
            unlisted.note(str(number), app, TrustMode.REPORT)
        assert len(told(caplog)) == MAX_LINES
        now[0] = 60.0
        unlisted.note("0", UNKNOWN, TrustMode.ENFORCE)
    assert [record.getMessage() for record in told(caplog)[MAX_LINES:]] == [
        "more documents were not registered",
        "a document is not registered",
    ]
    assert vars(told(caplog)[MAX_LINES])["times"] == 1000 - MAX_LINES
    assert unlisted.times == 1001


async def test_a_document_of_any_version_runs_for_any_other(settings: Settings) -> None:
    async with trusting(settings, "enforce") as client:
        await register(client, {"7": TEXT}, version="4.2.0")
        headers = {"apollographql-client-name": "ios", "apollographql-client-version": "5.0.0"}
        assert (await send(client, {"documentId": "7"}, **headers)).json() == DATA


async def test_what_is_imported_or_removed_is_seen_by_servers_that_run(settings: Settings) -> None:
    async with trusting(settings, "enforce") as here, trusting(settings, "enforce") as there:

        async def until(status: int) -> None:
            async with no_hang():
                while (await send(there, {"documentId": "7"})).status_code != status:  # noqa: ASYNC110 - a server is watched
                    await asyncio.sleep(0.02)

        assert error_of(await send(there, {"documentId": "7"})) == UNKNOWN_ID
        await register(here, {"7": TEXT}, version="1.0.0")
        await register(here, {"7": TEXT, "8": OTHER}, version="2.0.0")
        await until(200)
        database = here.resources.database
        assert tuple(await remove_documents(database, "ios", "2.0.0")) == (2, 1)
        await asyncio.sleep(1.5)
        assert (await send(there, {"documentId": "7"})).status_code == 200
        assert error_of(await send(there, {"documentId": "8"})) == UNKNOWN_ID
        assert tuple(await remove_documents(database, "ios", "1.0.0")) == (1, 1)
        await until(400)


async def test_a_process_keeps_what_is_known_when_the_list_changes(client: Client, statements: list[str]) -> None:
    await register(client, {"7": TEXT})
    await send(client, {"documentId": "7"})
    await register(client, {"8": OTHER})
    statements.clear()
    await send(client, {"documentId": "7"})
    assert statements == []


async def test_a_process_remembers_so_many_ids_and_no_more(client: Client) -> None:
    await register(client, {"7": TEXT})
    documents, database = client.resources.documents, client.resources.database
    for number in range(MAX_MISSING + 50):
        await documents.find(database, f"missing-{number}")
    for number in range(50):
        await register(client, {f"{number:03}": f"query Q{number} {{ __typename }}"})
        assert await documents.find(database, f"{number:03}") is not None
    assert len(documents._missing) <= MAX_MISSING
    assert len(documents._known) == 50 <= MAX_KNOWN


async def test_a_document_that_the_schema_does_not_fit_any_more_is_invalid(settings: Settings) -> None:
    async with trusting(settings, "enforce") as client:
        await register(client, {"old": "{ goneForGood }"})
        status, code, message = error_of(await send(client, {"documentId": "old"}))
        assert (status, code) == (400, "GRAPHQL_VALIDATION_FAILED")
        assert message == "Cannot query field 'goneForGood' on type 'Query'."


async def test_without_a_database_known_documents_run_and_others_may_be_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trusting(settings, "enforce,web=report") as client:
        await register(client, {"7": TEXT})
        await send(client, {"documentId": "7"})

        async def gone(*_: object) -> None:
            raise Unavailable("The database does not answer. Try again.")

        monkeypatch.setattr(type(client.resources.database), "fetch", gone)
        assert (await send(client, {"documentId": "7"})).json() == DATA
        for body in ({"documentId": "8"}, {"query": OTHER}, {"extensions": named(sha256(OTHER))}):
            response = await send(client, body)
            assert error_of(response)[:2] == (503, "UNAVAILABLE")
            assert response.headers["retry-after"] == "1"
        web = {"graphql-client-name": "web"}
        assert (await send(client, {"query": OTHER}, **web)).status_code == 200
        assert error_of(await send(client, {"extensions": named(HASH[::-1])}, **web))[0] == 200
