"""Tests `bff schema changelog` and `bff schema explain`."""

from tests.schema_check.support.folder import Folder, usage

HANDLE_GOES = {"  handle: String\n": ""}
CHANGELOG = """\
# Changes of the schema

## Upcoming removals

- after 2026-11-30: `User.phone`. No callers. Remove after 2026-11-30.
- no date: `User.fax`. Unused.

## 2026-11-25

- **breaking** `User.handle`: Field User.handle was removed.
"""


def changelog(folder: Folder, today: str = "2026-11-25") -> tuple[int, str]:
    done = folder.bff("changelog", "--base", "before.graphql", "--head", "after.graphql", "--today", today)
    file = folder.path / "CHANGELOG-schema.md"
    return done.status, file.read_text() if file.exists() else done.errors


def test_the_changelog_has_the_changes_of_a_day_and_what_is_going_to_go(folder: Folder) -> None:
    folder.write_schemas(HANDLE_GOES)
    assert changelog(folder) == (0, CHANGELOG)


def test_keeping_it_twice_changes_nothing_and_later_days_come_first(folder: Folder) -> None:
    folder.write_schemas(HANDLE_GOES)
    changelog(folder)
    assert changelog(folder) == (0, CHANGELOG)
    folder.write_schemas({"  BAD\n": "  BAD\n  SOSO\n"})
    _, text = changelog(folder, "2026-11-26")
    assert text == CHANGELOG.replace(
        "## 2026-11-25",
        "## 2026-11-26\n\n- dangerous `Status.SOSO`: Enum value Status.SOSO was added.\n\n## 2026-11-25",
    )


def test_a_file_that_is_none_of_its_own_is_left_alone(folder: Folder) -> None:
    folder.write_schemas(HANDLE_GOES)
    folder.write("CHANGELOG-schema.md", "# Mine\n")
    assert changelog(folder) == (2, "# Mine\n")


def test_explain_says_who_uses_it_when_last_and_when_it_could_go(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write_operations()
    fields = [("Query.me", "2026-11-24"), ("User.id", "2026-11-24"), ("User.handle", "2026-11-20")]
    folder.write("usage.json", usage(*((field, "ios/4.1.0", day) for field, day in fields)))
    asked = ["--head", "before.graphql", "--today", "2026-11-25", "--usage", "usage.json", "--min-version", "android=5"]
    assert folder.bff("explain", "User.handle", *asked).output == (
        "User.handle\n"
        "  not deprecated\n"
        "\n"
        "Used by 1 live operation of 1 app version:\n"
        "  ios 4.1.0  Me  last seen 2026-11-20\n"
        "\n"
        "It can be removed on 2027-02-19, unless an operation uses it before.\n"
    )
    assert folder.bff("explain", "User.phone", *asked).output == (
        "User.phone\n"
        "  deprecated: No callers. Remove after 2026-11-30.\n"
        "\n"
        "Used by 0 live operations of 0 app versions.\n"
        "\n"
        "It can be removed on 2026-12-01, unless an operation uses it before.\n"
    )
    assert folder.bff("explain", "User.fax", *asked).output.endswith("\n\nIt can be removed today.\n")


def test_explain_says_when_it_does_not_know(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write_operations()
    output = folder.bff("explain", "Status", "--head", "before.graphql").output
    assert "  ios 4.2.0  Status  last seen: unknown\n" in output
    assert output.endswith("The removal date is unknown; --usage shows when each operation was last seen.\n")


def test_explain_does_not_call_unused_what_an_invalid_operation_may_use(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write_operations({"ios/4.1.0": {"Cart": "query Cart { cart { id } }", "Me": "query Me { me { id } }"}})
    folder.write("usage.json", usage(("Query.me", "ios/4.1.0", "2026-11-24")))
    asked = ["--head", "before.graphql", "--today", "2026-11-25", "--usage", "usage.json"]
    assert folder.bff("explain", "User.handle", *asked).output == (
        "User.handle\n"
        "  not deprecated\n"
        "\n"
        "Used by 0 live operations of 0 app versions.\n"
        "\n"
        "The removal date is unknown: operations are invalid against this schema, so their uses are unknown.\n"
        "\n"
        "schema-operations/ios/4.1.0.json: ios 4.1.0 Cart is invalid against this schema: "
        "Cannot query field 'cart' on type 'Query'.\n"
    )


def test_explain_knows_what_is_like_a_coordinate_that_is_not_there(folder: Folder) -> None:
    folder.write_schemas({})
    done = folder.bff("explain", "User.handel", "--head", "before.graphql")
    assert (done.status, done.output) == (2, "")
    assert done.errors.startswith("bff: The schema has no element User.handel. Did you mean User.handle")
    done = folder.bff("explain", "?", "--head", "before.graphql")
    assert done.errors == "bff: The schema has no element ?. Examples: User, User.handle, User.posts(first:).\n"
