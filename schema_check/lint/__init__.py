"""Checks a schema against rules, one per module. Only violations that a change adds are reported."""

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from graphql import GraphQLSchema

from schema_check.lint import bounded_lists, dated_deprecations, descriptions, mutation_results


class RuleSetting(StrEnum):
    """Says whether a rule is off, warns or fails."""

    OFF = "off"
    WARN = "warn"
    ERROR = "error"


class RuleViolation(NamedTuple):
    """Describes an element that violates a rule."""

    rule: str
    setting: RuleSetting
    coordinate: str
    message: str


Rule = Callable[[GraphQLSchema], Iterable[tuple[str, str]]]

RULES: Mapping[str, Rule] = {
    "descriptions": descriptions.find,
    "dated-deprecations": dated_deprecations.find,
    "bounded-lists": bounded_lists.find,
    "mutation-results": mutation_results.find,
}


def description_of(rule: str) -> str:
    """Returns the rule in a sentence: the docstring of its module."""
    return (sys.modules[RULES[rule].__module__].__doc__ or "").strip()


def find_new_violations(
    before: GraphQLSchema, after: GraphQLSchema, settings: Mapping[str, RuleSetting]
) -> list[RuleViolation]:
    """Returns the violations that only the later schema has. The default setting of a rule is to warn."""
    violations: list[RuleViolation] = []
    for name, rule in RULES.items():
        setting = settings.get(name, RuleSetting.WARN)
        if setting is not RuleSetting.OFF:
            old = set(rule(before))
            violations += [RuleViolation(name, setting, *new) for new in rule(after) if new not in old]
    return violations
