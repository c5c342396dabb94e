"""Tests usage, days, versions, approvals and exit statuses, with one row for each rule."""

import json
from dataclasses import dataclass

import pytest

from tests.schema_check.support.folder import OPERATIONS, Folder, approval, usage

HANDLE_GOES = {"  handle: String\n": ""}
NAME_GOES = {"  name: String\n": ""}
PHONE_GOES = {'  phone: String @deprecated(reason: "No callers. Remove after 2026-11-30.")\n': ""}
FAX_GOES = {'  fax: String @deprecated(reason: "Unused.")\n': ""}
STATUS_GROWS = {"  BAD\n": "  BAD\n  SOSO\n"}
WITHOUT_PHONE = {**OPERATIONS, "android/4.2.0": {"Me": "query Me { me { id handle } }"}}
ME = ("Query.me", "User.id", "User.handle")


def seen(app: str, day: str, *coordinates: str) -> list[tuple[str, str, str]]:
    return [(coordinate, app, day) for coordinate in coordinates]


@dataclass(frozen=True)
class Row:
    """Describes a check and its result. `who` and `safe_from` are the operations and day of the first change."""

    name: str
    edit: dict[str, str]
    status: int
    who: str = ""
    safe_from: str | None = None
    options: str = ""
    usage: str = ""
    approvals: str = ""
    operations: dict[str, dict[str, str]] | None = None


IOS_AND_ANDROID = "android 4.2.0 Me broken, ios 4.1.0 Me broken"
LONG_AGO = [*seen("ios/4.1.0", "2026-08-01", *ME), *seen("android/4.2.0", "2026-11-20", *ME)]
GONE = [*seen("ios/4.1.0", "2026-08-01", *ME), *seen("android/4.2.0", "2026-08-26", *ME)]

