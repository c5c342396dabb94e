"""`bff schema changelog`: writes changes of the schema to a file."""

import argparse
import sys
from pathlib import Path

from cli.schema import inputs
from cli.schema.arguments import add_schemas
from cli.schema.exit_status import exit_two_on_error
from core.settings import Settings
from schema_check.changelog import update_changelog
from schema_check.changes import find_changes
from schema_check.schemas import find_schema_issues
from schema_check.wording import count_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schemas(parser)
    parser.add_argument(
        "--file", type=Path, default=Path("CHANGELOG-schema.md"), metavar="FILE", help="the file to update"
    )


@exit_two_on_error
def run(_settings: Settings, options: argparse.Namespace) -> int:
    before, after = inputs.base(options), inputs.head(options)
    sys.stderr.writelines(f"bff: {issue}\n" for issue in find_schema_issues(before, after))
    path: Path = options.file
    text = inputs.read_file(path) if path.exists() else ""
    changes = find_changes(before.schema, after.schema)
    updated = update_changelog(text, changes, after, inputs.today(options))
    if updated != text:
        inputs.write_file(path, updated)
    sys.stdout.write(f"{path}: {count_of(len(changes), 'change')} between {before.name} and {after.name}\n")
    return 0
