"""`bff events`: what was set aside, trying it again, and giving it up."""

import argparse
import asyncio
import sys
from collections.abc import Iterable

from cli.discarding import discard, list_discarded
from cli.ready import open_migrated
from core.errors import SettingsError
from core.ids import MAX_ID
from core.settings import Settings
from core.tracebacks import error_summary
from services.jobs import DeadJob, dead_jobs, replay_jobs
from services.relay import DeadEvent, dead_events, replay_event
from services.resources import Resources

MOST = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["dead", "replay", "discard", "discarded"],
        help="dead: list it; replay: try it again; discard: give it up for good; discarded: list what was given up",
    )
    parser.add_argument("ids", type=_id, nargs="*", metavar="ID", help="the events to replay, or the one to discard")
    parser.add_argument("--all", action="store_true", help="replay everything")
    parser.add_argument("--full", action="store_true", help="list with tracebacks")
    parser.add_argument(
        "--reason", metavar="TEXT", help="why an event is discarded; it is kept, so write no personal data in it"
    )
    parser.add_argument("--yes", action="store_true", help="discard it, instead of only printing what would be lost")


def _id(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_ID:
        raise argparse.ArgumentTypeError(f"{text!r} is not the id of an event; 'bff events dead' lists them")
    return int(text)


def run(settings: Settings, asked: argparse.Namespace) -> None:
    if asked.action == "replay" and bool(asked.ids) == asked.all:
        raise SettingsError("name the events to replay, or say --all")
    if asked.action == "discard" and len(asked.ids) != 1:
        raise SettingsError("name one event to discard")
    asyncio.run(_run(settings, asked))


async def _run(settings: Settings, asked: argparse.Namespace) -> None:
    async with open_migrated(settings) as resources:
        if asked.action == "dead":
            await _list(resources, full=asked.full)
        elif asked.action == "discard":
            await discard(resources, asked.ids[0], asked.reason, sure=asked.yes)
        elif asked.action == "discarded":
            await list_discarded(resources, MOST)
        else:
            await _replay(resources, asked.ids or await _all(resources))


async def _list(resources: Resources, *, full: bool) -> None:
    events = await dead_events(resources.database, MOST)
    jobs = await dead_jobs(resources.database, MOST)
    lines = [f"event  {event.id}  {event.type}  {_told(event, full=full)}" for event in events]
    lines += [f"job    {job.event_id}  {job.handler}  {_told(job, full=full)}" for job in jobs]
    sys.stdout.write("\n".join(lines or ["nothing is set aside"]) + "\n")


def _told(dead: DeadEvent | DeadJob, *, full: bool) -> str:
    why = f"\n{dead.error}" if full else f"  {dead.error.rpartition(chr(10))[2]}"
    return f"{dead.died_at:%Y-%m-%dT%H:%M:%SZ}{why}"


async def _all(resources: Resources) -> list[int]:
    events = await dead_events(resources.database, MOST)
    jobs = await dead_jobs(resources.database, MOST)
    return sorted({*(event.id for event in events), *(job.event_id for job in jobs)})


async def _replay(resources: Resources, event_ids: Iterable[int]) -> None:
    """Each for itself; one that fails again stays where it is."""
    failed: list[str] = []
    for event_id in event_ids:
        try:
            event = await replay_event(resources, event_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operator wants to know and the others go on
            failed.append(f"{event_id}: it failed again and stays set aside: {error_summary(error)}")
            continue
        jobs = await replay_jobs(resources, event_id)
        if not event and not jobs:
            failed.append(f"{event_id}: nothing of it is set aside")
            continue
        sys.stdout.write(f"{event_id}  {'projected' if event else f'jobs: {jobs}'}\n")
    if failed:
        raise SettingsError("; ".join(failed))
