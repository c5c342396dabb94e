"""Turns generated documents into requests: with values that exist, with variables, by GET, and of several callers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    parse,
    parse_type,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from graphql.language import NameNode, VariableDefinitionNode, Visitor

from tests.engine.support.chance import Chance

_MAX_URL = 4000

Values = Mapping[str, Sequence[str]]
"""Values that exist, by the name of an argument or of an input field."""


class FuzzRequest(NamedTuple):
    """A document with the values of its variables, its caller (None if anonymous), and how it is sent."""

    text: str
    variables: dict[str, Any]
    handle: str | None
    method: str
    accept: str

    def parameters(self) -> dict[str, Any]:
        return {"query": self.text, **({"variables": self.variables} if self.variables else {})}

    def query_string(self) -> dict[str, str]:
        variables = {"variables": json.dumps(self.variables)} if self.variables else {}
        return {"query": self.text, **variables}


def request_of(schema: GraphQLSchema, text: str, number: int, values: Values) -> FuzzRequest:
    """Returns the request with a document. The same number gives the same request."""
    chance = Chance(number, "request")
    text, variables = _rewritten(schema, text, chance, values)
    handle = chance.pick(["ana", "ana", "ben", None])
    accept = chance.pick(["application/graphql-response+json", "application/json"])
    by_get = len(text) + len(str(variables)) < _MAX_URL // 3 and text.startswith(("{", "query")) and chance.happens(0.2)
    return FuzzRequest(text, variables, handle, "GET" if by_get else "POST", accept)


def _rewritten(schema: GraphQLSchema, text: str, chance: Chance, values: Values) -> tuple[str, dict[str, Any]]:
    try:
        document = parse(text)
    except GraphQLError:
        return text, {}
    info = TypeInfo(schema)
    rewriter = _Rewriter(info, chance, values)
    document = visit(document, TypeInfoVisitor(info, rewriter))
    return print_ast(rewriter.with_definitions(document)), rewriter.variables


class _Rewriter(Visitor):
    """Replaces texts by values that exist, and arguments by variables."""

    def __init__(self, info: TypeInfo, chance: Chance, values: Values) -> None:
        super().__init__()
        self._info = info
        self._chance = chance
        self._values = values
        self._uses_variables = chance.happens(0.4)
        self._definitions: list[VariableDefinitionNode] = []
        self.variables: dict[str, Any] = {}

    def enter_string_value(self, _node: StringValueNode, _key: Any, parent: Any, *_: Any) -> StringValueNode | None:
        owner = parent if isinstance(parent, ArgumentNode | ObjectFieldNode) else None
        name = owner.name.value if owner else "ids"
        known = self._values.get("id" if name.endswith("Id") else name)
        return StringValueNode(value=self._chance.pick(known)) if known and self._chance.happens(0.7) else None

    def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        kind: Any = self._info.get_input_type()
        if kind is None or not self._uses_variables or self._info.get_directive() is not None:
            return None
        name = NameNode(value=f"v{len(self._definitions)}")
        variable = VariableNode(name=name)
        self._definitions.append(VariableDefinitionNode(variable=variable, type=parse_type(str(kind)), directives=()))
        self.variables[name.value] = value_from_ast_untyped(node.value)
        return ArgumentNode(name=node.name, value=variable)

    def with_definitions(self, document: DocumentNode) -> DocumentNode:
        """Returns the document, whose only operation declares the variables."""
        definitions: list[DefinitionNode] = []
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode) and self._definitions:
                definitions.append(
                    OperationDefinitionNode(
                        operation=node.operation,
                        name=node.name,
                        variable_definitions=tuple(self._definitions),
                        directives=node.directives,
                        selection_set=node.selection_set,
                    )
                )
            else:
                definitions.append(node)
        return DocumentNode(definitions=tuple(definitions))
