"""`python -m tests.clients.page`: runs the tests of clients, and writes docs/clients.md from those that passed."""

import importlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.features import FEATURES
from tests.support.node import CLIENTS

PROJECT = CLIENTS.parent.parent
PAGE = PROJECT / "docs/clients.md"
ELSEWHERE = ("tests/gateway/websocket/test_graphql_ws.py", "tests/gateway/streams/test_graphql_sse.py")
PACKAGES = {
    "Apollo Client": "@apollo/client",
    "urql": "@urql/core",
    "Relay": "relay-runtime",
    "graphql-ws": "graphql-ws",
    "graphql-sse": "graphql-sse",
    "Client preset": "@graphql-codegen/client-preset",
}
"""What runs here, by its package."""
SOURCES = {"Apollo iOS": "1 and 2", "Apollo Kotlin": "from 4 on", "Flutter": "gql links"}
"""What cannot, by the versions whose sources were read."""

Proven = Mapping[str, set[str]]
"""Clients with what they do."""

_TEXT = """\
# Clients

What each client does against this server, as the last run of `make clients-page` has seen it: the page is written from
the tests that passed. Configurations that work are in [`examples/`](../examples/README.md).

{table}

- **{packages}**: packages of these
  versions, run on Node against a server that a test starts ([`tests/clients`](../tests/clients),
  [`web/clients`](../web/clients/README.md)). What the client preset of GraphQL Code Generator writes is sent with
  `fetch`.
- **{sources}**: not run here. Their rules are tests: what their sources send is sent,
  and what comes is read as they read it. Each test names the file that its rule is from
  ([iOS](../tests/clients/test_wire_ios.py), [Kotlin](../tests/clients/test_wire_kotlin.py),
  [Flutter](../tests/clients/test_wire_flutter.py)). What their own stores do is theirs.
- A dash: the client does not do it, or leaves it to the app, or no test tries it.
- Files, subscriptions and `@defer` are tried on a schema of the tests' own: the product offers none yet.
"""


def test_files() -> list[Path]:
    return [*sorted((PROJECT / "tests/clients").glob("test_*.py")), *(PROJECT / each for each in ELSEWHERE)]


def declared() -> Proven:
    """What the tests say that they prove, whether or not they pass."""
    proven: dict[str, set[str]] = {}
    for file in test_files():
        module = importlib.import_module(".".join(file.relative_to(PROJECT).with_suffix("").parts))
        for test in vars(module).values():
            _collect(getattr(test, "pytestmark", ()), proven)
    return proven


def render(proven: Proven) -> str:
    clients = [*PACKAGES, *SOURCES]
    versions = [*_versions(), *SOURCES.values()]
    rows = [["", *clients], ["---", *(":-:" for _ in clients)], ["Version", *versions]]
    for feature, text in FEATURES.items():
        rows.append([text, *("✓" if feature in proven.get(client, ()) else "-" for client in clients)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return _TEXT.format(table=table, packages=", ".join(PACKAGES), sources=", ".join(SOURCES))


def _versions() -> list[str]:
    packages = json.loads((CLIENTS / "package-lock.json").read_text())["packages"]
    return [packages[f"node_modules/{name}"]["version"] for name in PACKAGES.values()]


def _collect(marks: Iterable[pytest.Mark], proven: dict[str, set[str]]) -> None:
    for mark in marks:
        if mark.name == "proves":
            client, features = mark.args
            proven.setdefault(client, set()).update(features)


class Passed:
    """A plugin of pytest that notes what was proven."""

    def __init__(self) -> None:
        self.proven: dict[str, set[str]] = {}

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        if call.when == "call" and call.excinfo is None:
            _collect(item.iter_markers(), self.proven)


def main() -> None:
    os.environ["TEST_REQUIRE_NODE"] = "1"
    passed = Passed()
    failed = pytest.main([*map(str, test_files())], plugins=[passed])
    if failed:
        sys.exit(failed)
    PAGE.write_text(render(passed.proven))


if __name__ == "__main__":
    main()
