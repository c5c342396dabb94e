"""Guesses renames: removed elements that resemble added ones. Deprecated elements are skipped."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, cast

from graphql import GraphQLArgument, GraphQLEnumValue, GraphQLField, GraphQLInputField, GraphQLSchema, GraphQLUnionType

from schema_check.changes import SchemaChange
from schema_check.changes.deprecations import reason_of
from schema_check.changes.walk import Element, elements

REMOVED = {"FIELD_REMOVED", "ARG_REMOVED", "VALUE_REMOVED_FROM_ENUM", "TYPE_REMOVED"}
MIN_SIMILARITY = 0.6
"""The minimum share that two names, or the members of two types, have in common."""


def guess_renames(changes: Sequence[SchemaChange], before: GraphQLSchema, after: GraphQLSchema) -> dict[str, str]:
    """Returns the likely new coordinate of each removed element. Each new element is used once."""
    removed = [change.coordinate for change in changes if change.code in REMOVED]
    if not removed:
        return {}
    old, new = dict(elements(before)), dict(elements(after))
    removed = [coordinate for coordinate in removed if coordinate in old and reason_of(old[coordinate]) is None]
    added = [coordinate for coordinate in new if coordinate not in old]
    pairs = sorted(
        ((similarity, was, now) for was in removed for similarity, now in _candidates(was, added, old, new)),
        reverse=True,
    )
    renames: dict[str, str] = {}
    for _, was, now in pairs:
        if was not in renames and now not in renames.values():
            renames[was] = now
    return renames


def _candidates(
    was: str, added: list[str], old: dict[str, Element], new: dict[str, Element]
) -> Iterator[tuple[float, str]]:
    for now in added:
        if type(old[was]) is type(new[now]) and _parent(was) == _parent(now):
            similarity = _similarity(was, now, old, new)
            if similarity >= MIN_SIMILARITY:
                yield similarity, now


def _similarity(was: str, now: str, old: dict[str, Element], new: dict[str, Element]) -> float:
    before, after = old[was], new[now]
    names = SequenceMatcher(None, _name(was).lower(), _name(now).lower()).ratio()
    if isinstance(before, GraphQLField | GraphQLArgument | GraphQLInputField):
        return (1 + names) / 2 if str(cast(Any, before).type) == str(cast(Any, after).type) else 0
    if isinstance(before, GraphQLEnumValue):
        return names
    old_members, new_members = _members(before), _members(after)
    union = old_members | new_members
    return len(old_members & new_members) / len(union) if union else 0


def _members(kind: Element) -> set[str]:
    if isinstance(kind, GraphQLUnionType):
        return {member.name for member in kind.types}
    return set(getattr(kind, "fields", None) or getattr(kind, "values", None) or ())


def _name(coordinate: str) -> str:
    return coordinate.rstrip(":)").rpartition("(")[2].rpartition(".")[2]


def _parent(coordinate: str) -> str:
    """Returns the coordinate without its last name. Only elements of the same parent are compared."""
    return coordinate.removesuffix(":)").removesuffix(_name(coordinate))
