"""Terms of a cost: what is known from the document is computed once, and the rest needs the values of variables."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

MAX_COST = 1e12
"""The largest cost of a list. Larger ones are not distinguished, so that no product overflows."""
MAX_SIZE = 1e6
"""The largest size of a list. Larger ones are not distinguished."""

Variables = Mapping[str, Any]

Condition = tuple[str, bool]
"""A Boolean variable of `@include` or `@skip`, and the value with which the selection is included."""
Conditions = frozenset[Condition]
"""Conditions that have to hold together."""
ALWAYS: Conditions = frozenset()


class CostTerm(Protocol):
    """A part of a cost that depends on variables."""

    def value(self, variables: Variables) -> float: ...


class ArgumentSize(NamedTuple):
    """The size of a list: the value of a variable, or a constant. A list as a value has the size of its length."""

    constant: float
    """The size if there is no variable, or if it has no value."""
    variable: str | None = None
    null: float = 0.0
    """The size if the variable is null: its default does not apply then, nor that of the argument."""

    def value(self, variables: Variables) -> float:
        """Returns the size. A value of another type is counted as none: graphql-core rejects it."""
        constant, variable, null = self
        if variable is None:
            return constant
        given = variables.get(variable)
        if given is None:
            return null if variable in variables else constant
        return float(given) if type(given) is int and 0 <= given <= MAX_SIZE else size_of(given, constant)


def size_of(value: Any, otherwise: float) -> float:
    """Returns the size that a value of an argument stands for. GraphQL accepts 20.0 as an integer, and 1 for [1]."""
    if isinstance(value, list | tuple):
        return min(len(value), MAX_SIZE)  # pyright: ignore[reportUnknownArgumentType] - items are not read
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 1.0 if isinstance(value, str) else otherwise
    return min(max(float(value), 0.0), MAX_SIZE) if abs(value) < MAX_COST else MAX_SIZE


class LargestSize(NamedTuple):
    """The largest of several sizes: a list with several slicing arguments."""

    sizes: tuple[ArgumentSize, ...]

    def value(self, variables: Variables) -> float:
        return max(size.value(variables) for size in self.sizes)


AnySize = ArgumentSize | LargestSize


class Sum(NamedTuple):
    """A constant plus terms."""

    constant: float
    terms: Sequence[CostTerm]

    def value(self, variables: Variables) -> float:
        total, terms = self
        for term in terms:
            total += term.value(variables)
        return total


class Product(NamedTuple):
    """The cost of an item, times the size of the list."""

    size: AnySize
    item: "float | CostTerm"

    def value(self, variables: Variables) -> float:
        size, item = self
        cost = size.value(variables) * (item if isinstance(item, int | float) else item.value(variables))
        return min(MAX_COST, cost)


class Largest(NamedTuple):
    """The largest of several terms: an object of one of several types."""

    terms: "Sequence[float | CostTerm]"

    def value(self, variables: Variables) -> float:
        return max(valued(term, variables) for term in self.terms)


class Guarded(NamedTuple):
    """A term that counts if all conditions of one of `alternatives` hold.

    `defaults` are those of the operation's variables. Without a value, a condition holds.
    """

    alternatives: tuple[Conditions, ...]
    defaults: Mapping[str, bool]
    term: "float | CostTerm"

    def value(self, variables: Variables) -> float:
        if any(self._hold(conditions, variables) for conditions in self.alternatives):
            return valued(self.term, variables)
        return 0.0

    def _hold(self, conditions: Conditions, variables: Variables) -> bool:
        return all(
            variables.get(name, self.defaults.get(name, expected)) is not (not expected)
            for name, expected in conditions
        )


def valued(term: "float | CostTerm", variables: Variables) -> float:
    """Returns the value of a term, or the constant itself."""
    return term if isinstance(term, int | float) else term.value(variables)


def added(terms: "Sequence[float | CostTerm]") -> "float | CostTerm":
    """Returns the sum of constants and terms: a constant if no variable is needed."""
    constant, others = 0.0, list[CostTerm]()
    for term in terms:
        if isinstance(term, int | float):
            constant += term
        elif isinstance(term, Sum):
            constant += term.constant
            others += term.terms
        else:
            others.append(term)
    return Sum(constant, tuple(others)) if others else constant


def multiplied(size: AnySize, item: "float | CostTerm") -> "float | CostTerm":
    """Returns the cost of a list."""
    if item == 0.0:
        return 0.0
    product = Product(size, item)
    is_constant = isinstance(size, ArgumentSize) and size.variable is None and isinstance(item, int | float)
    return product.value({}) if is_constant else product


def largest(terms: "Sequence[float | CostTerm]") -> "float | CostTerm":
    """Returns the largest of terms, computed now as far as possible."""
    constant = max((term for term in terms if isinstance(term, int | float)), default=0.0)
    others = [term for term in terms if not isinstance(term, int | float)]
    return Largest((constant, *others)) if others else constant
