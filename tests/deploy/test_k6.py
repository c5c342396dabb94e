"""The load tests for k6 are valid JavaScript, and send operations of the apps that the schema accepts."""

import re
import subprocess
from pathlib import Path

import pytest
from graphql import DocumentNode, OperationDefinitionNode, build_schema, parse, print_ast, validate

from tests.support.node import node_alone_or_skip
from tests.support.timing import HANG_SECONDS

FOLDER = Path(__file__).parents[2] / "deploy/k6"
SCRIPTS = sorted(FOLDER.glob("*.js"))
SCENARIOS = [script for script in SCRIPTS if "export const options" in script.read_text()]
DOCUMENTS = dict(
    re.findall(r"^export const ([A-Z_]+) = `([^`]*)`", (FOLDER / "documents.js").read_text(), re.MULTILINE)
)


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


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_valid_and_those_of_the_apps(name: str, project: Path) -> None:
    document = parse(DOCUMENTS[name])
    assert validate(build_schema((project / "schema.graphql").read_text()), document) == []
    definitions = definitions_of(
        *(parse(file.read_text()) for file in (project / "schema-operations").glob("*.graphql"))
    )
    assert {text for text in definitions_of(document) if text not in definitions} == set()


def definitions_of(*documents: DocumentNode) -> set[str]:
    return {print_ast(definition) for document in documents for definition in document.definitions}


def test_each_document_is_sent_with_its_name() -> None:
    """The name in a request has to be that of an operation of its document."""
    text = "\n".join(script.read_text() for script in SCRIPTS)
    sent = dict(re.findall(r"send(?:Async)?\('(\w+)', ([A-Z_]+),", text))
    sent |= {name: constant for constant, name in re.findall(r"query: ([A-Z_]+),.*operationName: '(\w+)'", text)}
    operations = {
        definition.name.value: name
        for name, document in DOCUMENTS.items()
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
