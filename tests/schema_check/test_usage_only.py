"""Tests versions with a usage export only: elements that the export does not cover count as used."""

import pytest

from tests.schema_check.support.folder import Folder, usage

BEFORE = """directive @live(every: Int = 5, mode: Mode) repeatable on FIELD | QUERY

directive @owner(team: String) on OBJECT

type Query {
  search(filter: Filter, order: Order = NEW, limit: Int! = 10): [Hit!]
  node: Node
  plain: String
  unseen(other: Other): Int
}

union Hit = User | Page

interface Node {
  id: ID!
}

type User implements Node {
  id: ID!
  mood: Mood
}

type Page implements Node {
  id: ID!
}

input Filter {
  text: String
  inner: Inner = { size: 1 }
  must: Boolean! = true
}

input Inner {
  size: Int
  mood: Mood
}

input Other {
  text: String
}

enum Order {
  NEW
  OLD
}

enum Mood {
  GOOD
  BAD
}

enum Mode {
  FAST
  SLOW
}
"""
SEARCH = ("Query.search", "ios/3.9.0", "2026-11-24")
CANNOT_TELL = "the usage export does not cover it, so it counts as used"
USED = {
    "an input field is removed": ("  text: String\n  inner", "  inner"),
    "an input field is made required": ("  text: String\n  inner", "  text: String!\n  inner"),
    "a required input field is added": ("input Filter {\n", "input Filter {\n  new: Int!\n"),
    "an input field changes its type": ("  text: String\n  inner", "  text: Int\n  inner"),
    "a nested input field is removed": ("  size: Int\n  mood: Mood\n", "  size: Int\n"),
    "a nested input field is made required": ("  size: Int\n", "  size: Int!\n"),
    "an enum value of an argument is removed": ("  NEW\n  OLD\n", "  NEW\n"),
    "an enum value of a nested input is removed": ("  GOOD\n  BAD\n", "  GOOD\n"),
    "an argument is removed": ("search(filter: Filter, ", "search("),
    "an argument changes its type": ("filter: Filter", "filter: Filter!"),
    "a required argument is added": ("search(", "search(new: Int!, "),
    "a required argument loses its default": ("limit: Int! = 10", "limit: Int!"),
    "a required input field loses its default": ("must: Boolean! = true", "must: Boolean!"),
    "an input takes exactly one field": ("input Inner {", "input Inner @oneOf {"),
    "a directive is removed": ("directive @live(every: Int = 5, mode: Mode) repeatable on FIELD | QUERY\n", ""),
    "an argument of a directive is removed": ("every: Int = 5, ", ""),
    "an enum value of a directive is removed": ("  FAST\n", ""),
    "a location of a directive is removed": ("FIELD | QUERY", "FIELD"),
    "a directive may not be repeated": (" repeatable", ""),
    "a type is removed from a union": ("union Hit = User | Page", "union Hit = User"),
    "a type no longer implements an interface": ("type Page implements Node", "type Page"),
}
DANGEROUS = {
    "an argument's default changes": ("order: Order = NEW", "order: Order = OLD"),
    "an input field's default changes": ("{ size: 1 }", "{ size: 2 }"),
    "a directive's default changes": ("every: Int = 5", "every: Int = 6"),
    "a union grows": ("union Hit = User | Page", "union Hit = User | Page | Query"),
}
UNUSED = {
    "a field that was not seen is removed": ("  plain: String\n", ""),
    "an input of such a field loses a field": ("input Other {\n  text: String\n", "input Other {\n  new: String\n"),
    "such a field's argument is removed": ("unseen(other: Other)", "unseen"),
    "a directive of the schema is removed": ("directive @owner(team: String) on OBJECT\n\n", ""),
}


def check(folder: Folder, edit: tuple[str, str], export: str, *options: str) -> tuple[int, list[str]]:
    folder.write("before.graphql", BEFORE)
    assert BEFORE.count(edit[0]) == 1, edit
    folder.write("after.graphql", BEFORE.replace(*edit))
    folder.write("usage.json", export)
    done = folder.check("--format", "json", "--usage", "usage.json", *options)
    who = {f"{each['app']} {each['version']}" for change in done.json["changes"] for each in change["operations"]}
    return done.status, sorted(who)


