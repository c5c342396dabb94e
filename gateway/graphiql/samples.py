"""Variables to begin with, as JSON with comments: what GraphiQL's editor of variables takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
    visit,
)

_SCALARS = {"Int": 10, "Float": 1.0, "Boolean": True}
_ID_HINT = "An id from an earlier answer."


@dataclass(frozen=True, slots=True)
class _Blank:
    """An empty text, with a comment before it that says what belongs there."""

    comment: str


class Samples:
    """Makes variables for the operations of one schema.

    `values` are by the name of a variable or of an input's field, alone or after the operation's name and a dot.
    """

    def __init__(self, schema: GraphQLSchema, values: Mapping[str, Any]) -> None:
        self._schema = schema
        self._values = values

    def variables(self, operation: OperationDefinitionNode) -> str:
        """A value for each variable that must be given; an empty text when none must."""
        described = _descriptions(self._schema, operation)
        prefix = operation.name.value if operation.name else ""
        sample = {
            name: self._sample(prefix, name, type_from_ast(self._schema, definition.type), described.get(name))
            for definition in operation.variable_definitions or ()
            if isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
            for name in [definition.variable.name.value]
        }
        return "\n".join(_lines(sample)) if sample else ""

    def _sample(self, operation: str, name: str, of: Any, description: str | None) -> Any:
        if is_non_null_type(of):
            return self._sample(operation, name, of.of_type, description)
        for key in (f"{operation}.{name}", name):
            if key in self._values:
                return self._values[key]
        if is_list_type(of):
            return []
        if is_enum_type(of):
            return next(iter(of.values))
        if is_input_object_type(of):
            return {
                key: self._sample(operation, key, field.type, field.description)
                for key, field in of.fields.items()
                if is_required_input_field(field)
            }
        return _SCALARS[of.name] if of.name in _SCALARS else _Blank(_comment(of.name, description))


def _comment(type_name: str, description: str | None) -> str:
    said = " ".join((description or "").split())
    if type_name != "ID":
        return said or type_name
    return said if said.startswith(_ID_HINT) else f"{_ID_HINT} {said}".rstrip()


def _descriptions(schema: GraphQLSchema, operation: OperationDefinitionNode) -> dict[str, str]:
    """What the schema says of the arguments that variables are given to."""
    info = TypeInfo(schema)
    found: dict[str, str] = {}

    class Reader(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            argument = info.get_argument()
            if argument is not None and argument.description:
                found.setdefault(node.name.value, argument.description)

    visit(operation, TypeInfoVisitor(info, Reader()))
    return found


def _lines(value: Mapping[str, Any], indent: str = "  ", end: str = "") -> list[str]:
    """The object's lines, the last with `end` behind it."""
    if not value:
        return ["{}" + end]
    lines = ["{"]
    for place, (key, each) in enumerate(value.items(), 1):
        comma = "," if place < len(value) else ""
        if isinstance(each, Mapping):
            first, *others = _lines(each, indent, comma)  # type: ignore[arg-type]
        elif isinstance(each, _Blank):
            lines.append(f"{indent}// {each.comment}")
            first, others = f'""{comma}', []
        else:
            first, others = orjson.dumps(each).decode() + comma, []
        lines += [f'{indent}"{key}": {first}', *(f"{indent}{other}" for other in others)]
    return [*lines, "}" + end]
