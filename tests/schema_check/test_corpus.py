"""Tests the findings of each change in the corpus, and compares graphql-core and graphql-inspector."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from graphql import parse, validate
from graphql.utilities import BreakingChangeType, DangerousChangeType, SafeChangeType

from schema_check.advice import ADVICE
from schema_check.apps import ShippedOperations, ShippedVersion
from schema_check.changes import Severity
from schema_check.changes.graphql_core import SENTENCES, graphql_core_changes
from schema_check.check import CheckInputs, Report, check
from schema_check.live_operations import CheckPolicy
from schema_check.manifests import AppVersion, read_graphql_files
from schema_check.operations.index import AFFECTED_OPERATIONS
from schema_check.operations.rules import RULES
from schema_check.schemas import load_schema
from tests.schema_check.corpus import CASES, Case

FOLDER = Path(__file__).parent.parent.parent / "web/schema-checks"
OPERATIONS = Path(__file__).parent / "corpus/operations.graphql"
NAMES = [case.name for case in CASES]
LEVELS = {"BREAKING": "breaking", "DANGEROUS": "dangerous", "NON_BREAKING": "safe"}

Levels = dict[str, str]
"""The worst severity of each coordinate that is not safe."""


def report(case: Case) -> Report:
    shipped = ShippedVersion(
        AppVersion("ios", "4.2.0"), read_graphql_files({"operations.graphql": OPERATIONS.read_text()})
    )
    before, after = load_schema(case.before, "before"), load_schema(case.after, "after")
    return check(CheckInputs(before, after, ShippedOperations([shipped]), None, [], CheckPolicy(date(2026, 7, 15))))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_change_is_found_and_judged_by_who_uses_it(case: Case) -> None:
    found = report(case).findings
    ordered = sorted(found, key=lambda each: (each.change.severity.rank, each.change.coordinate, each.change.code))
    effects: dict[str, str] = {}
    for finding in found:
        for effect in finding.effects:
            if effects.get(effect.operation.name) != "broken":
                effects[effect.operation.name] = effect.effect
    assert [
        " ".join(filter(None, [each.change.severity, each.change.code, each.change.coordinate, each.change.member]))
        + f": {each.verdict}"
        for each in ordered
    ] == case.changes
    assert " ".join(sorted(name for name, effect in effects.items() if effect == "broken")) == case.broken
    assert " ".join(sorted(name for name, effect in effects.items() if effect == "affected")) == case.affected


def test_the_corpus_covers_every_kind_of_thing() -> None:
    assert len(CASES) > 120
    assert len(set(NAMES)) == len(CASES)
    codes = {change.split()[1] for case in CASES for change in case.changes}
    assert codes == set(AFFECTED_OPERATIONS)
    assert set(ADVICE) - set(AFFECTED_OPERATIONS) == {"OPERATION_INVALID"}


def test_everything_that_graphql_core_finds_is_understood() -> None:
    theirs = {each.name for kind in (BreakingChangeType, DangerousChangeType, SafeChangeType) for each in kind}
    assert theirs == set(SENTENCES)
    assert theirs - set(AFFECTED_OPERATIONS) == set()


def test_rules_that_remember_find_what_graphql_core_finds() -> None:
    document = parse(OPERATIONS.read_text())
    found = 0
    for case in CASES:
        schema = load_schema(case.after, "after").schema
        theirs = [(error.message, error.locations) for error in validate(schema, document)]
        assert [(error.message, error.locations) for error in validate(schema, document, RULES)] == theirs
        found += len(theirs)
    assert found > 50


@pytest.fixture(scope="module")
def inspected() -> list[Levels]:
    """Returns the severities that graphql-inspector reports for each case. It runs on Node."""
    if shutil.which("node") is None or not (FOLDER / "node_modules/@graphql-inspector").exists():
        reason = "the packages of web/schema-checks are not installed; 'make lint-schema' does, where Node is"
        assert not os.environ.get("TEST_REQUIRE_NODE"), reason
        pytest.skip(reason)
    done = subprocess.run(
        [shutil.which("node") or "node", "diff.js"],
        cwd=FOLDER,
        input=json.dumps([(case.before, case.after) for case in CASES]),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [
        worst((LEVELS[level], path.split(".@")[0]) for level, path, _ in changes) for changes in json.loads(done.stdout)
    ]


def worst(said: Iterable[tuple[str, str]]) -> Levels:
    found: Levels = {}
    for level, coordinate in said:
        if level != Severity.SAFE and found.get(coordinate) != Severity.BREAKING:
            found[coordinate] = level
    return found


def dotted(coordinate: str) -> str:
    """Returns the coordinate as graphql-inspector writes it: `Query.user.id`."""
    return coordinate.replace("(", ".").removesuffix(":)")


def test_it_agrees_with_graphql_core_and_graphql_inspector_where_they_agree(inspected: list[Levels]) -> None:
    unexplained: list[str] = []
    needless: list[str] = []
    for case, theirs in zip(CASES, inspected, strict=True):
        before, after = load_schema(case.before, "before"), load_schema(case.after, "after")
        core = worst(
            (change.severity, dotted(change.coordinate)) for change in graphql_core_changes(before.schema, after.schema)
        )
        ours = worst((each.change.severity, dotted(each.change.coordinate)) for each in report(case).findings)
        agreed = core == theirs == ours
        unexplained += [] if agreed or case.because else [f"{case.name}: {core} {theirs} {ours}"]
        needless += [case.name] if agreed and case.because else []
    assert unexplained == []
    assert needless == []
