"""Operations that are ready to run: those that apps send, each in a tab of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import orjson
from graphql import (
    DocumentNode,
    GraphQLSchema,
    Node,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    parse,
    print_ast,
    separate_operations,
    type_from_ast,
    validate,
)

_SCALARS = {"Int": 10, "Float": 1.0, "Boolean": True}


class ReadyOperation(TypedDict):
    """A tab: a document with one operation and the fragments that it uses, and variables as JSON."""

    query: str
    variables: str


def ready_operations(folder: Path, schema: GraphQLSchema, values: Mapping[str, Any]) -> list[ReadyOperation]:
    """Those of a folder that the schema can answer, the screen that an app opens with first.

    Subscriptions are left out, since no transport serves them yet. `values` are for required variables and fields of
    inputs, by name.
    """
    files = sorted(folder.glob("*.graphql"), key=lambda file: (file.stem != "home", file.name))
    documents = [
        document for file in files for document in separate_operations(parse(file.read_text("utf-8"))).values()
    ]
    return [
        {"query": _text(document), "variables": _variables(schema, operation, values)}
        for document in documents
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


def _variables(schema: GraphQLSchema, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> str:
    """Something to begin with for each variable that must be given; nothing when none must."""
    required = {
        definition.variable.name.value: type_from_ast(schema, definition.type)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
    }
    samples = {name: _sample(name, of, values) for name, of in required.items()}
    return orjson.dumps(samples, option=orjson.OPT_INDENT_2).decode() if samples else ""


def _sample(name: str, of: Any, values: Mapping[str, Any]) -> Any:
    if is_non_null_type(of):
        return _sample(name, of.of_type, values)
    if name in values:
        return values[name]
    if is_list_type(of):
        return []
    if is_enum_type(of):
        return next(iter(of.values))
    if is_input_object_type(of):
        required = {key: field.type for key, field in of.fields.items() if is_required_input_field(field)}
        return {key: _sample(key, type_, values) for key, type_ in required.items()}
    return _SCALARS.get(of.name, "")
