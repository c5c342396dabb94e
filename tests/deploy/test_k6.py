"""The load tests for k6 are valid JavaScript, and send operations of the apps that the schema accepts."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from tests.support.node import node_alone_or_skip
from tests.support.timing import HANG_SECONDS

FOLDER = Path(__file__).parents[2] / "deploy/k6"
SCRIPTS = sorted(FOLDER.glob("*.js"))
SCENARIOS = [script for script in SCRIPTS if "export const options" in script.read_text()]
EXECUTED = """
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
globalThis.open = (file) => readFileSync(resolve(process.argv[2], file), 'utf8');
process.stdout.write(JSON.stringify(await import(process.argv[3])));
"""
"""Prints what a module of k6 exports. Node runs it with `open`, which k6 has."""


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Returns the documents that the scenarios send, by the names of their constants."""
    folder = tmp_path_factory.mktemp("k6")
    (folder / "documents.mjs").write_text((FOLDER / "documents.js").read_text())
    (folder / "print.mjs").write_text(EXECUTED)
    command = [node_alone_or_skip(), folder / "print.mjs", FOLDER, folder / "documents.mjs"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_scripts_are_javascript(script: Path, tmp_path: Path) -> None:
    module = tmp_path / f"{script.stem}.mjs"  # the ending says that it has imports
    module.write_text(script.read_text())
    command = [node_alone_or_skip(), "--check", module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_scripts_import_is_exported() -> None:
    for script in SCRIPTS:
        for names, source in re.findall(r"^import \{ ([^}]+) \} from '\./([^']+)';", script.read_text(), re.MULTILINE):
            exported = re.findall(
                r"^export (?:async )?(?:const|function) (\w+)", (FOLDER / source).read_text(), re.MULTILINE
            )
            assert set(names.split(", ")) <= set(exported), script.name


def test_the_documents_are_valid_and_complete(documents: dict[str, str], project: Path) -> None:
    schema = build_schema((project / "schema.graphql").read_text())
    assert len(documents) == 8
    assert [error.message for text in documents.values() for error in validate(schema, parse(text))] == []


def test_each_document_is_sent_with_its_name(documents: dict[str, str]) -> None:
    """The name in a request has to be that of an operation of its document."""
    text = "\n".join(script.read_text() for script in SCRIPTS)
    sent = dict(re.findall(r"send(?:Async)?\('(\w+)', ([A-Z_]+),", text))
    sent |= {name: constant for constant, name in re.findall(r"query: ([A-Z_]+),.*operationName: '(\w+)'", text)}
    operations = {
        definition.name.value: name
        for name, document in documents.items()
        for definition in parse(document).definitions
        if isinstance(definition, OperationDefinitionNode) and definition.name
    }
    assert sent == operations


def test_the_page_names_every_scenario_and_every_variable(project: Path) -> None:
    page = (project / "docs/load-testing.md").read_text()
    assert [script.name for script in SCENARIOS] == ["comments.js", "home-feed.js", "wallet-transfer.js"]
    assert all(f"(../deploy/k6/{script.name})" in page for script in SCENARIOS)
    read = {name for script in SCRIPTS for name in re.findall(r"__ENV\.([A-Z_]+)", script.read_text())}
    table = "\n".join(re.findall(r"^\| (`[A-Z_`, ]+`) \|", page, re.MULTILINE))
    assert set(re.findall(r"`([A-Z_]+)`", table)) == read
