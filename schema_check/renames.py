"""Guesses: what was taken away may have come back under another name. What was deprecated went on purpose."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, cast

from graphql import GraphQLArgument, GraphQLEnumValue, GraphQLField, GraphQLInputField, GraphQLSchema, GraphQLUnionType

from schema_check.changes import SchemaChange
from schema_check.changes.deprecations import reason_of
from schema_check.changes.walk import Element, elements

REMOVED = {"FIELD_REMOVED", "ARG_REMOVED", "VALUE_REMOVED_FROM_ENUM", "TYPE_REMOVED"}
ALIKE = 0.6
"""How much of two names, or of the members of two types, has to be the same."""


def guess_renames(changes: Sequence[SchemaChange], before: GraphQLSchema, after: GraphQLSchema) -> dict[str, str]:
    """From coordinates that are gone to those that look like them. One new element stands for one old."""
    removed = [change.coordinate for change in changes if change.code in REMOVED]
    if not removed:
        return {}
    old, new = dict(elements(before)), dict(elements(after))
    gone = [coordinate for coordinate in removed if coordinate in old and reason_of(old[coordinate]) is None]
    added = [coordinate for coordinate in new if coordinate not in old]
    found = sorted(
        ((likeness, was, now) for was in gone for likeness, now in _candidates(was, added, old, new)), reverse=True
    )
    guessed: dict[str, str] = {}
    for _, was, now in found:
        if was not in guessed and now not in guessed.values():
            guessed[was] = now
    return guessed


def _candidates(
    was: str, added: list[str], old: dict[str, Element], new: dict[str, Element]
) -> Iterator[tuple[float, str]]:
    for now in added:
        if type(old[was]) is type(new[now]) and _home(was) == _home(now):
            likeness = _likeness(was, now, old, new)
            if likeness >= ALIKE:
                yield likeness, now


def _likeness(was: str, now: str, old: dict[str, Element], new: dict[str, Element]) -> float:
    before, after = old[was], new[now]
    names = SequenceMatcher(None, _name(was).lower(), _name(now).lower()).ratio()
    if isinstance(before, GraphQLField | GraphQLArgument | GraphQLInputField):
        return (1 + names) / 2 if str(cast(Any, before).type) == str(cast(Any, after).type) else 0
    if isinstance(before, GraphQLEnumValue):
        return names
    then, since = _members(before), _members(after)
    return len(then & since) / len(then | since) if then | since else 0


def _members(kind: Element) -> set[str]:
    if isinstance(kind, GraphQLUnionType):
        return {each.name for each in kind.types}
    return set(getattr(kind, "fields", None) or getattr(kind, "values", None) or ())


def _name(coordinate: str) -> str:
    return coordinate.rstrip(":)").rpartition("(")[2].rpartition(".")[2]


def _home(coordinate: str) -> str:
    """What an element is in: candidates for a field are the fields of its type."""
    return coordinate.removesuffix(":)").removesuffix(_name(coordinate))
