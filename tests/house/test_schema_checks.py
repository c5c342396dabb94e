"""The lint of the schema on Node rejects the faults that it has to reject."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = "web/schema-checks"
CHECKED = [
    "schema.graphql",
    "schema-operations",
    ".graphqlrc.yml",
    *(f"{FOLDER}/{name}" for name in ("package.json", "eslint.config.js", "relay.config.json", "src")),
]


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """Copies the schema and its checks, so that a test may break the schema."""
    modules = project / FOLDER / "node_modules"
    if shutil.which("npm") is None or not modules.exists():
        reason = "the packages of web/schema-checks are not installed; 'make lint-schema' does, where Node is"
        assert not os.environ.get("TEST_REQUIRE_NODE"), reason
        pytest.skip(reason)
    for name in CHECKED:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (project / name).is_dir():
            shutil.copytree(project / name, target)
        else:
            shutil.copy(project / name, target)
    (tmp_path / FOLDER / "node_modules").symlink_to(modules)
    return tmp_path


def check(copy: Path, script: str) -> tuple[bool, str]:
    """Returns whether the script passes, and its output."""
    done = subprocess.run(
        [shutil.which("npm") or "npm", "run", "--silent", script],
        cwd=copy / FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode == 0, done.stdout + done.stderr


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize("script", ["lint", "relay"])
def test_the_schema_as_it_is_passes(copy: Path, script: str) -> None:
    assert check(copy, script) == (True, "")


def test_a_schema_that_breaks_the_rules_is_refused(copy: Path) -> None:
    schema = copy / "schema.graphql"
    replace(schema, '"""A comment on a post."""\n', "")
    replace(schema, "type Comment implements Node ", "type Comment ")
    replace(schema, "  hasNextPage: Boolean!", "  hasNextPage: Boolean")
    replace(schema, "    first: Int = 20\n", "    first: String\n")
    passed, output = check(copy, "lint")
    assert not passed
    broken = {"relay-arguments", "relay-edge-types", "relay-page-info", "require-description"}
    assert broken - set(re.findall(r"@graphql-eslint/([a-z-]+)$", output, re.MULTILINE)) == set()


def test_an_operation_that_the_store_of_a_client_cannot_keep_is_refused(copy: Path) -> None:
    replace(copy / "schema-operations/home.graphql", "  viewer {\n    id\n", "  viewer {\n")
    passed, output = check(copy, "lint")
    assert not passed
    assert "@graphql-eslint/require-selections" in output


def test_a_schema_that_only_relay_does_not_take_is_refused(copy: Path) -> None:
    """Tests the type name by which Relay refetches fragments on the viewer."""
    replace(copy / "schema.graphql", "type Viewer ", "type Me ")
    replace(copy / "schema.graphql", "viewer: Viewer\n", "viewer: Me\n")
    assert check(copy, "lint") == (True, "")
    passed, output = check(copy, "relay")
    assert not passed
    assert "Feed.js" in output
