import hashlib
import json
from pathlib import Path, PurePath

import pytest

from schema_check.manifests import AppVersion, ManifestError, read_app_version, read_graphql_files, read_manifest
from schema_check.manifests.__main__ import main
from schema_check.manifests.paths import numbers_of

HOME = "query Home { viewer { id } }"
LIKE = "mutation Like($id: ID!) { like(id: $id) { ...Post } }\nfragment Post on Post { id }"
MD5 = {hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(): text for text in (HOME, LIKE)}
SHA1 = {hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(): text for text in (HOME, LIKE)}
SHA256 = {hashlib.sha256(text.encode()).hexdigest(): text for text in (HOME, LIKE)}


def apollo(*operations: object, **changed: object) -> str:
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations, **changed})


def read(text: str | bytes) -> tuple[str, list[tuple[str, str, str]]]:
    manifest = read_manifest(text)
    return manifest.format, [(each.id, each.name, each.text) for each in manifest.operations]


def refusal(text: str | bytes) -> str:
    with pytest.raises(ManifestError) as refused:
        read_manifest(text)
    return str(refused.value)


def test_apollos_manifest_is_read() -> None:
    manifest = apollo(
        {"id": "a1", "name": "Home", "type": "query", "body": HOME},
        {"id": "b2", "name": "Like", "type": "mutation", "body": LIKE},
    )
    assert read(manifest) == ("apollo", [("a1", "Home", HOME), ("b2", "Like", LIKE)])


@pytest.mark.parametrize(("ids", "name"), [(MD5, "relay"), (SHA1, "codegen"), (SHA256, "id-to-text")])
def test_ids_and_documents_are_read_and_called_after_the_compiler_where_its_hash_tells(
    ids: dict[str, str], name: str
) -> None:
    first, second = ids
    assert read(json.dumps(ids)) == (name, [(first, "Home", HOME), (second, "Like", LIKE)])


def test_a_list_is_read_and_what_has_no_id_gets_its_hash() -> None:
    first, second = SHA256
    assert read(json.dumps([HOME, {"body": LIKE}])) == ("plain", [(first, "Home", HOME), (second, "Like", LIKE)])
    assert read(json.dumps([{"id": "home", "name": "Home", "body": HOME}])) == ("plain", [("home", "Home", HOME)])
    assert read("[]") == ("plain", [])
    assert read(b'\xef\xbb\xbf["{ viewer { id } }"]')[1][0][1:] == ("", "{ viewer { id } }")


def test_the_same_document_twice_is_one_operation() -> None:
    assert len(read_manifest(json.dumps([HOME, HOME])).operations) == 1


def test_documents_of_ones_own_have_no_limit_of_tokens() -> None:
    text = "{ a" + " b" * 100_000 + " }"
    assert read(json.dumps({"a": text})) == ("id-to-text", [("a", "", text)])
    files = {"a.graphql": "\n".join(f"query Q{number} {{ a {'b ' * 100} }}" for number in range(400))}
    assert len(read_graphql_files(files).operations) == 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The manifest is not JSON: Expecting value at line 1."),
        ("{", "The manifest is not JSON: Expecting property name enclosed in double quotes at line 1."),
        (b"\xff", "The manifest is not UTF-8."),
        ("[" * 100_000, "The JSON of the manifest is too deep, or has a number that is too long."),
        ("[" + "1" * 5000 + "]", "The JSON of the manifest is too deep, or has a number that is too long."),
        ("1", "The manifest has an unknown format. Supported are Apollo's"),
        ("null", "The manifest has an unknown format. Supported are Apollo's"),
        ('{"a": 1}', "The manifest has an unknown format. Supported are Apollo's"),
        ("[1]", "An operation of the manifest has no 'body' that is a string."),
        ('[{"body": "{ a }", "name": 1}]', "An operation of the manifest has no 'name' that is a string."),
        (
            apollo(version=2),
            "The manifest has the unknown format 'apollo-persisted-query-manifest', version 2.",
        ),
        (apollo(format="other"), "The manifest has the unknown format 'other', version 1."),
        (apollo(operations=3), 'The "operations" of the manifest are not a list.'),
        (apollo({"name": "Home", "body": HOME}), "An operation of the manifest has no 'id' that is a string."),
        (
            json.dumps({"a": "query {"}),
            "The document 'a' is not GraphQL: Syntax Error: Expected Name, found <EOF>. (line",
        ),
        (
            json.dumps({"a": "{a" * 9_000}),
            "The document 'a' is not GraphQL: Syntax Error: Document is nested too deeply.",
        ),
        (json.dumps({"a": "query A { a } query B { a }"}), "The document 'a' has 2 operations; it needs exactly one."),
        (json.dumps({"a": "fragment A on B { a }"}), "The document 'a' has 0 operations; it needs exactly one."),
        (
            json.dumps([{"id": "a", "name": "Other", "body": HOME}]),
            "The document 'a' is named 'Other', but its operation is 'Home'.",
        ),
        ('{"a": "{ a }", "a": "{ b }"}', "The id 'a' has two different documents."),
        (json.dumps(["{ a }"] * 20_001), "The manifest has 20001 operations; the maximum is 20000."),
        (" " * (32 * 1024 * 1024 + 1), "The manifest is larger than 32 MiB."),
    ],
    ids=lambda value: str(value)[:32],
)
def test_what_is_no_manifest_is_refused_in_one_sentence(text: str | bytes, said: str) -> None:
    assert refusal(text).startswith(said)


