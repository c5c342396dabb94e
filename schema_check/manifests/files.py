"""Operations as they are written by people: `.graphql` files, which share their fragments."""

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
    """One manifest of files by their names; each operation gets the fragments that it uses, from whatever file."""
    if sum(map(len, texts.values())) > MAX_BYTES:
        raise ManifestError(f"The files are larger than {MAX_BYTES // 1024 // 1024} MiB.")
    operations: list[tuple[str, OperationDefinitionNode]] = []
    fragments: dict[str, FragmentDefinitionNode] = {}
    empty = [file for file, text in texts.items() if _is_empty(text)]
    for file, text in texts.items():
        if file in empty:
            continue
        for node in parse_document(text, file).definitions:
            if isinstance(node, OperationDefinitionNode):
                operations.append((file, node))
            elif isinstance(node, FragmentDefinitionNode):
                if fragments.setdefault(node.name.value, node) != node:
                    raise ManifestError(f"The fragment {node.name.value!r} of {file} is defined differently elsewhere.")
            else:
                raise ManifestError(f"{file} holds definitions of a schema, not operations.")
    whole = [_whole(operation, fragments)._replace(file=file) for file, operation in operations]
    return Manifest("graphql", whole, [*_said_of_empty(empty), *_said_of_unused(whole, fragments)])


def _is_empty(text: str) -> bool:
    return all(not line.strip(" \t,") or line.lstrip(" \t,").startswith("#") for line in text.splitlines())


def _said_of_empty(files: Sequence[str]) -> list[str]:
    return [f"{', '.join(files)}: nothing but comments, so no operation was read."] if files else []


def _said_of_unused(whole: Sequence[ManifestOperation], fragments: Iterable[str]) -> list[str]:
    used = {
        node.name.value
        for each in whole
        for node in each.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    unused = sorted(set(fragments) - used)
    subject = "the fragment" if len(unused) == 1 else "the fragments"
    return [f"no operation uses {subject} {', '.join(unused)}, so that was not checked."] if unused else []


def _whole(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> ManifestOperation:
    used: dict[str, FragmentDefinitionNode] = {}
    waiting: list[ExecutableDefinitionNode] = [operation]
    while waiting:
        for name in _spreads(waiting.pop()):
            if name not in used and name in fragments:
                used[name] = fragments[name]
                waiting.append(fragments[name])
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
    found = _Spreads()
    visit(node, found)
    return found.names
