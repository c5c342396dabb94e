"""`bff explain` with the product's own operations and with files."""

from pathlib import Path

import pytest

from cli.main import main
from tests.support.client import OPERATIONS

COUNTS = """query Counts($with: Boolean!) {
  viewer { notificationCounts { unread unseen @include(if: $with) } }
}
query Nothing { __typename }
"""
EXPLAINED = """query Counts($with: Boolean!)

viewer                 Viewer              called directly
└─ notificationCounts  NotificationCounts  called directly
   └─ unread           Int!                inlined: column unread

levels   3
fields   3
loaders  none
batches  0

legend
  columns          field with arguments, type, how the field is resolved
  inlined          read by the generated code that builds the parent; no call
  called directly  one call of the resolver per parent, without Strawberry's wrapper
  column NAME      the value of the column NAME of the parent's row
  levels           depth of the nested fields
  fields           number of fields of the operation
  loaders          loaders that read other rows than those of the parents
  batches          maximum number of calls of loaders, and the number of waits before each
"""
LEGEND = [
    "columns",
    "inlined",
    "read",
    "level: LOADER",
    "called directly",
    "resolver",
    "where there is no NAME",
    "column NAME",
    "derived",
    "levels",
    "fields",
    "loaders",
    "batches",
]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "counts.graphql"
    path.write_text(COUNTS)
    return str(path)


def test_the_home_screen_calls_its_loaders_once_and_inlines_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "Home"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "query Home($feedFirst: Int = 20)"
    plan, legend = lines[: lines.index("legend") - 1], lines[lines.index("legend") + 1 :]
    assert [line.strip().split("  ")[0] for line in legend] == LEGEND
    assert plan[-4:] == [
        "loaders  liked_by_viewer, comments_by_post",
        "batches  1 to 2",
        "  after 1 wait   liked_by_viewer, where there is no liked_by_viewer",
        "                 comments_by_post",
    ]
    inlined = {line.partition("inlined: ")[2] for line in lines} - {""}
    columns = "avatar_url body comment_count created_at currency direction handle kind like_count minor_units name"
    columns += " read_at status unread unseen"
    assert inlined == {"derived", *(f"column {name}" for name in columns.split())}


def test_a_file_is_found_by_its_path(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", file, "--operation", "Counts", "--variables", '{"with": false}']) == 0
    assert capsys.readouterr().out == EXPLAINED


def test_every_operation_of_the_apps_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    named = [line.split() for file in OPERATIONS.glob("*.graphql") for line in file.read_text().splitlines()]
    names = [words[1].partition("(")[0] for words in named if words and words[0] in {"query", "mutation"}]
    assert len(names) > 5
    for name in names:
        assert main(["explain", name]) == 0, name
        assert "Delegated to graphql-core" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["Hom"], "there is no operation 'Hom'; give a file, or one of AddComment, "),
        (["FILE"], "FILE: Must provide operation name if query contains multiple operations.\n"),
        (["FILE", "--operation", "Other"], "FILE: Unknown operation named 'Other'.\n"),
        (["FILE", "--operation", "Counts"], "FILE: Argument 'if' has invalid value: Expected variable '$with' "),
        (["Home", "--variables", "{"], "--variables: invalid JSON ("),
        (["Home", "--variables", "[]"], "--variables: not an object\n"),
        (["TWICE"], "TWICE: Cannot query field 'a' on type 'Query'.; Cannot query field 'b' on type 'Query'.\n"),
        (["none.graphql"], "none.graphql: cannot be read\n"),
    ],
)
def test_a_failure_is_one_line(
    arguments: list[str], reason: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = Path(file).with_name("twice.graphql")
    twice.write_text("{ a b }")
    files = {"FILE": file, "TWICE": str(twice)}
    assert main(["explain", *(files.get(argument, argument) for argument in arguments)]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith(f"bff: {reason.replace('FILE', file).replace('TWICE', str(twice))}")
