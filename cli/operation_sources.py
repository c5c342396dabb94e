"""Finds the operation that an argument names: in a file, or in `schema-operations/`."""

import argparse
from pathlib import Path

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse

from core.errors import SettingsError
from core.project import PROJECT

OPERATIONS = PROJECT / "schema-operations"


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments `source` and `operation`."""
    parser.add_argument("source", metavar="OPERATION", help="a .graphql file, or an operation of schema-operations/")
    parser.add_argument("--operation", metavar="NAME", help="the operation, if the file contains several")


def find_operation(source: str, name: str | None) -> tuple[DocumentNode, str | None]:
    """Returns a document and the name of its operation. `source` is a file, or an operation of `schema-operations/`."""
    if source.endswith(".graphql"):
        return _parse(Path(source)), name
    documents = [_parse(file) for file in sorted(OPERATIONS.glob("*.graphql"))]
    document = next((document for document in documents if source in _names(document)), None)
    if document is None:
        known = ", ".join(sorted(known for document in documents for known in _names(document)))
        raise SettingsError(f"there is no operation '{source}'; give a file, or one of {known}")
    return document, source


def _parse(file: Path) -> DocumentNode:
    try:
        return parse(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read") from error
    except GraphQLError as error:
        raise SettingsError(f"{file}: {error.message}") from error


def _names(document: DocumentNode) -> list[str]:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return [operation.name.value for operation in operations if operation.name]