ROWS = [
    Row("used, as far as is known", HANDLE_GOES, 1, IOS_AND_ANDROID),
    Row("nothing is shipped, so nothing is known, so it is used", HANDLE_GOES, 1, operations={}),
    Row("a safe change", {"  name: String\n": "  name: String\n  nick: String\n"}, 0, "", "2026-11-25"),
    Row("no live operation uses it", FAX_GOES, 0, "", "2026-11-25"),
    Row("fails never", HANDLE_GOES, 0, IOS_AND_ANDROID, options="--fail-on never"),
    Row("dangerous and read, fails on breaking", STATUS_GROWS, 0, "ios 4.2.0 Status affected"),
    Row(
        "dangerous and read, fails on dangerous",
        STATUS_GROWS, 1, "ios 4.2.0 Status affected", options="--fail-on dangerous",
    ),
    Row("dangerous and not read", STATUS_GROWS, 0, "", "2026-11-25", "--fail-on dangerous --min-version ios=4.3"),
    Row("an older version does not count", HANDLE_GOES, 1, "android 4.2.0 Me broken", options="--min-version ios=4.2"),
    Row("4.10 is newer than 4.2", HANDLE_GOES, 1, "android 4.2.0 Me broken", options="--min-version ios=4.10"),
    Row("the lowest version itself counts", HANDLE_GOES, 1, IOS_AND_ANDROID, options="--min-version ios=4.1"),
    Row(
        "no version that uses it counts",
        HANDLE_GOES, 0, "", "2026-11-25", "--min-version ios=4.2.0 --min-version android=5",
    ),
    Row("seen lately", HANDLE_GOES, 1, "android 4.2.0 Me broken", "2027-02-19", usage=usage(*LONG_AGO)),
    Row("not seen for 90 days", HANDLE_GOES, 0, "", "2026-11-25", usage=usage(*GONE)),
    Row(
        "seen on the last day that counts",
        HANDLE_GOES, 1, "android 4.2.0 Me broken", "2026-11-26",
        usage=usage(*seen("ios/4.1.0", "2026-08-01", *ME), *seen("android/4.2.0", "2026-08-27", *ME)),
    ),
    Row("not seen for as long as is asked", HANDLE_GOES, 0, "", "2026-11-25", "--since 3d", usage=usage(*LONG_AGO)),
    Row(
        "of a version that is not in the usage nothing is known, so it is used",
        HANDLE_GOES, 1, "ios 4.1.0 Me broken", usage=usage(*seen("android/4.2.0", "2026-08-01", *ME)),
    ),
    Row(
        "an operation is no younger than the least seen of its fields",
        HANDLE_GOES, 1, "android 4.2.0 Me broken", "2026-12-02", "--min-version ios=4.2",
        usage=usage(
            *seen("android/4.2.0", "2026-11-24", "Query.me", "User.id"), ("User.handle", "android/4.2.0", "2026-09-02")
        ),
    ),
    Row(
        "a field that a version is not seen to use is not used, if all was counted for long enough",
        HANDLE_GOES, 0, "", "2026-11-25",
        usage=usage(*seen("ios/4.1.0", "2026-11-24", "Query.me"), *seen("android/4.2.0", "2026-11-24", "Query.me")),
    ),
    Row(
        "it may be used if not all was counted",
        HANDLE_GOES, 1, IOS_AND_ANDROID,
        usage=usage(
            *seen("ios/4.1.0", "2026-11-24", "Query.me"), *seen("android/4.2.0", "2026-11-24", "Query.me"),
            complete=False,
        ),
    ),
    Row(
        "it may be used if not counted for long enough",
        HANDLE_GOES, 1, IOS_AND_ANDROID,
        usage=usage(
            *seen("ios/4.1.0", "2026-11-24", "Query.me"), *seen("android/4.2.0", "2026-11-24", "Query.me"),
            since="2026-11-01",
        ),
    ),
    Row(
        "an old export does not make things look unused",
        HANDLE_GOES, 1, IOS_AND_ANDROID,
        usage=usage(
            *seen("ios/4.1.0", "2026-07-01", *ME), *seen("android/4.2.0", "2026-07-01", *ME), since="2026-01-01",
            until="2026-07-31",
        ),
    ),
    Row(
        "a version without a manifest uses what it was seen to use",
        HANDLE_GOES, 1, "ios 3.9.0 (none) affected", "2027-02-23",
        usage=usage(*GONE, ("User.handle", "ios/3.9.0", "2026-11-24")),
    ),
    Row("before the day that was promised", PHONE_GOES, 1, "", "2026-12-01", operations=WITHOUT_PHONE),
    Row("on that day", PHONE_GOES, 1, "", "2026-12-01", "--today 2026-11-30", operations=WITHOUT_PHONE),
    Row("after that day", PHONE_GOES, 0, "", "2026-12-01", "--today 2026-12-01", operations=WITHOUT_PHONE),
    Row("after that day, but used", PHONE_GOES, 1, "android 4.2.0 Phone broken", options="--today 2026-12-01"),
    Row(
        "approved",
        HANDLE_GOES, 0, IOS_AND_ANDROID,
        approvals=approval(coordinate="User.handle", code="FIELD_REMOVED", reason="Fine.", expires="2026-11-25"),
    ),
    Row(
        "approved, whatever the change is",
        HANDLE_GOES, 0, IOS_AND_ANDROID,
        approvals=approval(coordinate="User.handle", reason="Accepted.", expires="2026-12-31"),
    ),
    Row(
        "approved until yesterday",
        HANDLE_GOES, 1, IOS_AND_ANDROID,
        approvals=approval(coordinate="User.handle", reason="Accepted.", expires="2026-11-24"),
    ),
    Row(
        "approved for another change",
        HANDLE_GOES, 1, IOS_AND_ANDROID,
        approvals=approval(coordinate="User.handle", code="FIELD_CHANGED_KIND", reason="Fine.", expires="2026-12-31"),
    ),
    Row(
        "approved before the day that was promised",
        PHONE_GOES, 0, "", "2026-12-01", operations=WITHOUT_PHONE,
        approvals=approval(coordinate="User.phone", reason="Accepted.", expires="2026-12-31"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_may_be_merged(folder: Folder, row: Row) -> None:
    folder.write_schemas(row.edit)
    folder.write_operations(OPERATIONS if row.operations is None else row.operations)
    if row.approvals:
        folder.write("schema-approvals.toml", row.approvals)
    options = row.options.split()
    if row.usage:
        folder.write("usage.json", row.usage)
        options += ["--usage", "usage.json"]
    done = folder.check("--format", "json", *options)
    change = done.json["changes"][0]
    who = sorted(f"{e['app']} {e['version']} {e['name'] or '(none)'} {e['effect']}" for e in change["operations"])
    assert (done.status, ", ".join(who), change["safeFrom"]) == (row.status, row.who, row.safe_from)
    assert done.json["exit"] == row.status


OLD = {"Old": "query Old { me { handle age } }"}
OLD_IS_INVALID = (
    "schema-operations/ios/4.1.0.json: ios 4.1.0 Old was invalid before this change: "
    "Cannot query field 'age' on type 'User'. Did you mean 'name'?"
)


def test_an_operation_of_the_next_version_may_come_with_the_field_that_it_needs(folder: Folder) -> None:
    folder.write_schemas({"  name: String\n": "  name: String\n  nick: String\n"})
    folder.write_operations({"ios/4.3.0": {"Nick": "query Nick { me { nick } }"}})
    assert folder.check().status == 0
    folder.write_operations({"ios/4.3.0": {"Nick": "query Nick { me { nick tpyo } }"}})
    done = folder.check("--format", "json")
    assert (done.status, "'tpyo'" in done.json["errors"][0], "nick" in done.json["errors"][0]) == (2, True, False)


def test_an_operation_that_is_not_live_may_be_invalid(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write_operations({"ios/4.1.0": OLD, "ios/4.2.0": {"Names": "query Names { me { name } }"}})
    assert folder.check().status == 2
    assert folder.check("--min-version", "ios=4.2").status == 0
    folder.write(
        "usage.json",
        usage(
            ("Query.me", "ios/4.2.0", "2026-11-24"),
            ("User.name", "ios/4.2.0", "2026-11-24"),
            ("Query.me", "ios/4.1.0", "2026-01-01"),
        ),
    )
    assert folder.check("--usage", "usage.json").status == 0


def test_an_operation_that_was_invalid_before_is_an_error_and_not_blamed_on_the_change(folder: Folder) -> None:
    folder.write_schemas(HANDLE_GOES)
    folder.write_operations({"ios/4.1.0": OLD})
    done = folder.check("--format", "json")
    assert (done.status, done.json["changes"][0]["operations"], done.json["exit"]) == (2, [], 2)
    assert done.json["errors"] == [OLD_IS_INVALID]
    assert done.errors.endswith(f"\nbff: {OLD_IS_INVALID}\n")


def test_every_format_shows_operations_that_were_invalid_before(folder: Folder) -> None:
    folder.write_schemas(HANDLE_GOES)
    folder.write_operations({"ios/4.1.0": OLD, "ios/4.2.0": OLD})
    said = OLD_IS_INVALID.replace("Old was", "Old (and 1 more version) was")
    assert f"\nerror    {said}\n" in folder.check().output
    assert f"::error title=Schema check::{said}\n" in folder.check("--format", "github").output
    assert "\n### Errors\n\n- schema-operations/ios/4.1.0.json: ios" in folder.check("--format", "markdown").output
    for name in ("sarif", "junit", "gitlab"):
        done = folder.check("--format", name)
        assert (done.status, f"\nbff: {said}\n" in done.errors) == (2, True)


@pytest.mark.parametrize("fail_on", ["breaking", "dangerous", "never"])
def test_an_operation_that_was_invalid_before_fails_whatever_the_change_may_do(folder: Folder, fail_on: str) -> None:
    folder.write_schemas({})
    folder.write_operations({"ios/4.1.0": OLD})
    assert folder.check("--fail-on", fail_on).status == 2


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"operation": "Old"}, 0),
        ({"operation": "Old", "code": "OPERATION_INVALID"}, 0),
        ({"coordinate": "User.age"}, 0),
        ({"coordinate": "User.age", "code": "OPERATION_INVALID"}, 0),
        ({"operation": "Old", "expires": "2026-11-24"}, 2),
        ({"operation": "Older"}, 2),
        ({"operation": "Old", "code": "FIELD_REMOVED"}, 2),
        ({"coordinate": "User.handle"}, 2),
    ],
    ids=str,
)
def test_an_approval_covers_an_operation_that_was_invalid_before(
    folder: Folder, said: dict[str, str], status: int
) -> None:
    folder.write_schemas({})
    folder.write_operations({"ios/4.1.0": OLD})
    folder.write("schema-approvals.toml", approval(**{"reason": "Never sent.", "expires": "2026-12-31", **said}))
    done = folder.check("--format", "json")
    assert done.status == status
    covered = "bff: ios 4.1.0 Old is invalid; approved until 2026-12-31: Never sent.\n"
    assert (covered in done.errors) is (status == 0)


