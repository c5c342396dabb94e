"""What is no request, in every shape that came to mind: bodies of POST, and query strings of GET.

Each entry says how it is answered as `application/graphql-response+json`. As `application/json` the status is 200 where
`soft` says so: a well-formed request whose document cannot be run, which apps in the field may send.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
INPUT = "BAD_USER_INPUT"
REQUEST = "BAD_REQUEST"

NAMED = "{ __typename }"
HUGE = "9" * 5000


class MalformedBody(NamedTuple):
    """A body, and how a POST with it is answered."""

    name: str
    body: bytes
    code: str = REQUEST
    status: int = 400
    soft: bool = False
    headers: Mapping[str, str] = {"Content-Type": "application/json"}


class MalformedQuery(NamedTuple):
    """A query string, and how a GET with it is answered."""

    name: str
    query_string: bytes
    code: str = REQUEST
    status: int = 400
    soft: bool = False


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


DOCUMENTS: Sequence[tuple[str, str, str]] = [
    ("an empty document", "", PARSE),
    ("a document of spaces", " \n\t,", PARSE),
    ("a document that ends early", "{", PARSE),
    ("a selection of nothing", "{ }", PARSE),
    ("a string that does not end", '{ __type(name: "a) { name } }', PARSE),
    ("a bad character", "{ __typename \x07 }", PARSE),
    ("a null character", "{ __typename \x00 }", PARSE),
    ("a lone surrogate in a document", '{ __type(name: "\\uD83D") { name } }', PARSE),
    ("an escape too far", '{ __type(name: "\\u{110000}") { name } }', PARSE),
    ("a deep document", "{" + "a{" * 3000 + "a" + "}" * 3001, PARSE),
    ("a deep list", f"{{ __type(name: {'[' * 4000}{']' * 4000}) {{ name }} }}", PARSE),
    ("a long document", "{" + "__typename " * 20_000 + "}", PARSE),
    ("no operation", "fragment F on Query { __typename }", VALIDATION),
    ("a type definition", "type A { a: Int }", VALIDATION),
    ("an unknown field", "{ nothing }", VALIDATION),
    ("an unknown argument", "{ __typename(a: 1) }", VALIDATION),
    ("an unknown directive", "{ __typename @nothing }", VALIDATION),
    ("an unknown fragment", "{ ...Nothing }", VALIDATION),
    ("a fragment in itself", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", VALIDATION),
    ("an unknown variable", "{ __type(name: $name) { name } }", VALIDATION),
    ("a number of 5,000 digits in a document", f"{{ __type(name: {HUGE}) {{ name }} }}", VALIDATION),
    ("two operations of one name", "query A { __typename } query A { __typename }", VALIDATION),
]
"""Documents that no schema runs: name, text and code."""

REQUESTS: Sequence[tuple[str, Mapping[str, Any], str]] = [
    *((name, {"query": document}, code) for name, document, code in DOCUMENTS),
    ("no operation of this name", {"query": NAMED, "operationName": "Missing"}, REQUEST),
    ("which of two operations", {"query": "query A { __typename } query B { __typename }"}, REQUEST),
    ("a variable that is missing", {"query": "query ($n: String!) { __type(name: $n) { name } }"}, INPUT),
    (
        "a variable of the wrong type",
        {"query": "query ($n: String!) { __type(name: $n) { name } }", "variables": {"n": {"a": 1}}},
        INPUT,
    ),
]
"""Well-formed requests that cannot be run: name, parameters and code."""


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


def _query_strings() -> Sequence[MalformedQuery]:
    good = urlencode({"query": NAMED})
    wrong = {"not JSON": "{", "empty": "", "an array": "[]", "a number": "1", "a string": '"x"', "NaN": '{"a": NaN}',
             "no UTF-8": "%ff", "a number of 5,000 digits": f'{{"a": {HUGE}}}',
             "a bomb": "[" * 2000, "JSON and more": "{} {}", "a lone surrogate": '{"a": "\\ud83d"}'}  # fmt: skip
    strings = {
        "nothing": "",
        "no query": "variables=%7B%7D",
        "query in capitals": good.replace("query", "QUERY"),
        "query twice": f"{good}&{good}",
        "query twice, once disguised": f"{good}&%71uery=x",
        "operationName twice": f"{good}&operationName=A&operationName=B",
        "no UTF-8": "query=%7B__typename%7D%20%23%ff",
        "a surrogate as UTF-8": "query=%7B__typename%7D%20%23%ed%a0%80",
        **{
            f"{parameter}: {name}": f"{good}&{parameter}={value if value == '%ff' else quote(value)}"
            for parameter in ("variables", "extensions")
            for name, value in wrong.items()
        },
        "variables twice": f"{good}&variables=%7B%7D&variables=%7B%7D",
    }
    return [MalformedQuery(name, text.encode()) for name, text in strings.items()]


LONGEST_IN_A_URI = 4000

QUERIES: Sequence[MalformedQuery] = [
    *_query_strings(),
    *(
        MalformedQuery(name, encoded, code, soft=True)
        for name, parameters, code in REQUESTS
        for encoded in [
            urlencode(
                {key: json.dumps(value) if key == "variables" else value for key, value in parameters.items()}
            ).encode()
        ]
        if len(encoded) <= LONGEST_IN_A_URI or name.startswith("a number")
    ),
    MalformedQuery("a mutation", urlencode({"query": "mutation { __typename }"}).encode(), status=405),
    MalformedQuery("too long", urlencode({"query": NAMED + " " * 9000}).encode(), status=414),
]
