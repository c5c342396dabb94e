"""Writes a manifest of `.graphql` files: `python -m gate.manifests apollo FILE… > ios/4.2.0.json`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode

from gate.faults import GateError
from gate.manifests.files import read_graphql_files
from gate.manifests.formats import APOLLO
from gate.manifests.types import Operation


def manifest(kind: str, operations: list[Operation]) -> dict[str, Any]:
    """As Apollo's tools write it, or as ids and documents; ids are SHA-256 of the documents."""
    if kind == "ids":
        return {each.id: each.text for each in operations}
    entries = [{"id": each.id, "name": each.name, "type": _type(each), "body": each.text} for each in operations]
    return {"format": APOLLO, "version": 1, "operations": entries}


def _type(operation: Operation) -> str:
    node = next(each for each in operation.document.definitions if isinstance(each, OperationDefinitionNode))
    return node.operation.value


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m gate.manifests", description="Write a manifest of .graphql files.")
    parser.add_argument("format", choices=["apollo", "ids"])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    asked = parser.parse_args()
    try:
        read = read_graphql_files({file.name: file.read_text(encoding="utf-8") for file in asked.files})
    except (GateError, OSError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    operations = sorted(read.operations, key=lambda each: each.name)
    sys.stdout.write(json.dumps(manifest(asked.format, operations), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
