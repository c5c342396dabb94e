"""`bff schema usage export`: prints the usage that servers have counted, in the format of the schema check."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable

from cli.resources import open_migrated
from cli.schema import inputs
from core.errors import SettingsError
from core.settings import Settings
from schema_check.usage import FORMAT, MAX_BYTES
from services.usage import FieldUse, read_usage

UNKNOWN_APP, UNKNOWN_VERSION = "unknown", "0"
"""The app and version of clients that do not send their name. `--min-version unknown=1` leaves them out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    exporting = parser.add_subparsers(required=True, metavar="ACTION").add_parser(
        "export", help="print field, app, version and day, for 'bff schema check --usage'"
    )
    exporting.set_defaults(run=run)
    exporting.add_argument(
        "--since", default="90d", metavar="DAYS", help="the number of days up to the last counted day (default 90d)"
    )


def run(settings: Settings, options: argparse.Namespace) -> None:
    try:
        days = inputs.days(options)
    except inputs.InvalidOption as error:
        raise SettingsError(str(error)) from None
    sys.stdout.write(asyncio.run(_export(settings, days)))


async def _export(settings: Settings, days: int) -> str:
    async with open_migrated(settings) as resources:
        usage = await read_usage(resources.database, days)
    if usage is None:
        raise SettingsError("no usage was counted yet: BFF_USAGE must be on for 'bff serve'")
    if not usage.complete:
        sys.stderr.write("bff: some requests were not counted, so a field that is not listed may be in use\n")
    head = {"format": FORMAT, "version": 1, "from": str(usage.since), "until": str(usage.until)}
    opening = json.dumps({**head, "complete": usage.complete})
    return f'{opening[:-1]}, "fields": [\n{_lines(usage.fields)}\n]}}\n'


def _lines(fields: Iterable[FieldUse]) -> str:
    lines, size = list[str](), 0
    for field in fields:
        lines.append(_line(field))
        size += len(lines[-1]) + 2
        if size > MAX_BYTES:
            raise SettingsError(
                f"the export exceeds the {MAX_BYTES // 1024 // 1024} MiB that the schema check reads; use fewer days"
            )
    return ",\n".join(lines)


def _line(field: FieldUse) -> str:
    return json.dumps(
        {
            "coordinate": field.coordinate,
            "app": field.app or UNKNOWN_APP,
            "version": field.version or UNKNOWN_VERSION,
            "lastSeen": str(field.last_seen),
            "count": field.uses,
        }
    )
