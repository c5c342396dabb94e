"""Generator of the variables of a document, and of literals that may contain them."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    Undefined,
)

from tests.engine.support.chance import Chance
from tests.engine.support.inputs import json_value, leaf_literal, wrong_value
from tests.engine.support.kinds import is_hard, is_input_object, is_list, non_null


@dataclass
class Variable:
    """One variable, which is the same in all operations of a document."""

    name: str
    type: Any
    default: str | None

    def __str__(self) -> str:
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


@dataclass
class Used:
    """The variables and fragments that a part of a document uses."""

    variables: set[str] = field(default_factory=set[str])
    fragments: set[str] = field(default_factory=set[str])


class Literals:
    """Writes the values of arguments."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.variables: dict[str, Variable] = {}

    def arguments(self, args: dict[str, GraphQLArgument], used: Used) -> str:
        """Returns arguments in any order, without some of the optional ones."""
        arguments = [
            f"{name}: {self.value(arg, used)}"
            for name, arg in self.chance.some(list(args.items()), len(args))
            if (is_hard(arg.type) and arg.default_value is Undefined) or self.chance.happens(0.7)
        ]
        return f"({', '.join(arguments)})" if arguments else ""

    def value(self, target: GraphQLArgument | GraphQLInputField, used: Used, *, hard: bool = False) -> str:
        """Returns a value for an argument or an input field: a variable or a literal."""
        type_ = non_null(target.type) if hard else target.type
        if self.chance.happens(0.35):
            return self.variable(type_, used, defaulted=target.default_value not in (Undefined, None), strict=hard)
        return self.literal(type_, used)

    def literal(self, type_: Any, used: Used) -> str:
        chance = self.chance
        if is_hard(type_):
            type_ = type_.of_type
        elif chance.happens(0.1):
            return "null"
        if is_hard(type_):
            type_ = type_.of_type
        if is_list(type_):
            if chance.happens(0.15) and "[" not in str(type_.of_type):
                return self.literal(non_null(type_.of_type), used)
            items = [
                self.variable(type_.of_type, used) if chance.happens(0.2) else self.literal(type_.of_type, used)
                for _ in range(chance.below(3))
            ]
            return f"[{', '.join(items)}]"
        if is_input_object(type_):
            return self._object(type_, used)
        return leaf_literal(chance, type_.name)

    def _object(self, type_: GraphQLInputObjectType, used: Used) -> str:
        fields = type_.fields
        if type_.is_one_of:
            name = self.chance.pick(list(fields))
            return f"{{{name}: {self.value(fields[name], used, hard=True)}}}"
        values = [
            f"{name}: {self.value(inner, used)}"
            for name, inner in self.chance.some(list(fields.items()), len(fields))
            if (is_hard(inner.type) and inner.default_value is Undefined) or self.chance.happens(0.6)
        ]
        return f"{{{', '.join(values)}}}"

    def variable(self, type_: Any, used: Used, *, defaulted: bool = False, strict: bool = False) -> str:
        """Returns a variable that validation accepts for the type. Its value may still be null at execution."""
        chance = self.chance
        default = None
        if is_hard(type_) and not strict and (defaulted or chance.happens(0.3)):
            # Valid, because there is a default. But an explicit null passes validation and fails at execution.
            type_ = type_.of_type
            default = None if defaulted and chance.happens(0.5) else self.constant(non_null(type_))
        elif not is_hard(type_) and chance.happens(0.2):
            type_ = non_null(type_)
        if default is None and chance.happens(0.2):
            default = self.constant(type_)
        same = [name for name, known in self.variables.items() if known.type == type_ or str(known.type) == str(type_)]
        same = [name for name in same if default is None or self.variables[name].default not in (None, "null")]
        if same and chance.happens(0.5):
            name = chance.pick(same)
        else:
            name = f"v{len(self.variables)}"
            self.variables[name] = Variable(name, type_, default)
        used.variables.add(name)
        return f"${name}"

    def constant(self, type_: Any) -> str:
        """Returns a literal without variables."""
        apart = Literals(Chance(self.chance.bits()))
        for _ in range(8):
            text = apart.literal(type_, Used())
            if "$" not in text:
                return text
        return self._plain(type_)

    def _plain(self, type_: Any) -> str:
        if is_hard(type_):
            type_ = type_.of_type
        if is_list(type_):
            return "[]"
        if not is_input_object(type_):
            return leaf_literal(self.chance, type_.name)
        fields = type_.fields
        needed = [name for name, inner in fields.items() if is_hard(inner.type)]
        names = needed if not type_.is_one_of else list(fields)[:1]
        return f"{{{', '.join(f'{name}: {self._plain(fields[name].type)}' for name in names)}}}"

    def values(self, *, sloppy: bool) -> dict[str, Any]:
        """Returns values for the variables. With `sloppy`, some of them are invalid."""
        chance = self.chance
        values: dict[str, Any] = {}
        for name, variable in self.variables.items():
            if sloppy and chance.happens(0.4):
                values[name] = wrong_value(chance)
            elif variable.default is not None and chance.happens(0.4):
                continue
            elif not is_hard(variable.type) and chance.happens(0.3):
                if chance.happens(0.5):
                    values[name] = None
            else:
                values[name] = json_value(chance, variable.type)
        return values
