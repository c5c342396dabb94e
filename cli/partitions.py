"""`bff partitions`: divides large tables into partitions by time, so that retention can drop them."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator

from cli.resources import open_migrated
from core.errors import SettingsError, Unavailable
from core.settings import Settings
from services.maintenance.partitions import TablePlan, apply_partitions, plan_partitions
from services.resources import Resources

_NONE = "SQLite does not partition tables: retention deletes rows one by one, and there is nothing to apply\n"
_MEBIBYTE = 1024**2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["plan", "apply"],
        help="plan: print what apply would do, and change nothing; apply: create partitions while servers and workers "
        "run, or continue after an interruption",
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="a table; without one, all that can have partitions")


def run(settings: Settings, options: argparse.Namespace) -> None:
    asyncio.run(_run(settings, options))


async def _run(settings: Settings, options: argparse.Namespace) -> None:
    async with open_migrated(settings) as resources:
        if not resources.database.dialect.partitions_tables:
            sys.stdout.write(_NONE)
        elif options.action == "plan":
            for plan in await plan_partitions(resources, options.tables):
                sys.stdout.writelines(f"{line}\n" for line in _lines(plan))
        else:
            await _apply(resources, options.tables)


async def _apply(resources: Resources, tables: list[str]) -> None:
    try:
        await apply_partitions(resources, tables, lambda line: sys.stdout.write(f"{line}\n"))
    except (SettingsError, Unavailable):
        sys.stdout.flush()
        raise


def _lines(plan: TablePlan) -> Iterator[str]:
    yield f"{plan.candidate.table}: about {plan.rows} rows, {plan.bytes / _MEBIBYTE:.1f} MiB with indexes"
    yield f"  retention deletes about {plan.daily:.0f} rows a day, after {plan.kept_days} days"
    if plan.existing:
        yield from _block("partitions:", plan.described(plan.existing))
    elif plan.obstacles:
        yield from _block("it cannot have partitions:", plan.obstacles)
    else:
        yield from _block(f"partitions of {plan.span_days} days would be made:", plan.described(plan.made))
        yield from _block("locks:", _locks(plan))
        yield f"  rows would be kept up to {plan.span_days} days longer, and dropped with their partition"
    effects = (f"{name}: {effect}" for name, effect in plan.candidate.statements.items())
    yield from _block("statements:", effects)


def _block(title: str, items: Iterable[str]) -> Iterator[str]:
    yield f"  {title}"
    yield from (f"    {item}" for item in items)


def _locks(plan: TablePlan) -> list[str]:
    table = plan.candidate.table
    return [
        f"ACCESS EXCLUSIVE on {table}, milliseconds: the table becomes a partition; no row is read",
        f"ACCESS EXCLUSIVE on {table}_first, milliseconds: a constraint is added that is not validated yet",
        f"SHARE UPDATE EXCLUSIVE on {table}_first, about {plan.scan_seconds:.1f} s: it is validated; clients write",
        f"ACCESS EXCLUSIVE on {table}, milliseconds: later partitions are attached; no row is read",
        "each ACCESS EXCLUSIVE lock waits at most 0.5 s, and is tried again 5 times",
    ]
