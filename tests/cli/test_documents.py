"""`bff documents`: manifests of build tools are imported, listed, checked and removed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from services.documents import all_documents
from services.resources import open_resources
from tests.support.commands import call_bff
from tests.support.documents import NEW, send, serving, sha256
from tests.support.timing import settings_for

MANIFESTS = Path(__file__).parent.parent / "documents/manifests"
TEXT = "query Name { __typename }"
FOLLOWERS = """query Followers($first: Int! = 10) {
  user(handle: "ana") { followers(first: $first) { edges { node { id name } } pageInfo { hasNextPage } } }
}"""
"""The example of docs/cost.md, which costs 23."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_url: str) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        done = call_bff("documents", *map(str, arguments), BFF_DATABASE_URL=database_url)
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[[Any], Path]:
    def write(data: Any) -> Path:
        file = tmp_path / "manifest.json"
        file.write_text(data if isinstance(data, str) else json.dumps(data))
        return file

    return write


async def registered(database_url: str) -> dict[str, list[str]]:
    """Returns the app versions that send each document."""
    async with open_resources(settings_for(database_url)) as resources:
        return {row.id: row.sent_by async for row in all_documents(resources.database)}


def ids_of(name: str) -> list[str]:
    data = json.loads((MANIFESTS / f"{name}.json").read_text())
    return [operation["id"] for operation in data["operations"]] if "operations" in data else list(data)


async def test_documents_of_build_tools_are_registered_and_executed_by_id(run: Run, settings: Settings) -> None:
    for app, name in (("ios", "apollo"), ("web", "relay"), ("studio", "codegen")):
        status, message, _ = run("import", app, "4.2.0", MANIFESTS / f"{name}.json")
        assert (status, message.partition(" (")[0]) == (0, f"{app} 4.2.0: 3 documents")
        assert message.endswith("), 3 of them added to this version, 3 new\n")
    enforcing = settings_for(settings.database_url, trusted_documents="enforce")
    async with serving(enforcing) as client:
        headers = {"Accept": NEW, "Authorization": f"Bearer {await client.token('ana')}"}
        for name in ("apollo", "relay", "codegen"):
            fields: set[str] = set()
            for document_id in ids_of(name):
                body = {"documentId": document_id, "variables": {"postId": "x", "input": {"postId": "x"}}}
                fields |= set((await send(client, body, **headers)).json()["data"])
            assert fields == {"viewer", "node", "likePost"}


async def test_importing_again_changes_nothing_and_documents_are_shared_by_versions(
    run: Run, database_url: str, manifest: Callable[[Any], Path]
) -> None:
    assert run("list") == (0, "no documents are registered\n", "")
    file = manifest([{"id": f"sha256:{sha256(TEXT)}", "body": TEXT}])
    assert run("import", "ios", "4.10.0", file) == (
        0, "ios 4.10.0: 1 document (plain), 1 of them added to this version, 1 new\n", "",
    )  # fmt: skip
    assert run("import", "ios", "4.10.0", file)[1].endswith("0 of them added to this version, 0 new\n")
    assert run("import", "ios", "4.9.0", file)[1].endswith("1 of them added to this version, 0 new\n")
    assert await registered(database_url) == {sha256(TEXT): ["ios 4.10.0", "ios 4.9.0"]}
    lines = [line.split("  ")[:2] for line in run("list")[1].splitlines()]
    assert lines == [["ios 4.9.0", "1"], ["ios 4.10.0", "1"]]
    assert run("remove", "ios", "4.9.0") == (0, "ios 4.9.0: removed, with 0 of 1 document\n", "")
    assert run("remove", "ios", "4.9.0") == (1, "", "bff: no documents are registered for ios 4.9.0\n")
    assert run("remove", "ios", "4.10.0") == (0, "ios 4.10.0: removed, with 1 of 1 document\n", "")
    assert await registered(database_url) == {}


async def test_an_invalid_document_prevents_the_whole_import(
    run: Run, database_url: str, manifest: Callable[[Any], Path]
) -> None:
    file = manifest([TEXT, {"id": "1", "body": "query Old { goneForGood }"}, {"id": "2", "body": "{ alsoGone }"}])
    status, shown, message = run("import", "ios", "4.2.0", file)
    assert (status, shown.splitlines()) == (
        1,
        [
            "Old (1): Cannot query field 'goneForGood' on type 'Query'.",
            "without a name (2): Cannot query field 'alsoGone' on type 'Query'.",
        ],
    )
    assert message == f"bff: {file}: not valid against the schema: 2 of 3 documents; nothing was imported\n"
    assert await registered(database_url) == {}


