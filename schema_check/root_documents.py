"""Compares the documents in the root of an operations folder with the operations of the app versions.

An app's build copies the operations of such documents into the manifest of its version, so the root documents need no
check of their own as long as the manifests contain their operations.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from graphql import DocumentNode, print_ast

from schema_check.folders import texts_of
from schema_check.manifests import ManifestError, ManifestOperation, read_graphql_files


def uncovered_documents(paths: Sequence[Path], operations: Iterable[ManifestOperation]) -> list[Path]:
    """Returns the documents that cannot be read, and those with an operation that is not among `operations`."""
    texts = {str(path): text for path in paths if (text := _read(path)) is not None}
    try:
        root_operations = read_graphql_files(texts).operations
    except ManifestError:
        return list(paths)
    by_name: dict[str, set[str]] = {operation.name: set() for operation in root_operations}
    for operation in operations:
        if operation.name in by_name:
            by_name[operation.name].add(_normalized(operation.document))
    uncovered = {root.file for root in root_operations if _normalized(root.document) not in by_name[root.name]}
    return [path for path in paths if str(path) not in texts or str(path) in uncovered]


def _read(path: Path) -> str | None:
    """Returns the text of a document, or None when it is not valid GraphQL."""
    try:
        texts = texts_of({str(path): path})
        read_graphql_files(texts)
    except ManifestError:
        return None
    return texts[str(path)]


def _normalized(document: DocumentNode) -> str:
    """Returns the text of a document in which neither layout nor the order of definitions matters."""
    return "\n".join(sorted(print_ast(definition) for definition in document.definitions))
