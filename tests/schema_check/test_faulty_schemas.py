"""Tests schemas that servers run although newer validation rejects them, and Federation's subgraphs."""

import json
from typing import NamedTuple

import pytest
from graphql import build_schema, introspection_from_schema

from schema_check.schemas import load_schema
from tests.schema_check.support.folder import Folder

GONE = "  gone: Int\n"
REST = "  kept: Int\n  gone: Int\n}\n"


class Fault(NamedTuple):
    """Holds a schema with a validation error and with the field `Query.gone`."""

    name: str
    sdl: str
    line: int | None
    message: str


FAULTS = [
    Fault(
        "a deprecated field of an interface that does not deprecate it",
        f'type Query implements N {{\n  a: Int @deprecated(reason: "Old.")\n{REST}interface N {{ a: Int }}\n',
        2,
        "Interface field N.a is not deprecated, so implementation field Query.a must not be deprecated.",
    ),
    Fault(
        "an invalid default of an argument",
        f"type Query {{\n  a(e: E = WRONG): Int\n{REST}enum E {{ RIGHT }}\n",
        2,
        "Query.a(e:) has invalid default value: Value 'WRONG' does not exist in 'E' enum.",
    ),
    Fault(
        "an invalid default of an input field",
        f'type Query {{\n  a(i: I): Int\n{REST}input I {{ n: Int = "x" }}\n',
        6,
        'I.n has invalid default value: Int cannot represent non-integer value: "x"',
    ),
    Fault(
        "a required input field that is deprecated",
        f"type Query {{\n  a(i: I): Int\n{REST}input I {{ n: Int! @deprecated }}\n",
        6,
        "Required input field I.n cannot be deprecated.",
    ),
    Fault(
        "a field of another type than the interface's",
        f"type Query implements N {{\n  a: Int\n{REST}interface N {{ a: Int! }}\n",
        6,
        "Interface field N.a expects type Int! but Query.a is type Int.",
    ),
    Fault("a type without fields", f"type Query {{\n{REST}type X\n", 5, "Type X must define one or more fields."),
    Fault(
        "a reserved name",
        f"type Query {{\n  __a: Int\n{REST}",
        2,
        "Name '__a' must not begin with '__', which is reserved by GraphQL introspection.",
    ),
    Fault(
        "no query",
        f"schema {{ mutation: M }}\ntype M {{\n{REST}",
        1,
        "Query root type must be provided.",
    ),
    Fault("an unknown directive", f"type Query @key {{\n{REST}", 1, "Unknown directive '@key'."),
    Fault(
        "an extension of nothing",
        f"extend type Query {{\n{REST}",
        1,
        "Cannot extend type 'Query' because it is not defined.",
    ),
]
IDS = [fault.name for fault in FAULTS]


def written(folder: Folder, before: str, after: str, operation: str = "{ gone }") -> Folder:
    folder.write("before.graphql", before)
    folder.write("after.graphql", after)
    folder.write("schema-operations/ios/1.0.json", json.dumps([operation]))
    return folder


@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_a_fault_of_both_schemas_is_a_warning_and_the_change_is_judged(folder: Folder, fault: Fault) -> None:
    operation = "mutation { gone }" if "schema {" in fault.sdl else "{ gone }"
    written(folder, fault.sdl, fault.sdl.replace(GONE, ""), operation)
    done = folder.check("--format", "json")
    (change,) = done.json["changes"]
    assert (done.status, change["code"], len(change["operations"])) == (1, "FIELD_REMOVED", 1)
    said = f"bff: before.graphql:{fault.line} is not a valid schema, but is compared anyway: {fault.message}"
    assert done.errors.splitlines()[1:] == [said]


@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_a_fault_that_a_change_repairs_is_a_warning(folder: Folder, fault: Fault) -> None:
    written(folder, fault.sdl, f"type Query {{\n{REST}", "{ kept }")
    done = folder.check("--format", "json")
    assert done.status != 2
    assert f"is compared anyway: {fault.message}\n" in done.errors


@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_a_fault_that_a_change_brings_is_no_schema(folder: Folder, fault: Fault) -> None:
    written(folder, f"type Query {{\n{REST}", fault.sdl)
    done = folder.check()
    said = f"bff: after.graphql:{fault.line} is not a valid schema: {fault.message}\n"
    assert (done.status, done.output, done.errors) == (2, "", said)


def test_an_introspection_with_a_fault_is_compared(folder: Folder) -> None:
    answer = introspection_from_schema(build_schema(FAULTS[0].sdl, assume_valid=True))
    folder.write("before.json", json.dumps({"data": answer}))
    folder.write("after.graphql", FAULTS[0].sdl.replace(GONE, ""))
    folder.write("schema-operations/ios/1.0.json", json.dumps(["{ gone }"]))
    done = folder.bff("check", "--base", "before.json", "--head", "after.graphql", "--format", "json")
    assert (done.status, [change["coordinate"] for change in done.json["changes"]]) == (1, ["Query.gone"])
    assert f"bff: before.json is not a valid schema, but is compared anyway: {FAULTS[0].message}\n" in done.errors