async def test_an_id_stays_with_its_text(run: Run, database_url: str, manifest: Callable[[Any], Path]) -> None:
    run("import", "ios", "4.2.0", manifest([{"id": "1", "body": TEXT}]))
    file = manifest([{"id": "0", "body": TEXT}, {"id": "1", "body": "query Other { __typename }"}])
    status, _, message = run("import", "android", "4.2.0", file)
    assert status == 1
    assert message == (
        f"bff: {file}: the id '1' of the operation 'Other' stands for another document already; "
        "an id stays with its text, so give the changed operation another; nothing was imported\n"
    )
    assert await registered(database_url) == {"1": ["ios 4.2.0"]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{", "The manifest is not JSON: Expecting property name enclosed in double quotes at line 1."),
        ("[]", "the manifest has no operations"),
        ([{"id": "a b", "body": TEXT}], "the id 'a b' cannot be sent: 1 to 200 letters, digits and signs can; "),
        ([{"id": "x" * 201, "body": TEXT}], f"the id '{'x' * 200}' cannot be sent: "),
    ],
)
async def test_an_invalid_manifest_is_one_line(
    run: Run, database_url: str, manifest: Callable[[Any], Path], data: Any, message: str
) -> None:
    file = manifest(data)
    status, shown, error = run("import", "ios", "4.2.0", file)
    assert (status, shown, len(error.splitlines())) == (1, "", 1)
    assert error.startswith(f"bff: {file}: {message}")
    assert await registered(database_url) == {}


@pytest.mark.parametrize(
    ("app", "version"), [("ios", "new"), ("../x", "1.0"), ("a/b", "1.0"), ("", "1.0"), ("ios", "")]
)
def test_an_invalid_app_or_version_is_rejected(run: Run, app: str, version: str) -> None:
    expected = f"bff: '{app} {version}' is not an app and a version, such as: ios 4.2.0\n"
    assert run("import", app, version, "missing.json") == (1, "", expected)
    assert run("remove", app, version) == (1, "", expected)
    assert run("import", "ios", "1.0", "missing.json") == (1, "", "bff: missing.json: No such file or directory\n")


async def test_the_check_lists_documents_that_are_no_longer_valid(
    run: Run, database_url: str, manifest: Callable[[Any], Path]
) -> None:
    assert run("check") == (0, "valid, and not too expensive: 0 documents\n", "")
    run("import", "ios", "4.2.0", manifest([{"id": "1", "body": TEXT}, {"id": "2", "body": "query B { __typename }"}]))
    run("import", "web", "1.0", manifest([{"id": "1", "body": TEXT}]))
    assert run("check") == (0, "valid, and not too expensive: 2 documents\n", "")
    async with open_resources(settings_for(database_url)) as resources:
        await resources.database.fetch("UPDATE trusted_documents SET text = '{ goneForGood }' WHERE id = '1'")
    status, shown, message = run("check")
    assert (status, shown) == (
        1,
        "Name (1), of ios 4.2.0, web 1.0: Cannot query field 'goneForGood' on type 'Query'.\n",
    )
    assert message == "bff: not valid or too expensive: 1 of 2 documents; these apps receive errors\n"


@pytest.mark.parametrize(("limit", "is_exceeded"), [("22", True), ("23", False), ("0", False)])
async def test_documents_that_cost_too_much_are_registered_and_reported(
    database_url: str, manifest: Callable[[Any], Path], limit: str, *, is_exceeded: bool
) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = call_bff("documents", *arguments, BFF_DATABASE_URL=database_url, BFF_MAX_COST=limit)
        return done.returncode, done.stdout, done.stderr

    file = manifest([{"id": "1", "body": FOLLOWERS}, {"id": "2", "body": TEXT}])
    excess = "costs 23 with the defaults of its variables, more than BFF_MAX_COST (22)"
    warning = f"bff: Followers (1): {excess}\n" if is_exceeded else ""
    imported = "ios 4.2.0: 2 documents (plain), 2 of them added to this version, 2 new\n"
    assert run("import", "ios", "4.2.0", str(file)) == (0, imported, warning)
    failure = "bff: not valid or too expensive: 1 of 2 documents; these apps receive errors\n"
    assert run("check") == (
        (1, f"Followers (1), of ios 4.2.0: {excess}\n", failure)
        if is_exceeded
        else (0, "valid, and not too expensive: 2 documents\n", "")
    )


def test_the_doctor_reports_that_no_document_can_be_executed(
    run: Run, database_url: str, manifest: Callable[[Any], Path]
) -> None:
    def doctor(modes: str) -> list[str]:
        done = call_bff("doctor", BFF_DATABASE_URL=database_url, BFF_TRUSTED_DOCUMENTS=modes)
        return [line for line in done.stdout.splitlines() if "trusted" in line]

    assert doctor("report,web=off") == []
    failure = "FAIL  trusted documents: only registered ones are executed; there are none: run 'bff documents import'"
    assert (doctor("enforce"), doctor("off,ios=enforce")) == ([failure], [failure])
    run("import", "ios", "4.2.0", manifest([TEXT]))
    assert doctor("enforce") == ["ok    trusted documents"]