def test_files_share_their_fragments_and_give_each_operation_those_it_uses() -> None:
    manifest = read_graphql_files(
        {
            "a.graphql": "query A { a { ...One } } query B { b }",
            "b.graphql": "fragment One on A { ...Two } fragment Two on A { id } fragment Three on A { id }",
        }
    )
    assert [each.name for each in manifest.operations] == ["A", "B"]
    assert manifest.operations[0].text == (
        "query A {\n  a {\n    ...One\n  }\n}\n\nfragment One on A {\n  ...Two\n}\n\nfragment Two on A {\n  id\n}"
    )
    assert manifest.operations[1].text == "query B {\n  b\n}"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"a.graphql": "type A { a: Int }"}, "a.graphql contains schema definitions, not operations."),
        (
            {"a.graphql": "fragment F on A { a }", "b.graphql": "fragment F on A { b }"},
            "Another file defines the fragment 'F' of b.graphql differently.",
        ),
        ({"a.graphql": "query {"}, "a.graphql is not GraphQL: Syntax Error: Expected Name, found <EOF>."),
        ({"a.graphql": " " * (32 * 1024 * 1024 + 1)}, "The files are larger than 32 MiB."),
    ],
    ids=["schema", "fragments", "syntax", "size"],
)
def test_files_that_are_of_no_use_are_refused(texts: dict[str, str], said: str) -> None:
    with pytest.raises(ManifestError) as refused:
        read_graphql_files(texts)
    assert str(refused.value).startswith(said)


def test_the_place_of_a_manifest_says_app_and_version() -> None:
    for path in ("any/ios/4.2.0.json", "ios/4.2.0.graphql", "ios/4.2.0"):
        assert read_app_version(PurePath(path)) == AppVersion("ios", "4.2.0")
    assert read_app_version(PurePath("web/1.0.0-rc.1+7.json")) == AppVersion("web", "1.0.0-rc.1+7")
    for path in ("4.2.0.json", "ios/latest.json", "-x/1.0.json", "ios/1.2.3.4.5.6.7.json", "ios/.json"):
        with pytest.raises(ManifestError) as refused:
            read_app_version(PurePath(path))
        assert str(refused.value) == f"{path} is not at <app>/<version>.json, like ios/4.2.0.json."


def test_versions_are_ordered_by_their_numbers() -> None:
    versions = ["4.10", "4.9.1", "10.0.0", "4.2.0", "4.2"]
    assert sorted(versions, key=numbers_of) == ["4.2.0", "4.2", "4.9.1", "4.10", "10.0.0"]
    assert AppVersion("ios", "4.2.0-beta").numbers == (4, 2)
    with pytest.raises(ManifestError, match=r"'four' is not a version like 4\.2\.0"):
        numbers_of("four")


def write_manifest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *paths: Path
) -> tuple[str, str]:
    monkeypatch.setattr("sys.argv", ["schema_check.manifests", "apollo", *map(str, paths)])
    assert main() == 0
    return capsys.readouterr()


def test_a_manifest_is_written_of_files_of_the_same_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for feature in ("profile", "wallet"):
        file = tmp_path / feature / "queries.graphql"
        file.parent.mkdir()
        file.write_text(f"query {feature.title()} {{ a {{ ...Shared }} }}")
    (tmp_path / "shared.gql").write_text("fragment Shared on A { id }")
    (tmp_path / "notes.md").write_text("")
    files = [tmp_path / "profile/queries.graphql", tmp_path / "wallet/queries.graphql", tmp_path / "shared.gql"]
    written, said = write_manifest(capsys, monkeypatch, *files)
    assert [each["name"] for each in json.loads(written)["operations"]] == ["Profile", "Wallet"]
    assert said == ""
    of_folder, said = write_manifest(capsys, monkeypatch, tmp_path)
    assert of_folder == written
    assert f"Not read: 1 file (not .graphql or .gql): {tmp_path / 'notes.md'}." in said


def test_a_manifest_that_is_there_is_never_rewritten_with_other_operations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, manifest = tmp_path / "queries.graphql", tmp_path / "ios/4.2.0.json"

    def written(text: str) -> int:
        file.write_text(text)
        monkeypatch.setattr("sys.argv", ["schema_check.manifests", "apollo", str(file), "--output", str(manifest)])
        return main()

    assert written("query A { a }") == 0
    first = manifest.read_text()
    assert [each["name"] for each in json.loads(first)["operations"]] == ["A"]
    assert written("query A { a }") == 0
    assert capsys.readouterr() == ("", "")
    for changed in ("query A { a b }", "query A { a } query B { b }"):
        assert written(changed) == 2
        assert capsys.readouterr().err == (
            f"python -m schema_check.manifests: {manifest} contains other operations and was not changed. Apps of a "
            "released version still send them, so write the changed operations to the manifest of the next version. "
            "Delete the file if it was not released.\n"
        )
        assert manifest.read_text() == first
    monkeypatch.setattr("sys.argv", ["schema_check.manifests", "ids", str(file), "--output", str(tmp_path)])
    assert main() == 2
