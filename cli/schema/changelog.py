"""`bff schema changelog`."""

import argparse
import sys
from pathlib import Path

from cli.schema import inputs
from cli.schema.arguments import add_schemas
from cli.schema.failing import fails_with_two
from core.settings import Settings
from schema_check.changelog import update_changelog
from schema_check.changes import find_changes
from schema_check.schemas import find_schema_issues
from schema_check.wording import count_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schemas(parser)
    parser.add_argument("--file", type=Path, default=Path("CHANGELOG-schema.md"), metavar="FILE", help="which file")


@fails_with_two
def run(_settings: Settings, asked: argparse.Namespace) -> int:
    before, after = inputs.base(asked), inputs.head(asked)
    sys.stderr.writelines(f"bff: {issue}\n" for issue in find_schema_issues(before, after))
    path: Path = asked.file
    text = inputs.read_file(path) if path.exists() else ""
    changes = find_changes(before.schema, after.schema)
    updated = update_changelog(text, changes, after, inputs.today(asked))
    if updated != text:
        inputs.write_file(path, updated)
    sys.stdout.write(f"{path}: {count_of(len(changes), 'change')} between {before.name} and {after.name}\n")
    return 0
