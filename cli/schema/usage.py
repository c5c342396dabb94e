"""`bff schema usage export`: what the servers have seen, as the schema check reads it."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable

from cli.ready import open_migrated
from cli.schema import inputs
from core.errors import SettingsError
from core.settings import Settings
from schema_check.usage import FORMAT, MAX_BYTES
from services.usage import FieldUse, read_usage

UNKNOWN_APP, UNKNOWN_VERSION = "unknown", "0"
"""Whom the gate is told of when a client does not say who it is: `--min-version unknown=1` leaves them out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    exporting = parser.add_subparsers(required=True, metavar="ACTION").add_parser(
        "export", help="print field, app, version and day, for 'bff schema check --usage'"
    )
    exporting.set_defaults(run=run)
    exporting.add_argument("--since", default="90d", metavar="DAYS", help="up to the last day counted (default 90d)")


def run(settings: Settings, asked: argparse.Namespace) -> None:
    try:
        days = inputs.days(asked)
    except inputs.Wrong as error:
        raise SettingsError(str(error)) from None
    sys.stdout.write(asyncio.run(_export(settings, days)))


async def _export(settings: Settings, days: int) -> str:
    async with open_migrated(settings) as resources:
        usage = await read_usage(resources.database, days)
    if usage is None:
        raise SettingsError("nothing was counted yet: BFF_USAGE has to be on where 'bff serve' runs")
    if not usage.complete:
        sys.stderr.write("bff: some of what was sent was left out, so a field that is not listed may be in use\n")
    head = {"format": FORMAT, "version": 1, "from": str(usage.since), "until": str(usage.until)}
    said = json.dumps({**head, "complete": usage.complete})
    return f'{said[:-1]}, "fields": [\n{_lines(usage.fields)}\n]}}\n'


def _lines(fields: Iterable[FieldUse]) -> str:
    lines, letters = list[str](), 0
    for each in fields:
        lines.append(_line(each))
        letters += len(lines[-1]) + 2
        if letters > MAX_BYTES:
            raise SettingsError(
                f"this is larger than the {MAX_BYTES // 1024 // 1024} MiB that the gate reads; ask for fewer days"
            )
    return ",\n".join(lines)


def _line(each: FieldUse) -> str:
    said = {"coordinate": each.coordinate, "app": each.app or UNKNOWN_APP, "version": each.version or UNKNOWN_VERSION}
    return json.dumps({**said, "lastSeen": str(each.last_seen), "count": each.uses})
