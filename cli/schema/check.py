"""`bff schema check`."""

import argparse
import gc
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cli.schema import inputs
from cli.schema.arguments import add_apps, add_schemas
from cli.schema.failing import fails_with_two
from core.settings import Settings
from schema_check.approvals import Approval, read_approvals
from schema_check.check import CheckInputs, Report, check
from schema_check.formats import FORMATS, Style
from schema_check.formats.markdown import render as render_markdown
from schema_check.formats.style import operation_counts
from schema_check.git import MissingBase
from schema_check.lint import RULES
from schema_check.schemas import LoadedSchema

APPROVALS = Path("schema-approvals.toml")
MAX_SUMMARY = 900_000
"""GitHub takes a mebibyte of summary from a step."""
MANY = 500_000
"""Objects that not even the end of the process should look through."""
CUT = ("text", "markdown", "github")
"""Formats that are shortened; the others are for machines."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schemas(parser)
    add_apps(parser)
    parser.add_argument(
        "--approvals", type=Path, metavar="FILE", help="changes that may pass (default schema-approvals.toml)"
    )
    parser.add_argument("--format", choices=list(FORMATS), default="text", help="how to print it (default text)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write all of it here, however long it is")
    parser.add_argument(
        "--fail-on", choices=["breaking", "dangerous", "never"], default="breaking", help="exit 1 on it"
    )
    parser.add_argument(
        "--lint",
        action="append",
        default=[],
        metavar="RULE=LEVEL",
        help=f"off, warn or error for {', '.join(RULES)}, or all (default warn)",
    )
    parser.add_argument(
        "--if-base", action="store_true", help="pass, and say so, when there is no repository or no main branch"
    )


@fails_with_two
def run(_settings: Settings, asked: argparse.Namespace) -> int:
    with _no_collector():
        return _run(asked)


@contextmanager
def _no_collector() -> Generator[None]:
    """Trees of syntax are almost all there is, and live to the end; looking through them takes half of the time."""
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MANY:
            gc.freeze()
        gc.enable()


def _run(asked: argparse.Namespace) -> int:
    before = _base(asked)
    if before is None:
        return 0
    report = check(
        CheckInputs(
            before,
            inputs.head(asked),
            inputs.shipped(asked),
            inputs.usage(asked),
            _approvals(asked.approvals),
            inputs.terms(asked, asked.fail_on),
            inputs.lint(asked),
        )
    )
    _print(report, asked)
    return report.exit


def _base(asked: argparse.Namespace) -> LoadedSchema | None:
    try:
        return inputs.base(asked)
    except MissingBase as error:
        if not asked.if_base or asked.base is not None:
            raise
        sys.stdout.write(f"schema check skipped: {error}\n")
        return None


def _approvals(path: Path | None) -> list[Approval]:
    if path is None:
        return read_approvals(inputs.read_file(APPROVALS)) if APPROVALS.is_file() else []
    return read_approvals(inputs.read_file(path))


def _print(report: Report, asked: argparse.Namespace) -> None:
    environment = asked.environment
    colour = sys.stdout.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    style = Style(asked.schema, colour, short=asked.format in CUT)
    style = style._replace(full_report=_whole(report, style, asked))
    sys.stdout.write(FORMATS[asked.format](report, style))
    summary = environment.get("GITHUB_STEP_SUMMARY")
    if asked.format == "github" and summary:
        inputs.append_to(Path(summary), render_markdown(report, style)[:MAX_SUMMARY])
    if report.read.files and asked.format not in ("text", "markdown"):
        sys.stderr.write(f"bff: {operation_counts(report)}\n")
    if asked.format not in ("text", "github"):
        sys.stderr.writelines(f"bff: {error}\n" for error in report.errors)
        sys.stderr.writelines(f"bff: {warning}\n" for warning in report.warnings)


def _whole(report: Report, style: Style, asked: argparse.Namespace) -> str | None:
    """The file that holds all of a report, when what is shown does not, or when it is asked for."""
    path: Path | None = asked.report
    if path is None and asked.format not in CUT:
        return None
    render = render_markdown if asked.format == "github" else FORMATS[asked.format]
    everything = render(report, style._replace(colour=False, short=False))
    if path is None:
        if render(report, style._replace(colour=False)) == everything:
            return None
        with tempfile.NamedTemporaryFile(prefix="bff-schema-check-", suffix=".txt", delete=False) as made:
            path = Path(made.name)
    inputs.write_file(path, everything)
    return str(path)
