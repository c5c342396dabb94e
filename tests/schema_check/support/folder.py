"""Runs `bff schema` in a folder."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from cli.main import main

BEFORE = """type Query {
  me: User
  status: Status
}

type User {
  id: ID!
  name: String
  handle: String
  phone: String @deprecated(reason: "No callers. Remove after 2026-11-30.")
  fax: String @deprecated(reason: "Unused.")
}

enum Status {
  GOOD
  BAD
}
"""
OPERATIONS = {
    "ios/4.1.0": {"Me": "query Me { me { id handle } }", "Names": "query Names { me { id name } }"},
    "ios/4.2.0": {"Names": "query Names { me { id name } }", "Status": "query Status { status }"},
    "android/4.2.0": {"Me": "query Me { me { id handle } }", "Phone": "query Phone { me { phone } }"},
}


class Done(NamedTuple):
    """Holds the status and output of a command."""

    status: int
    output: str
    errors: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.output)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Folder:
    """Writes files and runs commands in the folder, in this process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def write_operations(self, shipped: Mapping[str, Mapping[str, str]] = OPERATIONS) -> None:
        for version, operations in shipped.items():
            entries = [{"name": name, "body": body} for name, body in operations.items()]
            self.write(f"schema-operations/{version}.json", json.dumps(entries))

    def write_schemas(self, edits: Mapping[str, str], before: str = BEFORE) -> None:
        self.write("before.graphql", before)
        after = before
        for old, new in edits.items():
            assert after.count(old) == 1, old
            after = after.replace(old, new)
        self.write("after.graphql", after)

    def bff(self, *arguments: str, terminal: bool = False) -> Done:
        here = Path.cwd()
        output, errors = _Terminal() if terminal else io.StringIO(), io.StringIO()
        os.chdir(self.path)
        try:
            with redirect_stdout(output), redirect_stderr(errors):
                status = main(["schema", *arguments])
        finally:
            os.chdir(here)
        return Done(status, output.getvalue(), errors.getvalue())

    def check(self, *options: str, terminal: bool = False) -> Done:
        """Checks before.graphql against after.graphql on a fixed day."""
        given = ["--base", "before.graphql", "--head", "after.graphql", "--today", "2026-11-25"]
        return self.bff("check", *given, *options, terminal=terminal)

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Tests", "-c", "user.email=tests@example.com", "-c", "protocol.file.allow=always"]
        done = subprocess.run(
            [shutil.which("git") or "git", *identity, *arguments],
            cwd=self.path,
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.path), "GIT_CONFIG_NOSYSTEM": "1"},
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")


def usage(
    *fields: tuple[str, str, str], since: str = "2026-06-01", until: str = "2026-11-25", complete: bool = True
) -> str:
    """Returns a usage export of `(coordinate, app/version, last seen)`."""
    rows = [
        {"coordinate": coordinate, "app": app.split("/")[0], "version": app.split("/")[1], "lastSeen": seen}
        for coordinate, app, seen in fields
    ]
    head = {"format": "bff-schema-usage", "version": 1, "from": since, "until": until, "complete": complete}
    return json.dumps({**head, "fields": rows})


def approval(**said: str) -> str:
    """Returns an approval as a TOML table."""
    lines = [f"{key} = {value if key == 'expires' else json.dumps(value)}" for key, value in said.items()]
    return "\n".join(["[[approval]]", *lines]) + "\n"
