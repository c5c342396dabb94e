"""Well-formed requests that cannot be run."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.gateway.corpus.costly import COSTLY
from tests.gateway.corpus.entries import HUGE, INPUT, NAMED, NOT_IN_LIST, PARSE, REQUEST, VALIDATION

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
    *COSTLY,
    ("two operations of one name", "query A { __typename } query A { __typename }", VALIDATION),
]
"""Documents that no schema runs: name, text and code."""

_NAMED = "query ($n: String!) { __type(name: $n) { name } }"
_HASH = "0" * 64


def _persisted(name: str, wrong: object, code: str = REQUEST, **beside: str) -> tuple[str, Mapping[str, Any], str]:
    return f"persistedQuery: {name}", {**beside, "extensions": {"persistedQuery": wrong}}, code


REQUESTS: Sequence[tuple[str, Mapping[str, Any], str]] = [
    *((name, {"query": document}, code) for name, document, code in DOCUMENTS),
    ("no operation of this name", {"query": NAMED, "operationName": "Missing"}, REQUEST),
    ("which of two operations", {"query": "query A { __typename } query B { __typename }"}, REQUEST),
    ("a variable that is missing", {"query": _NAMED}, INPUT),
    ("a variable of the wrong type", {"query": _NAMED, "variables": {"n": {"a": 1}}}, INPUT),
    ("values without end", {"query": _NAMED, "variables": {"n": ["x"] * 100_000}}, INPUT),
    ("names without end", {"query": _NAMED, "variables": {"n": {f"n{each}": 1 for each in range(50_000)}}}, INPUT),
    _persisted("a number", 1),
    _persisted("a hash alone", _HASH),
    _persisted("an array", [{"version": 1, "sha256Hash": _HASH}]),
    _persisted("no version", {"sha256Hash": _HASH}),
    _persisted("a version of text", {"version": "1", "sha256Hash": _HASH}),
    _persisted("a version that is true", {"version": True, "sha256Hash": _HASH}),
    _persisted("the next version", {"version": 2, "sha256Hash": _HASH}),
    _persisted("no hash", {"version": 1}),
    _persisted("an empty hash", {"version": 1, "sha256Hash": ""}),
    _persisted("a hash that is a number", {"version": 1, "sha256Hash": 0}),
    _persisted("a hash in capitals", {"version": 1, "sha256Hash": "A" * 64}, NOT_IN_LIST),
    _persisted("a short hash", {"version": 1, "sha256Hash": "abc"}, NOT_IN_LIST),
    _persisted("the hash of another document", {"version": 1, "sha256Hash": _HASH}, query=NAMED),
    ("an id of no document", {"documentId": "nothing"}, NOT_IN_LIST),
    ("an id of spaces", {"documentId": "a b"}, NOT_IN_LIST),
    ("an id without end", {"documentId": "x" * 3000}, NOT_IN_LIST),
    ("Relay's id of no document", {"doc_id": "1"}, NOT_IN_LIST),
]
"""Well-formed requests that cannot be run: name, parameters and code."""
