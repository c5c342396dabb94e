"""Where operations may lie."""

import json
from collections.abc import Mapping

import pytest

from tests.gate.support.folder import Folder

QUERY = "query Me { me { handle ...More } }"
FRAGMENT = "fragment More on User { name }"


@pytest.mark.parametrize(
    ("files", "given", "who"),
    [
        ({"ops/ios/4.2.0.json": json.dumps([f"{QUERY} {FRAGMENT}"])}, "ops", "ios 4.2.0"),
        ({"ops/ios/4.2.0.json": json.dumps([f"{QUERY} {FRAGMENT}"])}, "ops/ios", "ios 4.2.0"),
        ({"ops/ios/4.2.0.graphql": f"{QUERY} {FRAGMENT}"}, "ops", "ios 4.2.0"),
        ({"ops/ios/4.2.0/me.graphql": QUERY, "ops/ios/4.2.0/more/more.graphql": FRAGMENT}, "ops", "ios 4.2.0"),
        ({"ops/me.graphql": QUERY, "ops/more.graphql": FRAGMENT}, "ops", "ops 0"),
        ({"ops/me.graphql": "{", "ops/ios/1.json": json.dumps([f"{QUERY} {FRAGMENT}"])}, "ops", "ios 1"),
    ],
    ids=["manifest", "folder of one app", "file", "files", "files of no app", "files beside apps are not read"],
)
def test_operations_are_found(folder: Folder, files: Mapping[str, str], given: str, who: str) -> None:
    folder.write_schemas({"  handle: String\n": ""})
    for name, text in files.items():
        folder.write(name, text)
    (operation,) = folder.check("--format", "json", "--operations", given).json["changes"][0]["operations"]
    app, version = who.split()
    assert operation == {"app": app, "version": version, "name": "Me", "effect": "broken"}


def test_a_folder_of_an_app_may_be_where_one_is(folder: Folder) -> None:
    folder.write_schemas({"  handle: String\n": ""})
    folder.write("ios/4.2.0.json", json.dumps([f"{QUERY} {FRAGMENT}"]))
    inside = Folder(folder.path / "ios")
    done = inside.check(
        "--format", "json", "--operations", ".", "--base", "../before.graphql", "--head", "../after.graphql"
    )
    assert [each["app"] for each in done.json["changes"][0]["operations"]] == ["ios"]
