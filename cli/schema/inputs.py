"""From what somebody typed to what the gate works with."""

import argparse
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from schema_check.apps import ShippedOperations, read_shipped
from schema_check.errors import SchemaCheckError
from schema_check.lint import RULES, RuleSetting
from schema_check.live_operations import CheckPolicy
from schema_check.manifests.paths import numbers_of
from schema_check.schemas import LoadedSchema, load_schema
from schema_check.sources import SourceLocation, read_base, read_schema
from schema_check.usage import UsageExport, read_usage

OPERATIONS = Path("schema-operations")
TARGETS = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
"""Where CI says which branch a change is for."""


class Wrong(SchemaCheckError):
    """An option that cannot be understood."""


def base(asked: argparse.Namespace) -> LoadedSchema:
    return read_base(asked.base, _place(asked))


def head(asked: argparse.Namespace) -> LoadedSchema:
    if asked.head is not None:
        return read_schema(asked.head, _place(asked))
    from resolvers.schema import build_schema, print_sdl  # noqa: PLC0415 - it is the whole server, seldom needed here

    return load_schema(print_sdl(build_schema()), "the schema of the code")


def shipped(asked: argparse.Namespace) -> ShippedOperations:
    if asked.operations is None and not OPERATIONS.is_dir():
        return ShippedOperations()
    return read_shipped(asked.operations or OPERATIONS)


def usage(asked: argparse.Namespace) -> UsageExport | None:
    return None if asked.usage is None else read_usage(read_file(asked.usage))


def terms(asked: argparse.Namespace, fail_on: str = "breaking") -> CheckPolicy:
    minimum = {app: numbers_of(version) for app, version in _pairs("--min-version", asked.min_version)}
    return CheckPolicy(today(asked), days(asked), minimum, fail_on)


def days(asked: argparse.Namespace) -> int:
    found = re.fullmatch(r"(\d{1,5})d", asked.since, re.ASCII)
    if not found:
        raise Wrong(f"--since {asked.since} is no number of days like 90d.")
    return int(found[1])


def today(asked: argparse.Namespace) -> date:
    if asked.today is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(asked.today)
    except ValueError:
        raise Wrong(f"--today {asked.today} is no day like 2026-11-25.") from None


def lint(asked: argparse.Namespace) -> Mapping[str, RuleSetting]:
    made: dict[str, RuleSetting] = {}
    for rule, level in _pairs("--lint", asked.lint):
        if (rule != "all" and rule not in RULES) or level not in list(RuleSetting):
            known = f"{', '.join(RULES)} or all, and off, warn or error"
            raise Wrong(f"--lint {rule}={level} is not known; there are {known}.")
        made |= dict.fromkeys(RULES if rule == "all" else [rule], RuleSetting(level))
    return made


def read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Wrong(f"{path} is not UTF-8.") from None


def write_file(path: Path, text: str) -> None:
    _write(path, text, "w")


def append_to(path: Path, text: str) -> None:
    _write(path, text, "a")


def _write(path: Path, text: str, mode: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Wrong(f"{path} cannot be written: {error.strerror}.") from None


def _place(asked: argparse.Namespace) -> SourceLocation:
    branches = (asked.environment.get(name) for name in TARGETS)
    return SourceLocation(Path.cwd(), asked.schema, tuple(f"origin/{branch}" for branch in branches if branch))


def _pairs(option: str, given: Sequence[str]) -> list[tuple[str, str]]:
    made = [each.partition("=") for each in given]
    for name, sign, value in made:
        if not (name and sign and value):
            raise Wrong(f"{option} {name}{sign}{value} is not of the form name=value.")
    return [(name, value) for name, _, value in made]
