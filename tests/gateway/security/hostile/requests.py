"""Hostile HTTP requests that are not only a document: bodies, batches, ids, query strings, forms and codings."""

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.gateway.security.hostile.entries import INPUT, NOT_REGISTERED, PARSE, REQUEST

_JSON = {"Content-Type": "application/json"}
_NAMED = "{ __typename }"
_HASH = "0" * 64
_PERSISTED = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}}
_NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


class HostileRequest(NamedTuple):
    """A request, and the code and status of its rejection. By GET `body` is the query string."""

    kind: str
    name: str
    body: bytes
    code: str = REQUEST
    status: int = 400
    headers: Mapping[str, str] = _JSON
    method: str = "POST"


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


def _with(name: str, value: str) -> bytes:
    return f'{{"query": "{_NAMED}", "{name}": {value}}}'.encode()


_JSON_BOMBS = [
    HostileRequest("JSON bombs", name, body)
    for name, body in (
        ("900 lists in a variable", _with("variables", '{"a": ' + "[" * 1200 + "]" * 1200 + "}")),
        ("a mebibyte of lists", b"[" * 1_000_000),
        ("a mebibyte of objects", b'{"a":' * 200_000),
        ("a mebibyte of empty lists", b'{"query": [' + b"[]," * 300_000 + b"[]]}"),
        ("a mebibyte of numbers", b'{"query": [' + b"1," * 500_000 + b"1]}"),
        ("a mebibyte of escapes", b'{"query": 1, "a": "' + b"\\u0041" * 160_000 + b'"}'),
        ("a mebibyte of one name", b'{"\\u0071uery": 1' + b', "a": 1' * 120_000 + b"}"),
        ("a number of a mebibyte", b'{"query": ' + b"9" * 1_000_000 + b"}"),
        ("an exponent of a mebibyte", b'{"query": 1e' + b"9" * 1_000_000 + b"}"),
        ("a document twice", f'{{"query": "{_NAMED}", "query": "{_NAMED}"}}'.encode()),
        ("a document twice, disguised", f'{{"query": "{_NAMED}", "\\u0071uery": "{_NAMED}"}}'.encode()),
        ("a byte order mark", b"\xef\xbb\xbf" + _body({"query": _NAMED})),
        ("invalid UTF-8", b'{"query": "{ __typename } # ' + b"\xff" * 900_000 + b'"}'),
        ("UTF-16", json.dumps({"query": _NAMED}).encode("utf-16")),
        ("a lone surrogate", b'{"query": "{ __typename } # \\ud83d"}'),
        ("nulls after the end", _body({"query": _NAMED}) + b"\x00" * 900_000),
    )
]

_OPERATION_NAMES = [
    HostileRequest("operation names", name, _body({"query": text, "operationName": wanted}))
    for name, text, wanted in (
        ("a mebibyte", _NAMED, "x" * 1_000_000),
        ("control characters", _NAMED, "\x00\r\n\x1b[2J" * 1000),
        ("one of fifty", " ".join(f"query {'x' * 250}{number:02} {{ __typename }}" for number in range(50)), "y"),
    )
]

_BATCHES = [
    HostileRequest("batches", name, body)
    for name, body in (
        ("two operations", _body([{"query": _NAMED}] * 2)),
        ("ten thousand operations", _body([{"query": _NAMED}] * 10_000)),
        ("ten thousand nulls", _body([None] * 10_000)),
        ("a batch of batches", _body([[{"query": _NAMED}]] * 100)),
        ("nothing", _body([])),
    )
]

