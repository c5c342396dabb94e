"""`bff events`: lists, replays and discards dead letters, and gives up what is of a newer release."""

import argparse
import asyncio
import sys
from collections.abc import Iterable

from cli.discarding import discard, list_discarded
from cli.giving_up import give_up, give_up_all, list_unknown
from cli.resources import open_migrated
from core.errors import SettingsError
from core.ids import MAX_ID
from core.settings import Settings
from core.tracebacks import error_summary
from services.jobs import DeadJob, dead_jobs, replay_jobs
from services.relay import DeadEvent, dead_events, replay_event
from services.resources import Resources

MAX_ROWS = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["dead", "replay", "discard", "discarded", "unknown", "give-up"],
        help="dead: list dead letters; replay: try them again; discard: discard one permanently; "
        "discarded: list discarded ones; unknown: list events and jobs of a newer release that wait; "
        "give-up: make dead letters of them",
    )
    parser.add_argument(
        "ids", type=_id, nargs="*", metavar="ID", help="the events to replay or give up, or the one to discard"
    )
    parser.add_argument("--all", action="store_true", help="replay all dead letters, or give up all unknown ones")
    parser.add_argument("--full", action="store_true", help="list with tracebacks")
    parser.add_argument(
        "--reason", metavar="TEXT", help="the reason for a discard; it is stored, so it must not contain personal data"
    )
    parser.add_argument("--yes", action="store_true", help="discard, instead of only printing what would be lost")


def _id(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_ID:
        raise argparse.ArgumentTypeError(f"{text!r} is not the id of an event; 'bff events dead' lists them")
    return int(text)


def run(settings: Settings, options: argparse.Namespace) -> None:
    if options.action == "replay" and bool(options.ids) == options.all:
        raise SettingsError("give the ids of the events to replay, or --all")
    if options.action == "give-up" and bool(options.ids) == options.all:
        raise SettingsError("give the ids of the events to give up, or --all")
    if options.action == "discard" and len(options.ids) != 1:
        raise SettingsError("give the id of one event to discard")
    asyncio.run(_run(settings, options))


async def _run(settings: Settings, options: argparse.Namespace) -> None:
    async with open_migrated(settings) as resources:
        if options.action == "dead":
            await _list(resources, full=options.full)
        elif options.action == "discard":
            await discard(resources, options.ids[0], options.reason, confirmed=options.yes)
        elif options.action == "discarded":
            await list_discarded(resources, MAX_ROWS)
        elif options.action == "unknown":
            await list_unknown(resources, MAX_ROWS)
        elif options.action == "give-up":
            await (give_up_all(resources, MAX_ROWS) if options.all else give_up(resources, options.ids, MAX_ROWS))
        else:
            await _replay(resources, options.ids or await _all(resources))


async def _list(resources: Resources, *, full: bool) -> None:
    events = await dead_events(resources.database, MAX_ROWS)
    jobs = await dead_jobs(resources.database, MAX_ROWS)
    lines = [f"event  {event.id}  {event.type}  {_describe(event, full=full)}" for event in events]
    lines += [f"job    {job.event_id}  {job.handler}  {_describe(job, full=full)}" for job in jobs]
    sys.stdout.write("\n".join(lines or ["there are no dead letters"]) + "\n")


def _describe(dead: DeadEvent | DeadJob, *, full: bool) -> str:
    error = f"\n{dead.error}" if full else f"  {dead.error.rpartition(chr(10))[2]}"
    return f"{dead.died_at:%Y-%m-%dT%H:%M:%SZ}{error}"


async def _all(resources: Resources) -> list[int]:
    events = await dead_events(resources.database, MAX_ROWS)
    jobs = await dead_jobs(resources.database, MAX_ROWS)
    return sorted({*(event.id for event in events), *(job.event_id for job in jobs)})


async def _replay(resources: Resources, event_ids: Iterable[int]) -> None:
    """Replays the dead letters of each event. One that fails again stays a dead letter."""
    failed: list[str] = []
    for event_id in event_ids:
        try:
            event = await replay_event(resources, event_id)
        except Exception as error:  # noqa: BLE001 - reported; the other events are replayed
            failed.append(f"{event_id}: failed again and stays a dead letter: {error_summary(error)}")
            continue
        jobs = await replay_jobs(resources, event_id)
        if not event and not jobs:
            failed.append(f"{event_id}: there is no dead letter of this event")
            continue
        sys.stdout.write(f"{event_id}  {'projected' if event else f'jobs: {jobs}'}\n")
    if failed:
        raise SettingsError("; ".join(failed))
