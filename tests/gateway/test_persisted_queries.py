"""APQ: clients send the hash of a document, and the document when it is not known."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator

import pytest

from core.settings import Settings
from gateway.documents.guard.limits import MAX_DOCUMENT_LENGTH
from tests.conftest import REDIS
from tests.support.client import HOME, LOG_IN, Client
from tests.support.documents import error_of, named, send, serving, sha256
from tests.support.engines import REDIS_URL
from tests.support.timing import settings_for

TEXT = "query Name { __typename }"
HASH = sha256(TEXT)
DATA = {"data": {"__typename": "Query"}}

MISSED = (200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")


@pytest.fixture(params=["memory", *(["redis"] if REDIS else [])])
async def keeping(request: pytest.FixtureRequest, settings: Settings) -> AsyncGenerator[Client]:
    """The product, keeping documents in the process or in Redis."""
    url = REDIS_URL if request.param == "redis" else ""
    chosen = settings_for(settings.database_url, apq_url=url, apq_name=f"test-{secrets.token_hex(6)}")
    async with serving(chosen) as client:
        yield client


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/graphql-response+json"])
async def test_a_hash_is_a_miss_until_the_document_was_sent_with_it(
    keeping: Client, statements: list[str], accept: str
) -> None:
    missed = await send(keeping, {"extensions": named(HASH)}, Accept=accept)
    assert error_of(missed) == MISSED
    assert "retryable" in missed.json()["errors"][0]["extensions"]
    assert (await send(keeping, {"query": TEXT, "extensions": named(HASH)}, Accept=accept)).json() == DATA
    found = await send(keeping, {"extensions": named(HASH), "operationName": "Name"}, Accept=accept)
    assert (found.status_code, found.json()) == (200, DATA)
    assert statements == []


async def test_a_hash_is_found_over_get(keeping: Client) -> None:
    params = {"extensions": json.dumps(named(HASH))}
    assert error_of(await keeping.http.get("/graphql", params=params)) == MISSED
    assert (await keeping.http.get("/graphql", params={**params, "query": TEXT})).json() == DATA
    assert (await keeping.http.get("/graphql", params=params)).json() == DATA


async def test_a_mutation_named_by_its_hash_is_refused_over_get(keeping: Client, statements: list[str]) -> None:
    digest = sha256(LOG_IN)
    await send(keeping, {"query": LOG_IN, "extensions": named(digest), "variables": {}})
    response = await keeping.http.get("/graphql", params={"extensions": json.dumps(named(digest)), "variables": "{}"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert statements == []


async def test_an_operation_of_an_app_is_answered_by_its_hash(keeping: Client) -> None:
    token = await keeping.token("ana")
    headers = {"Authorization": f"Bearer {token}"}
    sent = {"extensions": named(sha256(HOME)), "variables": {"feedFirst": 2}}
    first = await send(keeping, {**sent, "query": HOME}, **headers)
    assert len(first.json()["data"]["viewer"]["feed"]["edges"]) == 2
    assert (await send(keeping, sent, **headers)).json() == first.json()


async def test_another_hash_than_the_documents_is_a_bad_request_and_nothing_is_kept(keeping: Client) -> None:
    refused = await send(keeping, {"query": "{ __typename }", "extensions": named(HASH)})
    assert error_of(refused) == (400, "BAD_REQUEST", "provided sha does not match query")
    assert error_of(await send(keeping, {"extensions": named(HASH)})) == MISSED


@pytest.mark.parametrize("text", ["{ nothing }", "{"])
async def test_a_document_that_cannot_run_is_not_kept(keeping: Client, text: str) -> None:
    refused = await send(keeping, {"query": text, "extensions": named(sha256(text))})
    assert refused.status_code == 400
    assert error_of(await send(keeping, {"extensions": named(sha256(text))})) == MISSED


async def test_a_document_that_is_too_long_is_refused_and_not_kept(keeping: Client) -> None:
    text = "{ __typename }" + " " * MAX_DOCUMENT_LENGTH
    code = (await send(keeping, {"query": text, "extensions": named(sha256(text))})).json()["errors"][0]["extensions"]
    assert code["code"] == "GRAPHQL_PARSE_FAILED"
    assert error_of(await send(keeping, {"extensions": named(sha256(text))})) == MISSED


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.5])
async def test_another_version_is_a_bad_request(client: Client, version: object) -> None:
    refused = await send(client, {"query": TEXT, "extensions": named(HASH, version)})
    assert error_of(refused) == (400, "BAD_REQUEST", "Unsupported persisted query version")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("x", "extensions.persistedQuery: send an object with version and sha256Hash."),
        ([], "extensions.persistedQuery: send an object with version and sha256Hash."),
        ({"version": 1}, "extensions.persistedQuery.sha256Hash: send the SHA-256 of the query in hexadecimal digits."),
        (
            {"version": 1, "sha256Hash": 1},
            "extensions.persistedQuery.sha256Hash: send the SHA-256 of the query in hexadecimal digits.",
        ),
    ],
)
async def test_what_names_no_hash_is_a_bad_request(client: Client, wanted: object, message: str) -> None:
    refused = await send(client, {"query": TEXT, "extensions": {"persistedQuery": wanted}})
    assert error_of(refused) == (400, "BAD_REQUEST", message)


@pytest.mark.parametrize("wrong", ["x" * 63, HASH.upper(), "a b", "ü", "x" * 1000, "\x00"])
async def test_a_hash_that_nothing_has_is_not_asked_for(client: Client, statements: list[str], wrong: str) -> None:
    status, code, _ = error_of(await send(client, {"extensions": named(wrong)}))
    assert (status, code) == (400, "PERSISTED_QUERY_NOT_IN_LIST")
    assert statements == []


async def test_extensions_that_name_no_document_are_ignored(client: Client) -> None:
    library = {"clientLibrary": {"name": "apollo-ios", "version": "2.0.0"}, "persistedQuery": None}
    assert (await send(client, {"query": TEXT, "extensions": library})).json() == DATA


async def test_switched_off_clients_are_told_to_send_documents(settings: Settings) -> None:
    async with serving(settings_for(settings.database_url, apq="off")) as client:
        refused = await send(client, {"extensions": named(HASH)})
        assert error_of(refused) == (200, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        assert (await send(client, {"query": TEXT, "extensions": named(HASH)})).json() == DATA
        assert error_of(await send(client, {"extensions": named(HASH)}))[1] == "PERSISTED_QUERY_NOT_SUPPORTED"


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_a_document_that_one_process_was_sent_is_known_to_all(settings: Settings) -> None:
    name = f"test-{secrets.token_hex(6)}"
    shared = settings_for(settings.database_url, apq_url=REDIS_URL, apq_name=name)
    async with serving(shared) as here, serving(shared) as there:
        await send(here, {"query": TEXT, "extensions": named(HASH)})
        assert (await send(there, {"extensions": named(HASH)})).json() == DATA
        # A manipulated Redis cannot substitute the document of a hash.
        await here.resources.cache.put(sha256("{ b: __typename }"), "{ a: __typename }")
        assert error_of(await send(there, {"extensions": named(sha256("{ b: __typename }"))})) == MISSED


async def test_without_its_redis_a_hash_is_a_miss_and_documents_run(settings: Settings) -> None:
    gone = settings_for(settings.database_url, apq_url="redis://127.0.0.1:1/0")
    async with serving(gone) as client:
        assert error_of(await send(client, {"extensions": named(HASH)})) == MISSED
        sent = await asyncio.gather(*(send(client, {"query": TEXT, "extensions": named(HASH)}) for _ in range(5)))
        assert [response.json() for response in sent] == [DATA] * 5
        assert (await send(client, {"extensions": named(HASH)})).json() == DATA