def test_a_fault_that_no_introspection_shows_is_a_warning_beside_one(folder: Folder) -> None:
    served = build_schema(f"type Query {{\n{REST}")
    folder.write("before.json", json.dumps({"data": introspection_from_schema(served)}))
    folder.write("after.graphql", f"type Query @made {{\n{REST}".replace(GONE, ""))
    folder.write("schema-operations/ios/1.0.json", json.dumps(["{ gone }"]))
    done = folder.bff("check", "--base", "before.json", "--head", "after.graphql", "--format", "json")
    assert (done.status, [change["coordinate"] for change in done.json["changes"]]) == (1, ["Query.gone"])
    said = "bff: after.graphql:1 is not a valid schema, but is compared anyway: Unknown directive '@made'.\n"
    assert said in done.errors


def test_an_argument_of_a_directive_that_cannot_be_read_is_told_in_one_line(folder: Folder) -> None:
    written(folder, "type Query { gone: Int @deprecated(reason: 5) }", "type Query { gone: Int }")
    done = folder.check()
    why = "Argument 'reason' has invalid value: String cannot represent a non string value: 5"
    said = f"bff: before.graphql:1 is not a valid schema: {why}\n"
    assert (done.status, done.errors) == (2, said)


def test_a_suggestion_that_changes_does_not_make_a_fault_new(folder: Folder) -> None:
    before = "type Query { a(e: E = RIGT): Int }\nenum E { WRONG }\n"
    written(folder, before, before.replace("{ WRONG }", "{ WRONG RIGHT }"), "{ a }")
    done = folder.check()
    assert (done.status, "'RIGT' does not exist in 'E' enum." in done.output) == (0, True)


SUBGRAPH = """\
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

extend type Query {
  me: User
}

extend type Query {
  posts: [Post]
}

extend interface Node @key(fields: "id") {
  id: ID!
}

type User implements Node @key(fields: "id") @federation__authenticated {
  id: ID!
  name: String @shareable
}

extend type Post @key(fields: "id") {
  id: ID! @federation__external
  gone: Int
}

extend union Any = User | Post
extend enum E { A }
extend input I { n: Int }
extend scalar S @specifiedBy(url: "https://s.example")
"""


def test_a_subgraph_is_compared_without_a_word(folder: Folder) -> None:
    written(folder, SUBGRAPH, SUBGRAPH.replace(GONE, ""), "{ me { id name } posts { gone } }")
    done = folder.check("--format", "json")
    (change,) = done.json["changes"]
    assert (done.status, change["coordinate"], len(change["operations"])) == (1, "Post.gone", 1)
    assert done.errors.splitlines()[1:] == []


def test_types_that_a_link_imports_need_no_definition(folder: Folder) -> None:
    schema = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "FieldSet"])\n'
        "directive @custom(fields: FieldSet!, scope: federation__Scope) on OBJECT\n"
        'type Query @custom(fields: "gone", scope: "x") {\n' + REST
    )
    written(folder, schema, schema.replace(GONE, ""))
    done = folder.check("--format", "json")
    assert (done.status, [each["coordinate"] for each in done.json["changes"]]) == (1, ["Query.gone"])
    folder.write("after.graphql", schema.replace('"FieldSet"', ""))
    assert folder.check().errors == "bff: after.graphql:2 is not a valid schema: Unknown type 'FieldSet'.\n"


def test_a_subgraph_is_no_excuse_for_what_cannot_be_built(folder: Folder) -> None:
    written(folder, SUBGRAPH, SUBGRAPH.replace("posts: [Post]", "posts: [Missing]"), "{ me { id } }")
    done = folder.check()
    assert (done.status, done.errors) == (2, "bff: after.graphql:8 is not a valid schema: Unknown type 'Missing'.\n")


def test_the_changelog_and_explain_say_what_is_faulty(folder: Folder) -> None:
    fault = FAULTS[0]
    written(folder, fault.sdl, fault.sdl.replace(GONE, ""))
    done = folder.bff("changelog", "--base", "before.graphql", "--head", "after.graphql", "--today", "2026-11-25")
    assert (done.status, fault.message in done.errors) == (0, True)
    assert "`Query.gone`" in (folder.path / "CHANGELOG-schema.md").read_text()
    explained = folder.bff("explain", "Query.gone", "--head", "before.graphql")
    assert (explained.status, fault.message in explained.output) == (0, True)
    assert [each.message for each in load_schema(fault.sdl, "x").issues] == [fault.message]
