"""Tests input that cannot be used: the command prints one sentence, no report, and exits with status 2."""

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from graphql import build_schema, get_introspection_query, graphql_sync

from cli.schema import inputs
from tests.schema_check.support.folder import BEFORE, Folder, approval, usage

HANDLE_GOES = {"  handle: String\n": ""}
FIELD = {"coordinate": "User.handle", "app": "ios", "version": "4.1.0", "lastSeen": "2026-11-24"}


@pytest.fixture
def ready(folder: Folder) -> Folder:
    folder.write_schemas(HANDLE_GOES)
    folder.write_operations()
    return folder


def introspected(sdl: str) -> str:
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True, one_of=True)
    answer = graphql_sync(build_schema(sdl), query)
    return json.dumps({"data": answer.data})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("type Query {\n  a: Int\n}}\n", "after.graphql:3 is not a valid schema: Syntax Error: Unexpected '}'."),
        ("type Query {\n  a: Int\n  b: Missing\n}\n", "after.graphql:3 is not a valid schema: Unknown type 'Missing'."),
        (
            "type Query {\n  a: Int\n  a: Int\n}\n",
            "after.graphql:2 is not a valid schema: Field 'Query.a' can only be defined",
        ),
        (
            "type Query implements N { a: Int }\ninterface N { b: Int }",
            "after.graphql:2 is not a valid schema: Interface",
        ),
        ("type A { a: Int }", "after.graphql is not a valid schema: Query root type must be provided."),
        ("", "after.graphql:1 is not a valid schema: Syntax Error: Unexpected <EOF>."),
        ("{", "after.graphql is not JSON."),
        ('{"data": {}}', "after.graphql is not the result of an introspection query."),
        ('{"data": 1}', "after.graphql is not the result of an introspection query."),
    ],
    ids=str,
)
def test_a_schema_that_is_none_is_named_with_its_line(ready: Folder, text: str, said: str) -> None:
    ready.write("after.graphql", text)
    done = ready.check()
    assert (done.status, done.output) == (2, "")
    assert done.errors.startswith(f"bff: {said}")
    assert done.errors.count("\n") == 1


def test_an_introspection_is_a_schema_too(ready: Folder) -> None:
    ready.write("before.json", introspected(BEFORE))
    done = ready.bff("check", "--base", "before.json", "--head", "after.graphql", "--format", "json")
    assert [change["code"] for change in done.json["changes"]] == ["FIELD_REMOVED"]


def test_directives_that_an_introspection_does_not_tell_are_not_compared(ready: Folder) -> None:
    sdl = "directive @cost(weight: Int!) on FIELD_DEFINITION\ntype Query { a: Int @cost(weight: 5) }"
    ready.write("before.json", introspected(sdl))
    ready.write("after.graphql", sdl)
    done = ready.bff("check", "--base", "before.json", "--head", "after.graphql", "--format", "json")
    assert done.json["changes"] == []


