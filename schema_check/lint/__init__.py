"""Rules that a schema should keep, one module each. Only what a change adds is found: the past is not its issue."""

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from graphql import GraphQLSchema

from schema_check.lint import bounded_lists, dated_deprecations, descriptions, mutation_results


class RuleSetting(StrEnum):
    """How much a rule matters."""

    OFF = "off"
    WARN = "warn"
    ERROR = "error"


class RuleViolation(NamedTuple):
    """Where a rule is not kept."""

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


def says(rule: str) -> str:
    """The rule in a sentence, which is what its module says."""
    return (sys.modules[RULES[rule].__module__].__doc__ or "").strip()


def find_new_violations(
    before: GraphQLSchema, after: GraphQLSchema, settings: Mapping[str, RuleSetting]
) -> list[RuleViolation]:
    """What the later schema has and the earlier has not. A rule that no setting names warns."""
    found: list[RuleViolation] = []
    for name, rule in RULES.items():
        setting = settings.get(name, RuleSetting.WARN)
        if setting is not RuleSetting.OFF:
            old = set(rule(before))
            found += [RuleViolation(name, setting, *each) for each in rule(after) if each not in old]
    return found
