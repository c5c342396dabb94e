"""Whether fields that meet under one name are one field: FieldsInSetCanMerge of the specification.

graphql-core compares each two fields, and each two fragments, that meet. Here all that meet are looked at together, in
two passes, as Simon Adameit has shown ("Overlapping Fields Can Be Merged Fast", 2019): fields that may be of one object
have to be the same, with the same arguments; all others have to be of like types.
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
    """Two fields that cannot be one, and the names of the fields that they are in, where those meet, too."""

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
    """Of each operation, and of the fragments that operations use: others are refused anyway."""

    MAX_SELECTIONS = 20_000
    """Each is gone through a few times. More come only from types and fragments that were put together for it: there
    can be more combinations than could ever be looked at."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        excess = ValidationAbortedError("The document's fragments meet in too many ways. Ask for it in parts.")
        meeting = FieldCollector(context, self.MAX_SELECTIONS, excess)
        self._passes = [_Pass(meeting, _of_one_object, _Arguments().differ), _Pass(meeting, _all, _differ_in_type)]

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        root = Selections(node.selection_set, self.context.schema.get_root_type(node.operation))
        for each in self._passes:
            conflicts = list(each.conflicts([root], ()))
            for conflict in conflicts:
                self.report_error(GraphQLError(conflict.message, list(conflict.nodes)))
            if conflicts:
                return


class TrustedOverlappingFieldsRule(OverlappingFieldsRule):
    """For documents of people who mean well."""

    MAX_SELECTIONS = 1_000_000


class _Pass:
    """`apart` says which of the fields of one name have to be alike, and `difference` in what two of them are not."""

    def __init__(
        self,
        meeting: FieldCollector,
        apart: Callable[[list[CollectedField]], Sequence[list[CollectedField]]],
        difference: Callable[[CollectedField, CollectedField], str],
    ) -> None:
        self._meeting = meeting
        self._apart = apart
        self._difference = difference
        self._seen = set[frozenset[int]]()

    def conflicts(self, together: Sequence[Selections], path: tuple[str, ...]) -> Iterator[Conflict]:
        """The first of each name among what is selected of one object, and among what is within that."""
        key = frozenset(id(selections.node) for selections in together)
        if key in self._seen:
            return
        self._seen.add(key)
        above = path if len(together) > 1 else ()
        for name, fields in self._meeting.fields(together).items():
            for group in self._apart(fields):
                yield from self._of_group(group, (*above, name))

    def _of_group(self, group: Sequence[CollectedField], path: tuple[str, ...]) -> Iterator[Conflict]:
        self._meeting.count(len(group) - 1)
        first = group[0]
        for other in group[1:]:
            if reason := self._difference(first, other):
                yield Conflict(path, reason, (first.node, other.node))
                return
        inside = [selections for field in group if (selections := field.selections)]
        if inside:
            yield from self.conflicts(inside, path)


def _all(fields: list[CollectedField]) -> Sequence[list[CollectedField]]:
    return [fields]


def _of_one_object(fields: list[CollectedField]) -> Sequence[list[CollectedField]]:
    """Fields of an interface or a union may be of any object; those of two objects never are of one."""
    if len(fields) == 1:
        return [fields]
    objects: dict[str, list[CollectedField]] = {}
    others: list[CollectedField] = []
    for field in fields:
        parent = field.parent
        (objects.setdefault(parent.name, []) if isinstance(parent, GraphQLObjectType) else others).append(field)
    return [[*each, *others] for each in objects.values()] or [others]


class _Arguments:
    """Compared as they are written; each field is written once, since operations meet the same ones again."""

    def __init__(self) -> None:
        self._written: dict[int, dict[str, str]] = {}

    def differ(self, one: CollectedField, other: CollectedField) -> str:
        name, other_name = one.node.name.value, other.node.name.value
        if name != other_name:
            return f"'{name}' and '{other_name}' are different fields"
        return "" if self._of(one.node) == self._of(other.node) else "they have differing arguments"

    def _of(self, node: FieldNode) -> dict[str, str]:
        written = self._written.get(id(node))
        if written is None:
            written = {each.name.value: print_ast(sort_value_node(each.value)) for each in node.arguments or ()}
            self._written[id(node)] = written
        return written


def _differ_in_type(one: CollectedField, other: CollectedField) -> str:
    if _streamed(one.node) or _streamed(other.node):
        return "they have overlapping stream directives"
    if None in (one.type, other.type) or one.type is other.type or _form(one.type) == _form(other.type):
        return ""
    return f"they return conflicting types '{one.type}' and '{other.type}'"


def _streamed(node: FieldNode) -> bool:
    return any(directive.name.value == "stream" for directive in node.directives or ())


def _form(kind: Any) -> str:
    """How values of a type are written; of objects only that they are some, since their fields are looked at, too."""
    named = cast("Any", get_named_type(kind))
    return str(kind) if is_leaf_type(named) else str(kind).replace(str(named), "")