@pytest.mark.parametrize("edit", USED.values(), ids=USED)
def test_what_an_export_cannot_tell_counts_as_used(folder: Folder, edit: tuple[str, str]) -> None:
    export = usage(SEARCH, ("Node.id", "ios/3.9.0", "2026-11-24"), ("User.id", "ios/3.9.0", "2026-11-24"))
    assert check(folder, edit, export) == (1, ["ios 3.9.0"])
    assert check(folder, edit, export, "--min-version", "ios=4.0") == (0, [])


@pytest.mark.parametrize("edit", DANGEROUS.values(), ids=DANGEROUS)
def test_so_do_what_is_left_out_and_what_is_read(folder: Folder, edit: tuple[str, str]) -> None:
    assert check(folder, edit, usage(SEARCH), "--fail-on", "dangerous") == (1, ["ios 3.9.0"])


@pytest.mark.parametrize("edit", UNUSED.values(), ids=UNUSED)
def test_what_it_can_tell_is_unused(folder: Folder, edit: tuple[str, str]) -> None:
    assert check(folder, edit, usage(SEARCH)) == (0, [])


def test_a_field_counts_as_used_where_not_all_was_counted(folder: Folder) -> None:
    edit = UNUSED["a field that was not seen is removed"]
    assert check(folder, edit, usage(SEARCH, complete=False)) == (1, ["ios 3.9.0"])
    assert check(folder, edit, usage(SEARCH, since="2026-11-01")) == (1, ["ios 3.9.0"])
    assert check(folder, edit, usage(SEARCH, since="2026-11-01"), "--since", "20d") == (0, [])


def test_a_version_that_was_not_seen_for_long_does_not_count(folder: Folder) -> None:
    old = usage(("Query.search", "ios/3.9.0", "2026-08-01"))
    for edit in USED.values():
        assert check(folder, edit, old) == (0, [])


def test_a_field_that_no_operation_of_the_manifest_explains_counts_too(folder: Folder) -> None:
    folder.write_operations({"ios/3.9.0": {"Plain": "query Plain { plain }"}})
    export = usage(SEARCH, ("Query.plain", "ios/3.9.0", "2026-11-24"))
    assert check(folder, USED["an input field is removed"], export) == (1, ["ios 3.9.0"])
    alone = usage(("Query.plain", "ios/3.9.0", "2026-11-24"))
    assert check(folder, USED["an input field is removed"], alone) == (0, [])
    assert check(folder, USED["a directive is removed"], alone) == (0, [])


def test_the_report_says_that_the_export_does_not_tell(folder: Folder) -> None:
    check(folder, USED["an input field is removed"], usage(SEARCH))
    assert CANNOT_TELL in folder.check("--usage", "usage.json").output
    gone = ("  search(filter: Filter, order: Order = NEW, limit: Int! = 10): [Hit!]\n", "")
    check(folder, gone, usage(SEARCH))
    output = folder.check("--usage", "usage.json").output
    assert "the app selects it" in output


INPUTS = "type Query {\n  find(by: By): Int\n}\n\ninput By {\n  text: String\n}\n"


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"  text: String\n": "  text: String!\n"}, "the app sends values of the old type, or omits the field"),
        ({"  text: String\n": "  other: String\n"}, "the app may still send it"),
    ],
    ids=["changed", "removed"],
)
def test_a_change_of_an_input_field_is_explained_by_what_is_sent(
    folder: Folder, edit: dict[str, str], why: str
) -> None:
    folder.write_schemas(edit, INPUTS)
    folder.write_operations({"ios/4.1.0": {"Find": "query Find($by: By) { find(by: $by) }"}})
    done = folder.check()
    assert done.status == 1
    assert why in done.output
    assert "gets" not in done.output
