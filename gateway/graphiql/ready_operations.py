"""Operations that are ready to run: those that apps send."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from graphql import (
    DocumentNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    parse,
    print_ast,
    separate_operations,
    validate,
)

from gateway.graphiql.samples import Samples


class OfferedOperation(TypedDict):
    """An operation as the page shows it: in a list by group, and in a tab when it is opened."""

    name: str
    kind: str
    group: str
    query: str
    variables: str


@dataclass(frozen=True, slots=True)
class ReadyOperation:
    """An operation with the fragments that it uses, and the name of the file that it is from."""

    group: str
    operation: OperationDefinitionNode
    query: str

    def offered(self, samples: Samples) -> OfferedOperation:
        name = self.operation.name
        return {
            "name": name.value if name else "(no name)",
            "kind": self.operation.operation.value,
            "group": self.group,
            "query": self.query,
            "variables": samples.variables(self.operation),
        }


def ready_operations(folder: Path, schema: GraphQLSchema) -> list[ReadyOperation]:
    """Those of a folder that the schema can answer, the screen that an app opens with first.

    Subscriptions are left out: the page sends an operation as one request and shows one answer.
    """
    files = sorted(folder.glob("*.graphql"), key=lambda file: (file.stem != "home", file.name))
    return [
        ReadyOperation(file.stem, operation, _text(document))
        for file in files
        for document in separate_operations(parse(file.read_text("utf-8"))).values()
        if (operation := _operation(document)).operation is not OperationType.SUBSCRIPTION
        and not validate(schema, document)
    ]


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def _text(document: DocumentNode) -> str:
    """The operation and its fragments as they stand in the file, their comments included."""
    operation = _operation(document)
    others = [node for node in document.definitions if node is not operation]
    return "\n\n".join(_written(node) for node in [operation, *others])


def _written(node: Node) -> str:
    if node.loc is None:
        return print_ast(node)
    first = node.loc.start_token
    while first.prev and first.prev.kind is TokenKind.COMMENT:
        first = first.prev
    return node.loc.source.body[first.start : node.loc.end]
