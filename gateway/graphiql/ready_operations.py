"""Reads operations of apps, which the page offers ready to run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from graphql import (
    DocumentNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    TokenKind,
    parse,
    print_ast,
    separate_operations,
    validate,
)

from gateway.graphiql.samples import Samples


class OfferedOperation(TypedDict):
    """An operation that the page lists by group, and opens in a tab."""

    name: str
    kind: str
    group: str
    query: str
    variables: str


@dataclass(frozen=True, slots=True)
class ReadyOperation:
    """An operation with its fragments, and the name of its file as its group."""

    group: str
    operation: OperationDefinitionNode
    query: str

    def offer(self, samples: Samples) -> OfferedOperation:
        name = self.operation.name
        return {
            "name": name.value if name else "(no name)",
            "kind": self.operation.operation.value,
            "group": self.group,
            "query": self.query,
            "variables": samples.variables(self.operation),
        }


def ready_operations(folder: Path, schema: GraphQLSchema) -> list[ReadyOperation]:
    """Returns the operations of a folder that are valid for the schema. `home` is the first file."""
    files = sorted(folder.glob("*.graphql"), key=lambda file: (file.stem != "home", file.name))
    return [
        ReadyOperation(file.stem, _operation(document), _text(document))
        for file in files
        for document in separate_operations(parse(file.read_text("utf-8"))).values()
        if not validate(schema, document)
    ]


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def _text(document: DocumentNode) -> str:
    """Returns the text of the operation and its fragments, with their comments."""
    operation = _operation(document)
    fragments = [node for node in document.definitions if node is not operation]
    return "\n\n".join(_source(node) for node in [operation, *fragments])


def _source(node: Node) -> str:
    if node.loc is None:
        return print_ast(node)
    first = node.loc.start_token
    while first.prev and first.prev.kind is TokenKind.COMMENT:
        first = first.prev
    return node.loc.source.body[first.start : node.loc.end]