def test_an_operation_without_a_name_is_approved_as_anonymous(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write("schema-operations/ios/4.1.0.json", json.dumps(["{ me @live { id } }"]))
    assert folder.check().status == 2
    said = {"operation": "(anonymous)", "reason": "Never sent.", "expires": "2026-12-31"}
    folder.write("schema-approvals.toml", approval(**said))
    assert folder.check().status == 0


def test_an_approval_of_an_operation_covers_no_change(folder: Folder) -> None:
    folder.write_schemas(HANDLE_GOES)
    folder.write_operations({"ios/4.1.0": {"Me": "query Me { me { id handle } }"}})
    folder.write("schema-approvals.toml", approval(operation="Me", reason="Never sent.", expires="2026-12-31"))
    assert folder.check().status == 1


def test_what_a_safe_change_breaks_fails(folder: Folder) -> None:
    """Selects two fields of the same response name, which are valid only while their types are alike."""
    before = "type Query { any: Any }\nunion Any = A | B\ntype A { x: Int }\ntype B { x: Int }\n"
    folder.write_schemas({"type A { x: Int }": "type A { x: Int! }"}, before)
    folder.write_operations({"ios/1.0": {"Any": "query Any { any { ... on A { x } ... on B { x } } }"}})
    done = folder.check("--format", "json")
    (change,) = done.json["changes"]
    assert (done.status, change["level"], change["code"]) == (1, "safe", "FIELD_CHANGED_KIND_SAFE")
    assert change["operations"] == [{"app": "ios", "version": "1.0", "name": "Any", "effect": "broken"}]


@pytest.mark.parametrize(
    ("options", "status"),
    [([], 0), (["--lint", "all=error"], 1), (["--lint", "descriptions=error"], 1), (["--lint", "all=off"], 0)],
    ids=str,
)
def test_a_rule_warns_or_fails_as_it_is_set(folder: Folder, options: list[str], status: int) -> None:
    folder.write_schemas({"  name: String\n": "  name: String\n  nick: String\n"})
    folder.write_operations()
    done = folder.check(*options)
    assert done.status == status
    assert ("User.nick has no description." in done.output) is ("all=off" not in options)
    assert "User.name has no description." not in done.output
