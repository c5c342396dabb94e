"""Reads operations from `.graphql` files, which share their fragments."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    Visitor,
    print_ast,
    visit,
)

from schema_check.manifests.read import parse_document
from schema_check.manifests.types import MAX_BYTES, Manifest, ManifestError, ManifestOperation


def read_graphql_files(texts: Mapping[str, str]) -> Manifest:
    """Returns one manifest of all files. Each operation includes the fragments that it uses, from any of the files."""
    if sum(map(len, texts.values())) > MAX_BYTES:
        raise ManifestError(f"The files are larger than {MAX_BYTES // 1024 // 1024} MiB.")
    operations: list[tuple[str, OperationDefinitionNode]] = []
    fragments: dict[str, FragmentDefinitionNode] = {}
    empty_files = [file for file, text in texts.items() if _is_empty(text)]
    for file, text in texts.items():
        if file in empty_files:
            continue
        for node in parse_document(text, file).definitions:
            if isinstance(node, OperationDefinitionNode):
                operations.append((file, node))
            elif isinstance(node, FragmentDefinitionNode):
                if fragments.setdefault(node.name.value, node) != node:
                    raise ManifestError(f"Another file defines the fragment {node.name.value!r} of {file} differently.")
            else:
                raise ManifestError(f"{file} contains schema definitions, not operations.")
    complete = [_complete(operation, fragments)._replace(file=file) for file, operation in operations]
    return Manifest("graphql", complete, [*_empty_warning(empty_files), *_unused_warning(complete, fragments)])


def _is_empty(text: str) -> bool:
    return all(not line.strip(" \t,") or line.lstrip(" \t,").startswith("#") for line in text.splitlines())


def _empty_warning(files: Sequence[str]) -> list[str]:
    return [f"{', '.join(files)}: no operation was read, because there are only comments."] if files else []


def _unused_warning(operations: Sequence[ManifestOperation], fragments: Iterable[str]) -> list[str]:
    used = {
        node.name.value
        for operation in operations
        for node in operation.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    unused = sorted(set(fragments) - used)
    subject = "fragment was" if len(unused) == 1 else "fragments were"
    return [f"the unused {subject} not checked: {', '.join(unused)}."] if unused else []


def _complete(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> ManifestOperation:
    used: dict[str, FragmentDefinitionNode] = {}
    unvisited: list[ExecutableDefinitionNode] = [operation]
    while unvisited:
        for name in _spreads(unvisited.pop()):
            if name not in used and name in fragments:
                used[name] = fragments[name]
                unvisited.append(fragments[name])
    document = DocumentNode(definitions=(operation, *(used[name] for name in sorted(used))))
    text = print_ast(document)
    name = operation.name.value if operation.name else ""
    return ManifestOperation(hashlib.sha256(text.encode()).hexdigest(), name, text, document)


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_args: object) -> None:
        self.names.append(node.name.value)


def _spreads(node: ExecutableDefinitionNode) -> list[str]:
    visitor = _Spreads()
    visit(node, visitor)
    return visitor.names
