"""Checks that all contenders send the same responses."""

import http.client
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from typing import Any, cast

import orjson

from bench.operations import Operation
from bench.servers import Running, get
from bench.world import BenchError

_DATA = frozenset({"data"})


def ask(
    running: Running, operation: Operation, tokens: Sequence[str], permitted: AbstractSet[str] = _DATA
) -> list[bytes]:
    """Returns the response for each token, from the contender's processes in turn.

    Raises `BenchError` for an error, and for a response without `data` or with members that are not permitted.
    """
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in running.ports]
    answers: list[bytes] = []
    for place, token in enumerate(tokens):
        connection = connections[place % len(connections)]
        connection.request("POST", "/graphql", operation.body(place), _request_headers(token))
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.client.OK or not _DATA <= orjson.loads(answer).keys() <= permitted:
            raise BenchError(f"{running.contender.name}: status {response.status}, {answer[:300].decode()}")
        answers.append(answer)
    for connection in connections:
        connection.close()
    return answers


def compare(contenders: Sequence[tuple[Running, list[bytes]]]) -> None:
    """Raises `BenchError` unless all responses have the same values in the same order."""
    (first, expected), *others = contenders
    expected_texts = [orjson.dumps(orjson.loads(answer)) for answer in expected]
    for running, answers in others:
        for mine, theirs in zip(expected_texts, answers, strict=True):
            if orjson.dumps(orjson.loads(theirs)) != mine:
                difference = _first_difference(orjson.loads(mine), orjson.loads(theirs))
                raise BenchError(f"{first.contender.name} and {running.contender.name} differ: {difference}")


def _first_difference(mine: Any, theirs: Any) -> str:
    for one, other in zip_longest(_values(mine), _values(theirs)):
        if one != other:
            return f"{one} and {other}"
    return "something empty, or the types of numbers"


def _values(part: Any, path: str = "data") -> Iterator[tuple[str, Any]]:
    """Yields the leaf values with their paths."""
    if isinstance(part, dict):
        for name, value in cast(dict[str, Any], part).items():
            yield from _values(value, f"{path}.{name}")
    elif isinstance(part, list):
        for place, value in enumerate(cast(list[Any], part)):
            yield from _values(value, f"{path}.{place}")
    else:
        yield path, part


def store(
    bare: Running, source: Running, operation: Operation, tokens: Sequence[str], answers: Sequence[bytes]
) -> None:
    """Has the bare application answer each token with the given bytes, and with the headers of `source`."""
    headers = orjson.dumps(_headers(source, operation, tokens[0])).decode()
    connection = http.client.HTTPConnection("127.0.0.1", bare.ports[0], timeout=10)
    for token, answer in zip(tokens, answers, strict=True):
        stored = {"Authorization": f"Bearer {token}", "Stored-Headers": headers}
        connection.request("PUT", "/graphql", answer, stored)
        connection.getresponse().read()
    connection.close()


def _headers(source: Running, operation: Operation, token: str) -> list[tuple[str, str]]:
    """Returns the headers of a response, except those that the HTTP server or the body determines."""
    connection = http.client.HTTPConnection("127.0.0.1", source.ports[0], timeout=30)
    connection.request("POST", "/graphql", operation.body(0), _request_headers(token))
    response = connection.getresponse()
    response.read()
    connection.close()
    return [(name, value) for name, value in response.getheaders() if name not in ("date", "content-length")]


def _request_headers(token: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Accept": "application/json", "Authorization": f"Bearer {token}"}


def check_compiled(running: Running) -> None:
    """Raises `BenchError` unless graphql-jit has compiled the operation, if the contender uses it."""
    jit = orjson.loads(get(running.ports[0], "/readyz")[1] or b"{}").get("jit")
    if jit is not None and (jit["compiled"] < 1 or jit["refused"] > 0):
        raise BenchError(f"{running.contender.name}: graphql-jit did not compile the operation: {jit}")


def size_of(answers: Sequence[bytes]) -> tuple[float, float]:
    """Returns the average bytes and values of the responses."""
    values = sum(1 for answer in answers for _ in _values(orjson.loads(answer)))
    return sum(map(len, answers)) / len(answers), values / len(answers)
