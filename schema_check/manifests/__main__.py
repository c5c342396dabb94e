"""Writes a manifest of documents: `python -m schema_check.manifests apollo FILE_OR_FOLDER… --output ios/4.2.0.json`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode

from schema_check.errors import SchemaCheckError
from schema_check.folders import contents_of, files_below, texts_of, unread_files_warning
from schema_check.manifests.files import read_graphql_files
from schema_check.manifests.formats import APOLLO
from schema_check.manifests.types import Manifest, ManifestOperation


def manifest(kind: str, operations: list[ManifestOperation]) -> dict[str, Any]:
    """Returns a manifest in Apollo's format, or as ids and documents. Ids are the SHA-256 of the documents."""
    if kind == "ids":
        return {operation.id: operation.text for operation in operations}
    entries = [{"id": one.id, "name": one.name, "type": _type(one), "body": one.text} for one in operations]
    return {"format": APOLLO, "version": 1, "operations": entries}


def _type(operation: ManifestOperation) -> str:
    node = next(node for node in operation.document.definitions if isinstance(node, OperationDefinitionNode))
    return node.operation.value


def _read(paths: Sequence[Path]) -> Manifest:
    """Returns the operations of files, and of all documents below folders. They share their fragments."""
    documents = [path for path in paths if not path.is_dir()]
    others: list[Path] = []
    for folder in (path for path in paths if path.is_dir()):
        files = files_below(folder)
        documents += files.documents
        others += [*files.manifests, *files.others]
    read = read_graphql_files(texts_of({str(path): path for path in documents}))
    return read._replace(warnings=[*read.warnings, *unread_files_warning(others, "not .graphql or .gql")])


def _write(text: str, output: Path | None) -> None:
    """Writes a new manifest. Raises when the file has other operations, since its version may be installed."""
    if output is None:
        sys.stdout.write(text)
        return
    if not output.exists():
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SchemaCheckError(f"{output} cannot be written: {error.strerror}.") from None
    elif contents_of(output).decode(errors="replace") != text:
        raise SchemaCheckError(
            f"{output} contains other operations and was not changed. Apps of a released version still send them, so "
            "write the changed operations to the manifest of the next version. Delete the file if it was not released."
        )


def main() -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m schema_check.manifests",
        description="Write a manifest with the operations of .graphql and .gql files.",
    )
    parser.add_argument("format", choices=["apollo", "ids"], help="Apollo's manifest, or a JSON object of ids")
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE", help="a document, or a folder of documents")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="a new file; an existing file with other operations is an error"
    )
    arguments = parser.parse_args()
    try:
        read = _read(arguments.paths)
        operations = sorted(read.operations, key=lambda operation: operation.name)
        text = json.dumps(manifest(arguments.format, operations), indent=2, ensure_ascii=False) + "\n"
        _write(text, arguments.output)
    except SchemaCheckError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    sys.stderr.writelines(f"{parser.prog}: {warning}\n" for warning in read.warnings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
