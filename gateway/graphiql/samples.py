"""Creates sample variables as JSON with comments, which GraphiQL's editor accepts."""

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
_ID_HINT = "Copy the id from an earlier response."


@dataclass(frozen=True, slots=True)
class _Blank:
    """An empty text, with a comment before it that describes the value."""

    comment: str


class Samples:
    """Creates variables for operations of one schema.

    Keys of `values` are names of variables or input fields, with or without the name of the operation and a dot.
    """

    def __init__(self, schema: GraphQLSchema, values: Mapping[str, Any]) -> None:
        self._schema = schema
        self._values = values

    def variables(self, operation: OperationDefinitionNode) -> str:
        """Returns JSON with a value for each required variable, or an empty text if no variable is required."""
        described = _descriptions(self._schema, operation)
        prefix = operation.name.value if operation.name else ""
        sample = {
            name: self._sample(prefix, name, type_from_ast(self._schema, definition.type), described.get(name))
            for definition in operation.variable_definitions or ()
            if isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
            for name in [definition.variable.name.value]
        }
        return "\n".join(_lines(sample)) if sample else ""

    def _sample(self, operation: str, name: str, input_type: Any, description: str | None) -> Any:
        if is_non_null_type(input_type):
            return self._sample(operation, name, input_type.of_type, description)
        for key in (f"{operation}.{name}", name):
            if key in self._values:
                return self._values[key]
        if is_list_type(input_type):
            return []
        if is_enum_type(input_type):
            return next(iter(input_type.values))
        if is_input_object_type(input_type):
            return {
                key: self._sample(operation, key, field.type, field.description)
                for key, field in input_type.fields.items()
                if is_required_input_field(field)
            }
        return (
            _SCALARS[input_type.name] if input_type.name in _SCALARS else _Blank(_comment(input_type.name, description))
        )


def _comment(type_name: str, description: str | None) -> str:
    text = " ".join((description or "").split())
    if type_name != "ID":
        return text or type_name
    return text if "earlier response" in text else f"{text} {_ID_HINT}".lstrip()


def _descriptions(schema: GraphQLSchema, operation: OperationDefinitionNode) -> dict[str, str]:
    """Returns descriptions of the arguments in which variables are used, by variable."""
    info = TypeInfo(schema)
    descriptions: dict[str, str] = {}

    class Reader(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            argument = info.get_argument()
            if argument is not None and argument.description:
                descriptions.setdefault(node.name.value, argument.description)

    visit(operation, TypeInfoVisitor(info, Reader()))
    return descriptions


def _lines(value: Mapping[str, Any], indent: str = "  ", end: str = "") -> list[str]:
    """Returns the lines of an object. Appends `end` to the last one."""
    if not value:
        return ["{}" + end]
    lines = ["{"]
    for number, (key, item) in enumerate(value.items(), 1):
        comma = "," if number < len(value) else ""
        if isinstance(item, Mapping):
            first, *others = _lines(item, indent, comma)  # type: ignore[arg-type]
        elif isinstance(item, _Blank):
            lines.append(f"{indent}// {item.comment}")
            first, others = f'""{comma}', []
        else:
            first, others = orjson.dumps(item).decode() + comma, []
        lines += [f'{indent}"{key}": {first}', *(f"{indent}{other}" for other in others)]
    return [*lines, "}" + end]
