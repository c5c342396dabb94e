"""Bodies of POST."""

import gzip
import json
from collections.abc import Sequence

from tests.gateway.corpus.entries import HUGE, NAMED, MalformedBody
from tests.gateway.corpus.parameters import REQUESTS

_QUERY = b'{"query": "{ __typename }"'

_NOT_JSON = {
    "nothing": b"",
    "whitespace": b" \r\n\t ",
    "an open brace": b"{",
    "a closing brace": b"}",
    "a body that ends early": _QUERY,
    "a string that ends early": b'{"query": "{ __typename',
    "a trailing comma": _QUERY + b",}",
    "single quotes": b"{'query': '{ __typename }'}",
    "keys without quotes": b'{query: "{ __typename }"}',
    "a comment": _QUERY + b"} // please",
    "two documents": _QUERY + b"}" + _QUERY + b"}",
    "a closing brace too many": _QUERY + b"}}",
    "NaN": _QUERY + b', "variables": {"a": NaN}}',
    "Infinity": _QUERY + b', "variables": {"a": -Infinity}}',
    "a number of 5,000 digits": _QUERY + b', "variables": {"a": ' + HUGE.encode() + b"}}",
    "a number beyond all floats": _QUERY + b', "variables": {"a": 1e999}}',
    "a hexadecimal number": _QUERY + b', "variables": {"a": 0x10}}',
    "a leading zero": _QUERY + b', "variables": {"a": 01}}',
    "a newline in a string": b'{"query": "{\n __typename }"}',
    "an unknown escape": b'{"query": "{ \\x5f_typename }"}',
    "half an escape": b'{"query": "\\u12"}',
    "a lone high surrogate": b'{"query": "# \\ud83d\\n{ __typename }"}',
    "a lone low surrogate": b'{"query": "# \\udca9\\n{ __typename }"}',
    "surrogates in the wrong order": b'{"query": "# \\udca9\\ud83d\\n{ __typename }"}',
    "no UTF-8": b'{"query": "# \xff\xfe\\n{ __typename }"}',
    "overlong UTF-8": b'{"query": "# \xc0\xaf\\n{ __typename }"}',
    "UTF-8 that ends early": b'{"query": "# \xe2\x82\\n{ __typename }"}',
    "a surrogate as UTF-8": b'{"query": "# \xed\xa0\x80\\n{ __typename }"}',
    "latin-1": '{"query": "# caf\u00e9\\n{ __typename }"}'.encode("latin-1"),
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "UTF-32": '{"query": "{ __typename }"}'.encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf" + _QUERY + b"}",
    "a null byte": b"\x00",
    "null bytes at the end": _QUERY + b"}\x00\x00",
    "random bytes": bytes(range(256)),
    "a document alone": b"{ __typename }",
    "a form": b"query=%7B+__typename+%7D",
    "XML": b"<query>{ __typename }</query>",
    "a bomb of arrays": b"[" * 100_000,
    "a bomb of objects": b'{"a":' * 50_000,
    "a closed bomb of arrays": b"[" * 100_000 + b"]" * 100_000,
    "a bomb in the variables": _QUERY + b', "variables": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    "compressed bytes that do not say so": gzip.compress(_QUERY + b"}"),
}


def _no_request() -> Sequence[MalformedBody]:
    good = json.dumps(NAMED)
    bodies = {
        "null": "null",
        "true": "true",
        "a number": "1",
        "a string": '"x"',
        "a string with a document": good,
        "an empty object": "{}",
        "no query": '{"variables": {}}',
        "query misspelt": f'{{"qeury": {good}}}',
        "query in capitals": f'{{"QUERY": {good}}}',
        **{f"query is {name}": f'{{"query": {value}}}' for name, value in _NO_STRINGS.items()},
        **{
            f"{parameter} is {name}": f'{{"query": {good}, "{parameter}": {value}}}'
            for parameter, wrong in (
                ("operationName", _NO_STRINGS),
                ("variables", _NO_OBJECTS),
                ("extensions", _NO_OBJECTS),
            )
            for name, value in wrong.items()
            if value != "null"
        },
        "query twice": f'{{"query": "{{ nothing }}", "query": {good}}}',
        "query twice, once disguised": f'{{"query": "{{ nothing }}", "\\u0071uery": {good}}}',
        "variables twice": f'{{"query": {good}, "variables": {{"a": 1}}, "variables": {{"a": 2}}}}',
        "operationName twice": f'{{"query": {good}, "operationName": "A", "operationName": null}}',
        "a mebibyte of objects, disguised": f'{{"\\u0071uery": 1, "a": [{"{}, " * 260_000}0]}}',
        "values without end, disguised": f'{{"\\u0041": [{"[]," * 300_000}0], "query": 1}}',
        "a batch without end, disguised": f'["\\u0041"{",{}" * 340_000}]',
        "a mebibyte of names": '{"\\u0071uery": 1' + ', "a": 1' * 120_000 + "}",
        "extensions twice": f'{{"query": {good}, "extensions": {{}}, "extensions": null}}',
    }
    return [MalformedBody(name, body.encode()) for name, body in bodies.items()]


_NO_STRINGS = {"null": "null", "a number": "1", "a boolean": "false", "an array": '["a"]', "an object": '{"a": 1}'}
_NO_OBJECTS = {"null": "null", "a number": "0", "a boolean": "true", "an array": '["a"]', "a string": '"{}"'}


def _batches() -> Sequence[MalformedBody]:
    one = json.dumps({"query": NAMED})
    bodies = {
        "an empty batch": "[]",
        "a batch of one": f"[{one}]",
        "a batch of two": f"[{one}, {one}]",
        "a batch of null": "[null]",
        "a batch of batches": f"[[{one}]]",
        "a batch of a thousand": f"[{', '.join([one] * 1000)}]",
    }
    return [MalformedBody(name, body.encode(), soft=True) for name, body in bodies.items()]


def _other_types() -> Sequence[MalformedBody]:
    body = json.dumps({"query": NAMED}).encode()
    types = [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=a",
        "application/graphql", "application/jsonp", "text/json", "json", "", ";", "application/json, text/plain",
        "application/json; charset=latin-1", "application/json; charset=utf-16", 'application/json; charset="utf-7"',
        "application/json; charset=", "text/plain; application/json",
    ]  # fmt: skip
    compressed = gzip.compress(body)
    bomb = gzip.compress(b" " * 50_000_000, 9)
    return [
        *(MalformedBody(f"as {kind!r}", body, status=415, headers={"Content-Type": kind}) for kind in types),
        *(
            MalformedBody(
                name, sent, status=415, headers={"Content-Type": "application/json", "Content-Encoding": coding}
            )
            for name, sent, coding in [
                ("compressed", compressed, "gzip"),
                ("a compressed bomb", bomb, "gzip"),
                ("compressed twice", gzip.compress(compressed), "gzip, gzip"),
                ("an unknown coding", body, "secret"),
            ]
        ),
        MalformedBody("too long", b'{"query": "' + b" " * 1024 * 1024 + b'"}', status=413),
    ]


BODIES: Sequence[MalformedBody] = [
    *(MalformedBody(name, body) for name, body in _NOT_JSON.items()),
    *_no_request(),
    *_batches(),
    *(MalformedBody(name, json.dumps(parameters).encode(), code, soft=True) for name, parameters, code in REQUESTS),
    *_other_types(),
]
