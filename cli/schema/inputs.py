"""Converts the arguments of `bff schema` to the inputs of the schema check."""

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
"""Environment variables in which CI systems give the target branch of a change."""


class InvalidOption(SchemaCheckError):
    """Raised for an option with an invalid value."""


def base(options: argparse.Namespace) -> LoadedSchema:
    return read_base(options.base, _place(options))


def head(options: argparse.Namespace) -> LoadedSchema:
    if options.head is not None:
        return read_schema(options.head, _place(options))
    from resolvers.schema import build_schema, print_sdl  # noqa: PLC0415 - imports the whole server, which is rarely needed

    return load_schema(print_sdl(build_schema()), "the schema of the code")


def head_path(options: argparse.Namespace) -> str:
    """Returns the file whose lines a report names: that of `--head`, or the schema's file in commits."""
    return options.head if options.head is not None and Path(options.head).is_file() else options.schema


def shipped(options: argparse.Namespace) -> ShippedOperations:
    if options.operations is None and not OPERATIONS.is_dir():
        return ShippedOperations()
    return read_shipped(options.operations or OPERATIONS)


def usage(options: argparse.Namespace) -> UsageExport | None:
    return None if options.usage is None else read_usage(read_file(options.usage))


def terms(options: argparse.Namespace, fail_on: str = "breaking") -> CheckPolicy:
    minimum = {app: numbers_of(version) for app, version in _pairs("--min-version", options.min_version)}
    return CheckPolicy(today(options), days(options), minimum, fail_on)


def days(options: argparse.Namespace) -> int:
    match = re.fullmatch(r"(\d{1,5})d", options.since, re.ASCII)
    if not match:
        raise InvalidOption(f"--since {options.since} is not a number of days such as 90d.")
    return int(match[1])


def today(options: argparse.Namespace) -> date:
    if options.today is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(options.today)
    except ValueError:
        raise InvalidOption(f"--today {options.today} is not a date such as 2026-11-25.") from None


def lint(options: argparse.Namespace) -> Mapping[str, RuleSetting]:
    settings: dict[str, RuleSetting] = {}
    for rule, level in _pairs("--lint", options.lint):
        if (rule != "all" and rule not in RULES) or level not in list(RuleSetting):
            known = f"{', '.join(RULES)} or all, and off, warn or error"
            raise InvalidOption(f"--lint {rule}={level} is unknown; use {known}.")
        settings |= dict.fromkeys(RULES if rule == "all" else [rule], RuleSetting(level))
    return settings


def read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidOption(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidOption(f"{path} is not UTF-8.") from None


def write_file(path: Path, text: str) -> None:
    _write(path, text, "w")


def append_to(path: Path, text: str) -> None:
    _write(path, text, "a")


def _write(path: Path, text: str, mode: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidOption(f"{path} cannot be written: {error.strerror}.") from None


def _place(options: argparse.Namespace) -> SourceLocation:
    branches = (options.environment.get(name) for name in TARGETS)
    return SourceLocation(Path.cwd(), options.schema, tuple(f"origin/{branch}" for branch in branches if branch))


def _pairs(option: str, values: Sequence[str]) -> list[tuple[str, str]]:
    parts = [value.partition("=") for value in values]
    for name, sign, value in parts:
        if not (name and sign and value):
            raise InvalidOption(f"{option} {name}{sign}{value} is not of the form name=value.")
    return [(name, value) for name, _, value in parts]
