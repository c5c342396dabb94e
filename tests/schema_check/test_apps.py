"""Tests the folders and files that operations are read from."""

import json
from collections.abc import Mapping

import pytest

from tests.schema_check.support.folder import Folder

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
        ({"ops/ios/4.2.0.gql": f"{QUERY} {FRAGMENT}"}, "ops", "ios 4.2.0"),
        ({"ops/ios/4.2.0/build/manifest.json": json.dumps([f"{QUERY} {FRAGMENT}"])}, "ops", "ios 4.2.0"),
        ({"ops/ios/4.2.0/a/me.graphql": QUERY, "ops/ios/4.2.0/b/me.gql": FRAGMENT}, "ops/ios", "ios 4.2.0"),
        ({"ops/ios/4.2.0/a/me.graphql": QUERY, "ops/ios/4.2.0/b/me.gql": FRAGMENT}, "ops/ios/4.2.0", "ios 4.2.0"),
        ({"src/a/me.graphql": QUERY, "src/b/me.graphql": FRAGMENT}, "src", "src 0"),
        ({"ops/me.graphql": "{", "ops/ios/1.json": json.dumps([f"{QUERY} {FRAGMENT}"])}, "ops", "ios 1"),
    ],
    ids=[
        "manifest",
        "folder of one app",
        "file",
        "files",
        "files of no app",
        ".gql",
        "manifest in the folder of a version",
        "version in the folder of an app",
        "the folder of a version",
        "feature folders of no app",
        "files beside apps are not read",
    ],
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


FEATURES = 60
FILES = {"queries.graphql": "query", "mutations.gql": "mutation", "nested/queries.graphql": "query"}


def feature_folders(folder: Folder, version: str) -> int:
    """Writes files of the same names into many folders, and returns the number of operations in them."""
    made = 0
    for feature in range(FEATURES):
        for name, kind in FILES.items():
            names = [f"F{feature}N{made + number}" for number in range(2)]
            texts = [f"{kind} {each} {{ f{feature} {{ ...Shared }} }}" for each in names]
            folder.write(f"ops/{version}/feature{feature}/{name}", "\n".join(texts))
            made += len(names)
    folder.write(f"ops/{version}/shared/fragments.graphql", "fragment Shared on Thing { id gone }")
    return made


def test_operations_in_feature_folders_are_all_seen(folder: Folder) -> None:
    fields = "\n".join(f"  f{number}: Thing" for number in range(FEATURES))
    roots = f"type Query {{\n{fields}\n}}\ntype Mutation {{\n{fields}\n}}\n"
    folder.write_schemas({"  gone: Int\n": ""}, f"{roots}type Thing {{\n  id: ID\n  stays: Int\n  gone: Int\n}}\n")
    made = feature_folders(folder, "ios/1.0.0") + feature_folders(folder, "ios/1.1.0")
    assert made == 720
    done = folder.check("--operations", "ops", "--format", "json")
    (change,) = done.json["changes"]
    assert (done.status, len(change["operations"])) == (1, made)
    assert {each["effect"] for each in change["operations"]} == {"broken"}
    files = 2 * (FEATURES * len(FILES) + 1)
    live = f"{made} operations of 2 app versions are live."
    assert done.errors == f"bff: Read {made} operations from {files} files; {live}\n"


def test_a_version_of_one_file_with_many_operations_is_read(folder: Folder) -> None:
    folder.write_schemas({"  handle: String\n": ""})
    fields = " ".join(f"n{number}: name" for number in range(60))
    folder.write("ops/ios/1.0.graphql", "\n".join(f"query Q{n} {{ me {{ handle {fields} }} }}" for n in range(400)))
    done = folder.check("--operations", "ops")
    assert "Read 400 operations from 1 file; 400 operations of 1 app version are live.\n" in done.output


def test_files_that_are_not_read_are_named(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write("ops/ios/4.2.0.json", json.dumps([f"{QUERY} {FRAGMENT}"]))
    folder.write("ops/ios/4.3.0/me.graphql", f"{QUERY} {FRAGMENT} fragment Lost on User {{ id }}")
    folder.write("ops/ios/4.3.0/later.graphql", "# query Later { me { id } }\n")
    for name in ("ios/4.3.0/a/query.ts", "ios/4.3.0/query.swift", "ios/notes.txt", "README.md"):
        folder.write(f"ops/{name}", "")
    folder.write("ops/ios/4.3.0/package.json", '{"private": true}')
    folder.write("ops/ios/4.4.0.json", "[]")
    for hidden in (".DS_Store", "ios/.DS_Store", "ios/4.3.0/.git/x.graphql", "ios/4.3.0/node_modules/x/x.graphql"):
        folder.write(f"ops/{hidden}", "{")
    done = folder.check("--operations", "ops", "--format", "json")
    others = "ops/README.md, ops/ios/notes.txt, ops/ios/4.3.0/a/query.ts, ops/ios/4.3.0/query.swift"
    assert done.errors.splitlines() == [
        "bff: Read 2 operations from 4 files; 2 operations of 2 app versions are live.",
        "bff: ops/ios/4.3.0: later.graphql: no operation was read, because there are only comments.",
        "bff: ops/ios/4.3.0: the unused fragment was not checked: Lost.",
        "bff: ops/ios/4.4.0.json has no operations.",
        f"bff: Not read: 4 files (not .graphql, .gql or .json): {others}.",
        "bff: Not read: 1 file (JSON, but not a manifest): ops/ios/4.3.0/package.json.",
    ]


def test_root_documents_are_named_only_when_no_version_contains_their_operations(folder: Folder) -> None:
    folder.write_schemas({})
    folder.write("ops/ios/4.2.0.json", json.dumps([f"{FRAGMENT} {QUERY}"]))
    folder.write("ops/web/1.graphql", "query Names { me { name } }")
    folder.write("ops/me.graphql", QUERY.replace(" { ", " {\n  "))
    folder.write("ops/more.graphql", FRAGMENT)
    folder.write("ops/names.gql", "query Names { me { name } }")
    live = "bff: Read 2 operations from 2 files; 2 operations of 2 app versions are live."
    assert folder.check("--operations", "ops", "--format", "json").errors.splitlines() == [live]
    reason = "outside the app folders, with operations that no app version contains"
    for name, text in {
        "changed.graphql": "query Names { me { id name } }",
        "new.graphql": "query New { me { name } }",
        "both.graphql": "query Names { me { name } } query New { me { name } }",
        "broken.graphql": "query {",
    }.items():
        folder.write(f"ops/{name}", text)
        errors = folder.check("--operations", "ops", "--format", "json").errors.splitlines()
        assert errors == [live, f"bff: Not read: 1 file ({reason}): ops/{name}."]
        (folder.path / "ops" / name).unlink()
    folder.write("ops/more.graphql", FRAGMENT.replace("name", "id"))
    errors = folder.check("--operations", "ops", "--format", "json").errors.splitlines()
    assert errors == [live, f"bff: Not read: 1 file ({reason}): ops/me.graphql."]


def test_links_are_followed_once(folder: Folder) -> None:
    folder.write_schemas({"  handle: String\n": ""})
    folder.write("shared/me.graphql", QUERY)
    folder.write("ops/ios/4.2.0/more.graphql", FRAGMENT)
    (folder.path / "ops/ios/4.2.0/shared").symlink_to(folder.path / "shared")
    (folder.path / "ops/ios/4.2.0/loop").symlink_to(folder.path / "ops/ios")
    done = folder.check("--operations", "ops")
    assert "Read 1 operation from 2 files; " in done.output