@pytest.mark.parametrize(
    ("file", "text", "options", "said"),
    [
        (
            "schema-operations/ios/4.1.0.json", "7", [],
            "schema-operations/ios/4.1.0.json: The manifest has an unknown format. Supported are",
        ),
        ("schema-operations/ios/new.json", "[]", [], "schema-operations/ios/new.json is not at <app>/<version>.json"),
        ("schema-operations/ios/4.3.graphql", "query {", [], "schema-operations/ios/4.3.graphql: 4.3.graphql is not"),
        ("schema-operations/new.json", "[]", [], "schema-operations/new.json is not at <app>/<version>.json"),
        ("schema-operations/ios/5.0/a.json", "[]", [], "schema-operations/ios/5.0: The folder contains no operation"),
        ("schema-operations/ios/5.0/a.ts", "", [], "schema-operations/ios/5.0: The folder contains no operation in"),
        ("schema-operations/ios/5.0/a.json", "{", [], "schema-operations/ios/5.0: a.json: The manifest is not JSON"),
        ("loose/x/latest.json", '["{ me { id } }"]', ["--operations", "loose"], "loose/x/latest.json is a manifest"),
        ("x", "", ["--operations", "nowhere"], "There is no operations folder nowhere."),
        ("x", "", ["--usage", "nowhere"], "nowhere cannot be read: No such file or directory."),
        ("x", "", ["--usage", "x"], "The usage file is not JSON."),
        ("x", "[]", ["--usage", "x"], "The usage file does not have the format"),
        ("x", usage().replace('"fields": []', '"fields": 1'), ["--usage", "x"], 'The usage file has no list "fields".'),
        ("x", usage().replace("[]", "[1]"), ["--usage", "x"], "A field of the usage file lacks one of"),
        (
            "x", usage().replace("[]", json.dumps([{**FIELD, "lastSeen": "lately"}])), ["--usage", "x"],
            "The usage file has a 'lastSeen' that is not a date like 2026-11-25.",
        ),
        (
            "x", usage().replace("[]", json.dumps([{**FIELD, "version": "new"}])), ["--usage", "x"],
            "'new' is not a version like 4.2.0.",
        ),
        ("x", usage(until="?"), ["--usage", "x"], "The usage file has a 'until' that is not a date like 2026-11-25."),
        ("schema-approvals.toml", "[", [], "The approvals file is not TOML: "),
        ("schema-approvals.toml", "approval = 1", [], "The approvals file may contain only [[approval]] tables."),
        (
            "schema-approvals.toml", approval(reason="x"), [],
            "An approval needs exactly one of coordinate and operation.",
        ),
        (
            "schema-approvals.toml", approval(coordinate="A", until="x"), [],
            "An approval has unknown keys: until.",
        ),
        (
            "schema-approvals.toml", approval(coordinate="A", operation="B", reason="x", expires="2026-12-31"), [],
            "An approval needs exactly one of coordinate and operation.",
        ),
        (
            "schema-approvals.toml", approval(coordinate="A", reason=" ", expires="2026-12-31"), [],
            "The approval of A has no reason.",
        ),
        (
            "schema-approvals.toml", approval(coordinate="A", reason="x", expires='"soon"'), [],
            "The approval of A has no expiry date, like expires = 2026-12-31.",
        ),
        ("x", "", ["--approvals", "nowhere"], "nowhere cannot be read: No such file or directory."),
        ("x", "", ["--since", "3 months"], "--since 3 months is not a number of days such as 90d."),
        ("x", "", ["--min-version", "ios"], "--min-version ios is not of the form name=value."),
        ("x", "", ["--min-version", "ios=new"], "'new' is not a version like 4.2.0."),
        ("x", "", ["--lint", "spelling=error"], "--lint spelling=error is unknown; use descriptions,"),
        ("x", "", ["--today", "tomorrow"], "--today tomorrow is not a date such as 2026-11-25."),
        ("x", "", ["--report", "nowhere/report"], "nowhere/report cannot be written: No such file or directory."),
        ("x", "", ["--base", "ftp://a.test/a.graphql"], "ftp://a.test/a.graphql is not an http:// or https:// URL."),
        ("x", "", ["--base", "http://127.0.0.1:9/a.graphql"], "http://127.0.0.1:9/a.graphql returned no schema: "),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_cannot_be_used_is_named(ready: Folder, file: str, text: str, options: list[str], said: str) -> None:
    ready.write(file, text)
    done = ready.check(*options)
    assert (done.status, done.output) == (2, "")
    assert done.errors.startswith(f"bff: {said}")
    assert done.errors.count("\n") == 1


def test_a_fault_of_the_tool_is_shown_whole_and_is_no_verdict(ready: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "read_schema", None)
    done = ready.bff("check", "--base", "before.graphql", "--head", "after.graphql")
    assert done.status == 2
    assert "Traceback (most recent call last)" in done.errors


def test_a_wrong_setting_is_no_verdict(ready: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BFF_ENV", "production")
    assert ready.check().status == 2


class Server(BaseHTTPRequestHandler):
    """Serves a schema file, and responds to introspection queries."""

    def do_GET(self) -> None:
        self._answer(BEFORE if self.path == "/schema.graphql" else "<html>")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = graphql_sync(build_schema(BEFORE), body["query"])
        self._answer(json.dumps({"data": answer.data}))

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base names it so
        """Suppresses the log lines of the base class."""


@pytest.fixture
def address() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/schema.graphql", "/graphql"])
def test_a_base_may_be_an_address(ready: Folder, address: str, path: str) -> None:
    done = ready.check("--base", address + path, "--format", "json")
    assert [change["coordinate"] for change in done.json["changes"]] == ["User.handle"]


def test_an_address_without_a_schema_is_named(ready: Folder, address: str) -> None:
    done = ready.check("--base", f"{address}/other.graphql")
    why = "is not a valid schema: Syntax Error: Unexpected character: '<'."
    assert done.errors == f"bff: {address}/other.graphql:1 {why}\n"
