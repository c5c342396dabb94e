"""Validates that fields with one response name can be merged: FieldsInSetCanMerge of the specification.

graphql-core compares fields and fragments in pairs. This rule compares all fields of a name at once, in two passes, as
described by Simon Adameit ("Overlapping Fields Can Be Merged Fast", 2019). Fields that may belong to one object must be
the same field with the same arguments. All other fields must have types of the same shape.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node
from graphql.validation import ValidationContext, ValidationRule
from graphql.validation.validate import ValidationAbortedError

from gateway.documents.guard.collected_fields import CollectedField, FieldCollector, Selections


class Conflict(NamedTuple):
    """Two fields that cannot be merged. `path` contains their response name after those of merged parents."""

    path: tuple[str, ...]
    reason: str
    nodes: tuple[FieldNode, FieldNode]

    @property
    def message(self) -> str:
        where = " conflict because subfields ".join(f"'{name}'" for name in self.path)
        return (
            f"Fields {where} conflict because {self.reason}."
            " Use different aliases on the fields to fetch both if this was intentional."
        )


class OverlappingFieldsRule(ValidationRule):
    """Validates operations with their fragments. Another rule rejects unused fragments."""

    MAX_SELECTIONS = 20_000
    """Selections that are visited, counting repetitions. Only documents that are built to be slow have more: the number
    of combinations of fragments can grow exponentially."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        excess = ValidationAbortedError("The document has too many combinations of fragments. Split it.")
        collector = FieldCollector(context, self.MAX_SELECTIONS, excess)
        self._passes = [_Pass(collector, _of_one_object, _Arguments().differ), _Pass(collector, _all, _differ_in_type)]

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        root = Selections(node.selection_set, self.context.schema.get_root_type(node.operation))
        for each_pass in self._passes:
            conflicts = list(each_pass.conflicts([root], ()))
            for conflict in conflicts:
                self.report_error(GraphQLError(conflict.message, list(conflict.nodes)))
            if conflicts:
                return


class TrustedOverlappingFieldsRule(OverlappingFieldsRule):
    """Validates registered documents, with a higher limit."""

    MAX_SELECTIONS = 100_000


class _Pass:
    """Compares fields of one name: `group` returns the groups to compare, and `difference` compares two fields."""

    def __init__(
        self,
        collector: FieldCollector,
        group: Callable[[list[CollectedField]], Sequence[list[CollectedField]]],
        difference: Callable[[CollectedField, CollectedField], str],
    ) -> None:
        self._collector = collector
        self._group = group
        self._difference = difference
        self._visited = set[frozenset[int]]()

    def conflicts(self, merged: Sequence[Selections], path: tuple[str, ...]) -> Iterator[Conflict]:
        """Yields the first conflict of each name in selection sets of one object, and in their subfields."""
        key = frozenset(id(selections.node) for selections in merged)
        if key in self._visited:
            return
        self._visited.add(key)
        parents = path if len(merged) > 1 else ()
        for name, fields in self._collector.collect(merged).items():
            for fields_of_group in self._group(fields):
                yield from self._of_group(fields_of_group, (*parents, name))

    def _of_group(self, group: Sequence[CollectedField], path: tuple[str, ...]) -> Iterator[Conflict]:
        self._collector.count(len(group) - 1)
        first = group[0]
        for other in group[1:]:
            if reason := self._difference(first, other):
                yield Conflict(path, reason, (first.node, other.node))
                return
        subfields = [selections for field in group if (selections := field.selections)]
        if subfields:
            yield from self.conflicts(subfields, path)


def _all(fields: list[CollectedField]) -> Sequence[list[CollectedField]]:
    return [fields]


def _of_one_object(fields: list[CollectedField]) -> Sequence[list[CollectedField]]:
    """Groups fields by object type. Fields of interfaces and unions belong to each group."""
    if len(fields) == 1:
        return [fields]
    objects: dict[str, list[CollectedField]] = {}
    others: list[CollectedField] = []
    for field in fields:
        parent = field.parent
        (objects.setdefault(parent.name, []) if isinstance(parent, GraphQLObjectType) else others).append(field)
    return [[*group, *others] for group in objects.values()] or [others]


class _Arguments:
    """Compares arguments as printed text. Each field is printed once, because operations share fragments."""

    def __init__(self) -> None:
        self._printed: dict[int, dict[str, str]] = {}

    def differ(self, one: CollectedField, other: CollectedField) -> str:
        name, other_name = one.node.name.value, other.node.name.value
        if name != other_name:
            return f"'{name}' and '{other_name}' are different fields"
        return "" if self._of(one.node) == self._of(other.node) else "they have differing arguments"

    def _of(self, node: FieldNode) -> dict[str, str]:
        printed = self._printed.get(id(node))
        if printed is None:
            printed = {
                argument.name.value: print_ast(sort_value_node(argument.value)) for argument in node.arguments or ()
            }
            self._printed[id(node)] = printed
        return printed


def _differ_in_type(one: CollectedField, other: CollectedField) -> str:
    if _streamed(one.node) or _streamed(other.node):
        return "they have overlapping stream directives"
    if None in (one.type, other.type) or one.type is other.type or _shape(one.type) == _shape(other.type):
        return ""
    return f"they return conflicting types '{one.type}' and '{other.type}'"


def _streamed(node: FieldNode) -> bool:
    return any(directive.name.value == "stream" for directive in node.directives or ())


def _shape(kind: Any) -> str:
    """Returns the shape of a type. Only leaf types keep their name: the fields of objects are compared separately."""
    named = cast("Any", get_named_type(kind))
    return str(kind) if is_leaf_type(named) else str(kind).replace(str(named), "")
