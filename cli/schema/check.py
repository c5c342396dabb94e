"""`bff schema check`: reports which operations of shipped apps a schema change breaks."""

import argparse
import gc
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cli.schema import inputs
from cli.schema.arguments import add_apps, add_schemas
from cli.schema.exit_status import exit_two_on_error
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
"""Maximum length of the summary. GitHub accepts a mebibyte per step."""
MAX_COLLECTED = 500_000
"""Maximum objects that the garbage collector traverses at the end of the process."""
SHORTENED = ("text", "markdown", "github")
"""Formats that are shortened. The other formats are for programs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schemas(parser)
    add_apps(parser)
    parser.add_argument(
        "--approvals", type=Path, metavar="FILE", help="approved changes (default schema-approvals.toml)"
    )
    parser.add_argument("--format", choices=list(FORMATS), default="text", help="the output format (default text)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the complete report to this file")
    parser.add_argument(
        "--fail-on",
        choices=["breaking", "dangerous", "never"],
        default="breaking",
        help="exit with status 1 on such changes (default breaking)",
    )
    parser.add_argument(
        "--lint",
        action="append",
        default=[],
        metavar="RULE=LEVEL",
        help=f"off, warn or error for {', '.join(RULES)}, or all (default warn)",
    )
    parser.add_argument(
        "--if-base", action="store_true", help="skip the check if there is no repository or no main branch"
    )


@exit_two_on_error
def run(_settings: Settings, options: argparse.Namespace) -> int:
    with _no_collector():
        return _run(options)


@contextmanager
def _no_collector() -> Generator[None]:
    """Disables the garbage collector, which would take half of the time. Syntax trees live until the process exits."""
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MAX_COLLECTED:
            gc.freeze()
        gc.enable()


def _run(options: argparse.Namespace) -> int:
    before = _base(options)
    if before is None:
        return 0
    report = check(
        CheckInputs(
            before,
            inputs.head(options),
            inputs.shipped(options),
            inputs.usage(options),
            _approvals(options.approvals),
            inputs.terms(options, options.fail_on),
            inputs.lint(options),
        )
    )
    _print(report, options)
    return report.exit


def _base(options: argparse.Namespace) -> LoadedSchema | None:
    try:
        return inputs.base(options)
    except MissingBase as error:
        if not options.if_base or options.base is not None:
            raise
        sys.stdout.write(f"schema check skipped: {error}\n")
        return None


def _approvals(path: Path | None) -> list[Approval]:
    if path is None:
        return read_approvals(inputs.read_file(APPROVALS)) if APPROVALS.is_file() else []
    return read_approvals(inputs.read_file(path))


def _print(report: Report, options: argparse.Namespace) -> None:
    environment = options.environment
    colour = sys.stdout.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    style = Style(inputs.head_path(options), colour, short=options.format in SHORTENED)
    style = style._replace(full_report=_full_report(report, style, options))
    sys.stdout.write(FORMATS[options.format](report, style))
    summary = environment.get("GITHUB_STEP_SUMMARY")
    if options.format == "github" and summary:
        inputs.append_to(Path(summary), render_markdown(report, style)[:MAX_SUMMARY])
    if report.read.files and options.format not in ("text", "markdown"):
        sys.stderr.write(f"bff: {operation_counts(report)}\n")
    if options.format not in ("text", "github"):
        sys.stderr.writelines(f"bff: {error}\n" for error in report.errors)
        sys.stderr.writelines(f"bff: {warning}\n" for warning in report.warnings)


def _full_report(report: Report, style: Style, options: argparse.Namespace) -> str | None:
    """Writes the complete report to a file, if `--report` is given or the output is shortened. Returns the path."""
    path: Path | None = options.report
    if path is None and options.format not in SHORTENED:
        return None
    render = render_markdown if options.format == "github" else FORMATS[options.format]
    everything = render(report, style._replace(colour=False, short=False))
    if path is None:
        if render(report, style._replace(colour=False)) == everything:
            return None
        with tempfile.NamedTemporaryFile(prefix="bff-schema-check-", suffix=".txt", delete=False) as file:
            path = Path(file.name)
    inputs.write_file(path, everything)
    return str(path)
