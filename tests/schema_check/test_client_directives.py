"""Tests that documents are checked as Apollo's clients, Relay and urql send them, without client directives."""

import json
from typing import NamedTuple

import pytest
from graphql import build_schema, parse, print_ast

from schema_check.clients import strip_document
from tests.schema_check.support.folder import Folder, usage

SCHEMA = """\
type Query {
  me: User
  users(first: Int, after: String): [User]
}

type Mutation {
  rename(name: String): User
}

type User {
  id: ID!
  name(length: Int): String
  handle: String
  friends(first: Int, after: String): [User]
}
"""


class Case(NamedTuple):
    """Holds a document as written and as the client sends it. `sent` is empty when the client does not send it."""

    name: str
    written: str
    sent: str


CASES = [
    Case("a local field", "query Q { me { id dark @client } }", "query Q { me { id } }"),
    Case("a local object", "query Q { me { id } cart @client { items { id } } }", "query Q { me { id } }"),
    Case("all that is selected is local", "query Q { me { dark @client } }", "query Q { me { __typename } }"),
    Case("a local operation", "query Q { cart @client { items } }", ""),
    Case("a local mutation", "mutation M($a: Int) { set(a: $a) @client }", ""),
    Case(
        "a variable and a fragment of a local field",
        "query Q($a: Int, $b: Int) { me { id dark(a: $a) @client { ...D } name(length: $b) } }"
        " fragment D on Dark { x }",
        "query Q($b: Int) { me { id name(length: $b) } }",
    ),
    Case(
        "a fragment that is all local, in another one",
        "query Q { me { id ...A } } fragment A on User { ...B } fragment B on User { dark @client }",
        "query Q { me { id } }",
    ),
    Case("a local spread", "query Q { me { id ...A @client } } fragment A on User { dark }", "query Q { me { id } }"),
    Case(
        "a local inline fragment", "query Q { me { id ... on Dark @client { x } } }", "query Q { me { id } }"
    ),
    Case(
        "an exported local value",
        'query Q($n: Int) { length @client @export(as: "n") me { name(length: $n) } }',
        "query Q($n: Int) { me { name(length: $n) } }",
    ),
    Case("REST", 'query Q { me { id pet @rest(path: "/pet") { x @type(name: "X") } } }', "query Q { me { id } }"),
    Case(
        "Apollo's connection",
        'query Q($k: String, $a: String) { users(first: 5, after: $a) @connection(key: "u", filter: [$k]) { id } }',
        "query Q($a: String) { users(first: 5, after: $a) { id } }",
    ),
    Case(
        "reading apart",
        "query Q { me { ...A @nonreactive ...B @unmask } } fragment A on User { id } fragment B on User { id }",
        "query Q { me { ...A ...B } } fragment A on User { id } fragment B on User { id }",
    ),
    Case("Apollo Kotlin", "query Q($a: Int @optional) { me @nonnull { name(length: $a) @catch(to: NULL) } }",
         "query Q($a: Int) { me { name(length: $a) } }"),
    Case("Apollo iOS, a mutation of its cache", "query Q @apollo_client_ios_localCacheMutation { me { id } }", ""),
    Case("Apollo iOS, an import", 'query Q @import(module: "M") { me { id } }', "query Q { me { id } }"),
    Case(
        "Relay's fragments with arguments",
        "query Q($n: Int!) { me { ...F @arguments(n: $n) } }"
        ' fragment F on User @argumentDefinitions(n: {type: "Int"}) { name(length: $n) }',
        "query Q($n: Int!) { me { ...F } } fragment F on User { name(length: $n) }",
    ),
    Case(
        "each set of arguments is a fragment, and what is left out has its default or is left out",
        "query Q($n: Int) { me { ...F @arguments(n: $n) }"
        ' b: me { ...F } c: me { ...F @arguments(n: 5, a: "x") } d: me { ...F } }'
        ' fragment F on User @argumentDefinitions(n: {type: "Int", defaultValue: 3}, a: {type: "String"})'
        " { friends(first: $n, after: $a) { id } }",
        "query Q($n: Int) { me { ...F } b: me { ...F__1 } c: me { ...F__2 } d: me { ...F__1 } }"
        ' fragment F__2 on User { friends(first: 5, after: "x") { id } }'
        " fragment F__1 on User { friends(first: 3) { id } }"
        " fragment F on User { friends(first: $n) { id } }",
    ),
    Case(
        "arguments through fragments",
        "query Q { me { ...F @arguments(n: 7) } }"
        ' fragment F on User @argumentDefinitions(n: {type: "Int"}) { friends { ...G @arguments(length: $n) } }'
        ' fragment G on User @argumentDefinitions(length: {type: "Int"}) { name(length: $length) }',
        "query Q { me { ...F } } fragment F on User { friends { ...G } } fragment G on User { name(length: 7) }",
    ),
    Case(
        "a value that the app provides",
        'query Q { me { ...F } } fragment F on User @argumentDefinitions(n: {type: "Int!", provider: "./n"})'
        " { name(length: $n) }",
        "query Q($__relay_internal__pv__n: Int!) { me { ...F } }"
        " fragment F on User { name(length: $__relay_internal__pv__n) }",
    ),
    Case(
        "the name of a fragment with arguments is not that of another one",
        "query Q { me { ...F } b: me { ...F @arguments(n: 5) } c: me { ...F__1 } }"
        ' fragment F on User @argumentDefinitions(n: {type: "Int"}) { name(length: $n) } fragment F__1 on User { id }',
        "query Q { me { ...F } b: me { ...F__2 } c: me { ...F__1 } }"
        " fragment F__1 on User { id } fragment F__2 on User { name(length: 5) } fragment F on User { name }",
    ),
    Case(
        "a fragment with arguments, partly in a local field",
        "query Q { me { id ...F dark @client { ...F @arguments(n: 5) } } }"
        ' fragment F on User @argumentDefinitions(n: {type: "Int"}) { name(length: $n) }',
        "query Q { me { id ...F } } fragment F on User { name }",
    ),
    Case(
        "a value that the app provides for a local field",
        'query Q { me { ...F } } fragment F on User @argumentDefinitions(n: {type: "Int!", provider: "./n"})'
        " { id dark(n: $n) @client }",
        "query Q { me { ...F } } fragment F on User { id }",
    ),
    Case(
        "Relay's lists",
        'mutation M($c: [ID!]!, $n: String) { rename(name: $n) @appendNode(connections: $c, edgeTypeName: "E")'
        " { id @deleteRecord __id } }",
        "mutation M($n: String) { rename(name: $n) { id } }",
    ),
    Case(
        "Relay's marks",
        'query Q @throwOnFieldError @raw_response_type { me { ...F @relay(mask: false) @alias(as: "f") } }'
        " fragment F on User @inline { name @required(action: LOG) handle @catch }",
        "query Q { me { ...F } } fragment F on User { name handle }",
    ),
    Case(
        "Relay's code by type",
        'query Q { me @match { ...F @module(name: "F.react") } } fragment F on User { id }',
        "query Q { me { ...F } } fragment F on User { id }",
    ),
    Case("Relay, an update of its store", "query Q @updatable { me { name } }", ""),
    Case("urql", "query Q { me @_required { id @_anything name @_optional } users @_simplePagination { id } }",
         "query Q { me { id name } users { id } }"),
    Case("urql's exchanges", "mutation M { rename @populate }", "mutation M { rename { __typename } }"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_document_is_what_the_client_sends(case: Case) -> None:
    made = strip_document(case.written, parse(case.written), build_schema(SCHEMA)).document
    assert (print_ast(made) if made else "") == (print_ast(parse(case.sent)) if case.sent else "")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_client_directive_does_not_take_an_operation_out_of_the_check(folder: Folder, case: Case) -> None:
    folder.write_schemas({"  id: ID!\n": "", "  name(length: Int): String\n": ""}, SCHEMA)
    folder.write("schema-operations/app/1.0.json", json.dumps([case.written]))
    done = folder.check()
    uses = any(field in case.sent for field in (" id ", "name(", " name "))
    assert done.status == (1 if uses or not case.sent else 0)
    assert "invalid before" not in done.output


@pytest.mark.parametrize("name", ["client", "connection", "_local", "required", "arguments"])
def test_a_directive_that_the_schema_defines_is_the_servers(folder: Folder, name: str) -> None:
    text = f"query Q {{ me {{ id @{name} }} }}"
    schema = f"directive @{name} on FIELD\n{SCHEMA}"
    sent = strip_document(text, parse(text), build_schema(schema)).document
    assert sent
    assert print_ast(sent) == print_ast(parse(text))
    folder.write_schemas({f"directive @{name} on FIELD\n": ""}, schema)
    folder.write("schema-operations/app/1.0.json", json.dumps([text]))
    assert folder.check().status == 1


def test_what_no_client_takes_out_is_an_error_that_names_file_and_operation(folder: Folder) -> None:
    folder.write_schemas({}, SCHEMA)
    folder.write("schema-operations/ios/1.0/feed/a.graphql", "query Lively { me @live { id @client } }")
    folder.write("schema-operations/ios/1.0/feed/b.graphql", "query Fine { me { id x @client } }")
    done = folder.check("--format", "json")
    where = "schema-operations/ios/1.0/feed/a.graphql: ios 1.0 Lively"
    assert (done.status, done.json["errors"]) == (
        2, [f"{where} was invalid before this change: Unknown directive '@live'."],
    )  # fmt: skip


def test_a_variable_that_was_never_used_is_still_a_fault(folder: Folder) -> None:
    folder.write_schemas({}, SCHEMA)
    text = "query Q($never: Int, $local: Int) { me { id x(a: $local) @client } }"
    folder.write("schema-operations/ios/1.0.json", json.dumps([text]))
    (error,) = folder.check("--format", "json").json["errors"]
    assert error.endswith("Variable '$never' is never used in operation 'Q'.")


def test_operations_that_are_not_sent_and_queries_that_are_generated_are_named(folder: Folder) -> None:
    folder.write_schemas({}, SCHEMA)
    text = 'query Q { me { ...F } } fragment F on User @refetchable(queryName: "FRefetch") { id }'
    folder.write("schema-operations/web/1.0.json", json.dumps([text, "query Cart { cart @client }"]))
    again = "query FRefetch { me { ...F } } fragment F on User { id }"
    folder.write("schema-operations/web/2.0.json", json.dumps([text, again]))
    done = folder.check("--format", "json")
    adds = "relay-compiler adds id, cursor and pageInfo to the documents"
    end = ". These additions were not checked; a manifest of persisted queries contains them."
    assert (done.status, done.errors.splitlines()[1:]) == (
        0,
        [
            "bff: web 1.0: not checked, because the client does not send it: Cart.",
            f"bff: web 1.0: {adds}, and for @refetchable the query FRefetch{end}",
            f"bff: web 2.0: {adds}{end}",
        ],
    )
    asked = ["--head", "before.graphql", "--min-version", "web=2"]
    assert "query FRefetch" not in folder.bff("explain", "User.id", *asked).output
    assert "does not send it: Cart" in folder.bff("explain", "User.id", *asked[:2]).output


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("[$n]", "The fragment F expands to more than 1000 fragments by its arguments."),
        ("[$n, $n]", "The fragment F has arguments of more than 100000 characters."),
    ],
)
def test_a_fragment_that_calls_itself_with_other_arguments_ends(folder: Folder, given: str, why: str) -> None:
    folder.write_schemas({}, SCHEMA)
    text = (
        "query Q { me { ...F @arguments(n: 1) } }"
        ' fragment F on User @argumentDefinitions(n: {type: "[Int]"})'
        f" {{ id friends {{ ...F @arguments(n: {given}) }} }}"
    )
    folder.write("schema-operations/web/1.0.json", json.dumps([text]))
    done = folder.check()
    assert (done.status, done.errors) == (2, f"bff: {why}\n")


def test_a_generated_query_that_is_not_sent_any_more_is_not_missing(folder: Folder) -> None:
    folder.write_schemas({}, SCHEMA)
    text = 'query Q { me { ...F } } fragment F on User @refetchable(queryName: "FRefetch") { id }'
    again = "query FRefetch { users { ...F } } fragment F on User { id }"
    folder.write("schema-operations/web/1.0.json", json.dumps([text, again]))
    seen = [(field, "web/1.0", "2026-11-24") for field in ("Query.me", "User.id")]
    folder.write("usage.json", usage(*seen))
    done = folder.check("--usage", "usage.json")
    assert done.status == 0
    assert "1 operation of 1 app version is live.\n" in done.output
    assert "FRefetch" not in done.output
