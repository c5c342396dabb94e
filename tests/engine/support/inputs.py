"""Input types, literals and JSON values for arguments and variables, including invalid ones."""

from enum import Enum
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

from tests.engine.support.chance import Chance
from tests.engine.support.kinds import is_hard, is_input_object, is_list, list_of, non_null


class Shade(Enum):
    """The internal values of one of the enums."""

    LIGHT = "light"
    DARK = "dark"


def _fussy_out(value: Any) -> Any:
    """Serializes like a faulty custom scalar: raises, returns None or Undefined, or returns another type."""
    if value == "refused":
        raise ValueError("Fussy refuses this")
    if value == "refused with code":
        raise GraphQLError("Fussy refuses this", extensions={"code": "FUSSY"})
    return {"none": None, "undefined": Undefined, "list": [1, {"a": None}], "dict": {"b": 1, "a": 2.0}}.get(
        str(value), value
    )


def _fussy_in(value: Any) -> Any:
    if value == "refused":
        raise ValueError("Fussy refuses that")
    return ("fussy", value)


def _names(values: dict[str, Any]) -> Any:
    return tuple(sorted(values))


FUSSY = GraphQLScalarType("Fussy", coerce_output_value=_fussy_out, coerce_input_value=_fussy_in)
JSON = GraphQLScalarType("Json")
LEVEL = GraphQLEnumType("Level", {"LOW": 1, "HIGH": 2, "NONE": None})
SHADE = GraphQLEnumType("Shade", Shade)
SCALARS: list[GraphQLInputType] = [GraphQLInt, GraphQLFloat, GraphQLString, GraphQLBoolean, GraphQLID, FUSSY, JSON]
LEAVES: list[Any] = [*SCALARS, LEVEL, SHADE]

_LITERALS = {
    "Int": ["0", "7", "-1", "2147483647"],
    "Float": ["0.5", "3", "-1e3"],
    "String": ['"a"', '""', '"é \\n"', '"""block"""'],
    "Boolean": ["true", "false"],
    "ID": ['"x"', "12"],
    "Fussy": ['"ok"', "1"],
    "Json": ["{a: 1, b: [true, null]}", '"j"', "[1, 2.5]", "1"],
    "Level": ["LOW", "HIGH", "NONE"],
    "Shade": ["LIGHT", "DARK"],
}
_VALUES: dict[str, list[Any]] = {
    "Int": [0, 7, -1, 3.0],
    "Float": [0.5, 3],
    "String": ["a", ""],
    "Boolean": [True, False],
    "ID": ["x", 12],
    "Fussy": ["ok", 1],
    "Json": [{"a": 1}, [None], "j"],
    "Level": ["LOW", "HIGH", "NONE"],
    "Shade": ["LIGHT", "DARK"],
}
_WRONG: list[Any] = [
    "words", 2**40, 1.5, [[]], {"a": 1, "b": 2}, {}, None, "refused", ["LOW", 3], True, {"unknown": 1}, {"a": None},
]  # fmt: skip
INNER_DEFAULTS: dict[str, Any] = {"Int": 5, "Float": 0.25, "String": "d", "Boolean": False, "ID": "i", "Level": 1}


def wrapped(chance: Chance, type_: Any, hardness: float = 0.3) -> Any:
    """Returns the type in up to two lists. Each list and the type itself may be non-null."""
    hard = chance.happens(hardness)
    result = non_null(type_) if hard else type_
    for share in (0.3, 0.25):
        if not chance.happens(share):
            break
        result = list_of(result)
        result = non_null(result) if chance.happens(hardness) else result
    return result


def input_types(chance: Chance) -> list[GraphQLInputObjectType]:
    """Returns an input object, one that nests it, and a oneOf input object."""

    def field(of: Any) -> GraphQLInputField:
        type_ = wrapped(chance, of, 0.25)
        default = INNER_DEFAULTS.get(str(type_).rstrip("!"), Undefined) if chance.happens(0.4) else Undefined
        out_name = f"out_{chance.below(1000)}" if chance.happens(0.2) else None
        return GraphQLInputField(type_, default_value=default, out_name=out_name)

    names = ["a", "b", "c", "d"]
    flat = GraphQLInputObjectType("Flat", {name: field(chance.pick(LEAVES)) for name in names[: chance.between(1, 4)]})
    one = GraphQLInputObjectType(
        "Either",
        {
            "a": GraphQLInputField(GraphQLInt),
            "b": GraphQLInputField(GraphQLList(GraphQLString)),
            "c": GraphQLInputField(flat),
        },
        is_one_of=True,
    )
    out_type: Any = _names if chance.happens(0.3) else None
    deep = GraphQLInputObjectType("Deep", {"a": field(flat), "b": field(one), "c": field(LEVEL)}, out_type=out_type)
    return [flat, one, deep]


def arguments(chance: Chance, inputs: list[GraphQLInputObjectType]) -> dict[str, GraphQLArgument]:
    """Returns up to three arguments, some with defaults."""
    arguments: dict[str, GraphQLArgument] = {}
    for name in ("x", "y", "z")[: chance.pick((0, 0, 0, 0, 1, 1, 2, 3))]:
        of = chance.pick(inputs) if chance.happens(0.2) else chance.pick(LEAVES)
        type_ = wrapped(chance, of, 0.3)
        default = INNER_DEFAULTS.get(str(type_).rstrip("!"), Undefined) if chance.happens(0.5) else Undefined
        if default is Undefined and chance.happens(0.1) and not is_hard(type_):
            default = None
        out_name = f"named_{name}" if chance.happens(0.15) else None
        arguments[name] = GraphQLArgument(type_, default_value=default, out_name=out_name)
    return arguments


def leaf_literal(chance: Chance, name: str) -> str:
    return chance.pick(_LITERALS[name])


def json_value(chance: Chance, type_: Any) -> Any:
    """Returns a value of the type as a client sends it in the variables."""
    if is_hard(type_):
        return json_value(chance, type_.of_type)
    if is_list(type_):
        if chance.happens(0.15):
            return json_value(chance, non_null(type_.of_type))
        return [_json_or_null(chance, type_.of_type) for _ in range(chance.below(3))]
    if is_input_object(type_):
        fields = type_.fields
        if type_.is_one_of:
            name = chance.pick(list(fields))
            return {name: json_value(chance, fields[name].type)}
        return {
            name: _json_or_null(chance, field.type)
            for name, field in fields.items()
            if chance.happens(0.7) or (is_hard(field.type) and field.default_value is Undefined)
        }
    return chance.pick(_VALUES[type_.name])


def _json_or_null(chance: Chance, type_: Any) -> Any:
    return None if not is_hard(type_) and chance.happens(0.15) else json_value(chance, type_)


def wrong_value(chance: Chance) -> Any:
    return chance.pick(_WRONG)