_IDS = [
    HostileRequest("ids and hashes", name, _body(parameters), code, status)
    for name, parameters, code, status in (
        ("an unknown id", {"documentId": "x" * 200}, NOT_REGISTERED, 400),
        ("a long id", {"documentId": "x" * 900_000}, NOT_REGISTERED, 400),
        ("an id of control characters", {"documentId": "\x00\r\n"}, NOT_REGISTERED, 400),
        ("an id of SQL", {"documentId": "'OR'1'='1"}, NOT_REGISTERED, 400),
        ("an id that is a list", {"documentId": ["x"] * 1000}, REQUEST, 400),
        ("an unknown hash", _PERSISTED, "PERSISTED_QUERY_NOT_FOUND", 200),
        (
            "a long hash",
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 900_000}}},
            NOT_REGISTERED,
            400,
        ),
        ("a wrong hash with a document", {"query": _NAMED, **_PERSISTED}, REQUEST, 400),
        (
            "a hash that is an object",
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": {"a": 1}}}},
            REQUEST,
            400,
        ),
        (
            "a version of 5,000 digits",
            {"extensions": {"persistedQuery": {"version": "9" * 5000, "sha256Hash": _HASH}}},
            REQUEST,
            400,
        ),
        (
            "extensions of 10,000 names",
            {"query": _NODES, "extensions": {f"a{number}": {} for number in range(10_000)}},
            INPUT,
            400,
        ),
    )
]

_QUERY_STRINGS = [
    HostileRequest("query strings", name, query, code, status, {}, "GET")
    for name, query, code, status in (
        ("a long document", urlencode({"query": "{ " + "__typename " * 900 + "}"}).encode(), REQUEST, 414),
        ("many parameters", b"&".join(b"a%d=1" % number for number in range(900)), REQUEST, 400),
        ("a document twice", urlencode([("query", _NAMED)] * 2).encode(), REQUEST, 400),
        ("deep variables", urlencode({"query": _NAMED, "variables": "[" * 2000}).encode(), REQUEST, 400),
        ("invalid UTF-8", b"query=%ff%fe" + b"%80" * 900, REQUEST, 400),
        ("a mutation", urlencode({"query": "mutation { logOut { __typename } }"}).encode(), REQUEST, 405),
        ("a subscription", urlencode({"query": "subscription { viewerEvents { cursor } }"}).encode(), REQUEST, 400),
        ("half a document", urlencode({"query": "{ " * 900}).encode(), PARSE, 400),
    )
]

_BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x", "Apollo-Require-Preflight": "1"}


def _form(*parts: tuple[str, str]) -> bytes:
    written = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts]
    return ("".join(written) + "--x--\r\n").encode()


_FORMS = [
    HostileRequest("forms and codings", name, body, REQUEST, 415, headers)
    for name, body, headers in (
        ("a form", _form(("operations", json.dumps({"query": _NAMED})), ("map", "{}")), _BOUNDARY),
        (
            "a form with a large map",
            _form(("operations", "{}"), ("map", json.dumps({str(n): [] for n in range(20_000)}))),
            _BOUNDARY,
        ),
        ("a form of many parts", _form(*[("a", "b")] * 10_000), _BOUNDARY),
        ("a form without an end", b"--x\r\n" + b"a" * 900_000, _BOUNDARY),
        ("gzip", gzip.compress(_body({"query": _NAMED})), {**_JSON, "Content-Encoding": "gzip"}),
        ("a gzip bomb", gzip.compress(b" " * 50_000_000, 9), {**_JSON, "Content-Encoding": "gzip"}),
        ("an unknown coding", b"x" * 900_000, {**_JSON, "Content-Encoding": "zip"}),
        ("text", b"{ __typename }" * 50_000, {"Content-Type": "text/plain"}),
        ("another charset", _body({"query": _NAMED}), {"Content-Type": "application/json; charset=utf-7"}),
    )
]

REQUESTS: Sequence[HostileRequest] = (
    *_JSON_BOMBS,
    *_OPERATION_NAMES,
    *_BATCHES,
    *_IDS,
    *_QUERY_STRINGS,
    *_FORMS,
    HostileRequest("forms and codings", "a body of two mebibytes", b" " * 2 * 1024 * 1024, REQUEST, 413),
)
