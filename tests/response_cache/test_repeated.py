"""Requests that are recognized by their bytes: which, and how many."""

from dataclasses import replace
from typing import Any, cast

import pytest

from core.settings import Settings
from gateway.documents.persisted import unregistered
from gateway.requests.reader import RequestReader
from gateway.response_cache.lookups import Lookup
from gateway.response_cache.repeated import MAX_REQUEST_BYTES, RepeatedRequests, RequestKey
from tests.support.client import Client
from tests.support.documents import named, register, send, serving, sha256
from tests.support.server import serving as serving_socket

NAME = "query Name { viewer { user { name } } }"
KEY: RequestKey = (b"Bearer token", b"body", ())


class _Document:
    objects = 40


class _Operation:
    def __init__(self, document: _Document, variables: dict[str, Any]) -> None:
        self.document = document
        self.variables = variables


class _Revisions:
    revision = 1

    @property
    def documents(self) -> "_Revisions":
        return self


class _Lookup:
    """The parts of a look-up that decide how much memory it takes."""

    def __init__(self, document: _Document, variables: dict[str, Any] | None = None) -> None:
        self.operation = _Operation(document, variables or {})
        self.resources = _Revisions()


def lookup(document: _Document, variables: dict[str, Any] | None = None) -> Lookup:
    return cast("Lookup", _Lookup(document, variables))


def key(number: int) -> RequestKey:
    return (b"Bearer %d" % number, b"body", ())


def test_requests_are_forgotten_when_their_bytes_are_too_many() -> None:
    repeated, document = RepeatedRequests(max_bytes=20_600), _Document()
    for number in range(100):
        repeated.remember(key(number), lookup(document))
    assert len(repeated) == 12


def test_documents_are_counted_once_and_limited_together() -> None:
    repeated, document = RepeatedRequests(max_objects=100), _Document()
    for number in range(10):
        repeated.remember(key(number), lookup(document))
    assert len(repeated) == 10
    for number in range(10, 13):
        repeated.remember(key(number), lookup(_Document()))
    assert len(repeated) == 2


MANY: list[dict[str, Any]] = [
    {"undeclared": [dict[str, Any]() for _ in range(200)]},
    {"nested": [[[[0] * 50] * 4]]},
    {str(number): 0 for number in range(200)},
]


@pytest.mark.parametrize("variables", MANY)
def test_requests_with_many_values_are_not_remembered(variables: dict[str, Any]) -> None:
    repeated = RepeatedRequests()
    repeated.remember(KEY, lookup(_Document(), variables))
    assert len(repeated) == 0


def test_long_requests_are_not_remembered() -> None:
    repeated = RepeatedRequests()
    repeated.remember((None, b"b" * MAX_REQUEST_BYTES, ()), lookup(_Document()))
    assert len(repeated) == 0


@pytest.mark.parametrize("is_registered", [True, False])
async def test_each_use_of_an_unregistered_hash_is_noted(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, *, is_registered: bool
) -> None:
    monkeypatch.setattr(unregistered, "_WINDOW_SECONDS", 0.0)
    persisted = {"extensions": named(sha256(NAME))}
    async with serving(replace(settings, trusted_documents="report")) as client:
        if is_registered:
            await register(client, {"7": NAME})
        headers = {"Authorization": f"Bearer {await client.token('ana')}"}
        for body in ({"query": NAME, **persisted}, persisted, persisted, persisted):
            answer = await send(client, body, **headers)
            assert answer.json()["data"] == {"viewer": {"user": {"name": "Ana Lima"}}}
    noted = [record for record in caplog.records if record.getMessage() == "a document is not registered"]
    assert len(noted) == (0 if is_registered else 4)


TYPENAME = "{ __typename viewer { user { name } } }"
TEXTS = "{ viewer { notifications(first: 5) { edges { node { text } } } } }"
LOG_OUT = "mutation { logOut { __typename } }"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Returns the bodies that are parsed."""
    bodies, original = list[bytes](), RequestReader.parse

    def parse(self: RequestReader, body: bytes) -> Any:
        bodies.append(body)
        return original(self, body)

    monkeypatch.setattr(RequestReader, "parse", parse)
    return bodies


@pytest.mark.parametrize("cache_url", ["", "memory://"])
async def test_an_equal_query_of_any_user_is_answered_without_being_read(
    settings: Settings, parsed: list[bytes], cache_url: str
) -> None:
    async with serving_socket(replace(settings, cache_url=cache_url)) as server:
        client = Client(server.http, server.resources)
        tokens = [await client.token(name) for name in ("ana", "ben")]
        for _ in range(3):
            answers = [(await client.post(TYPENAME, token=token)).json()["data"]["viewer"] for token in tokens]
            assert [viewer["user"]["name"] for viewer in answers] == ["Ana Lima", "Ben Okafor"]
        assert (await client.post(TYPENAME)).json()["data"]["viewer"] is None
        for _ in range(2):
            (error,) = (await client.post(TYPENAME, token="nonsense")).json()["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED"
        response = await client.post(TYPENAME, token=tokens[1])
        assert response.json()["data"]["viewer"]["user"]["name"] == "Ben Okafor"
    assert len(parsed) == 1


async def test_a_known_query_has_the_language_of_each_request(settings: Settings, parsed: list[bytes]) -> None:
    async with serving_socket(replace(settings, cache_url="")) as server:
        client = Client(server.http, server.resources)
        token = await client.token("ana")
        texts = [
            (await client.post(TEXTS, token=token, **{"Accept-Language": language})).json()["data"]["viewer"]
            for language in ("en", "de", "en", "de")
        ]
    assert texts[0] == texts[2]
    assert texts[1] == texts[3]
    assert texts[0] != texts[1]
    assert len(parsed) == 2


async def test_an_equal_mutation_is_read_each_time(settings: Settings, parsed: list[bytes]) -> None:
    async with serving_socket(replace(settings, cache_url="")) as server:
        client = Client(server.http, server.resources)
        token = await client.token("ana")
        for _ in range(3):
            await client.post(LOG_OUT, token=token)
    assert len(parsed) == 3
