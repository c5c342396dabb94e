"""Reports what is wrong with partitions, for `bff doctor`."""

from core.clock import system_clock
from core.wording import count_of
from services.database_time import earliest_now
from services.maintenance.diagnosis import Diagnosis
from services.maintenance.partitions.candidates import PARTITIONABLE, Candidate
from services.maintenance.partitions.catalog import Partition, describe, gaps, is_partitioned, read_partitions
from services.resources import Resources

_APPLY = "run 'bff partitions apply'"
_WORKER = "check that 'bff worker' runs, and its log"


async def examine_partitions(resources: Resources) -> list[Diagnosis]:
    """Returns a diagnosis for each table that has partitions."""
    diagnoses: list[Diagnosis] = []
    for candidate in PARTITIONABLE:
        if await is_partitioned(resources.database, candidate.table):
            name = f"partitions of {candidate.table}"
            advice = await _advice(resources, candidate)
            diagnoses += [Diagnosis(name, each) for each in advice] or [Diagnosis(name)]
    return diagnoses


async def _advice(resources: Resources, candidate: Candidate) -> list[str]:
    database, key = resources.database, candidate.key
    partitions = await read_partitions(database, candidate.table, key)
    now = await earliest_now(database, resources.clock(), system_clock())
    present = await key.present(database, now)
    found = [*_interrupted(partitions), *_missing(partitions, candidate)]
    if not any(each.high is not None and each.is_after(present) for each in partitions):
        found.append(f"no partition is prepared for rows of the future, and the last one takes them: {_APPLY}")
    last = partitions[-1] if partitions else None
    if last and last.is_after(present) and await database.fetch(f"SELECT 1 AS one FROM {last.name} LIMIT 1"):  # noqa: S608 - from the catalog
        found.append(
            f"{describe(last, key)} has rows of the future, and no further partition can be created: "
            "docs/partitions.md says how to correct them"
        )
    return found


def _interrupted(partitions: list[Partition]) -> list[str]:
    stopped = [each.name for each in partitions if each.is_closing or each.is_leaving]
    return [f"{', '.join(stopped)} was being changed by a process that ended: {_APPLY}"] if stopped else []


def _missing(partitions: list[Partition], candidate: Candidate) -> list[str]:
    missing = gaps([each for each in partitions if not each.is_leaving])
    if not partitions or any(high is None for _, high in missing):
        return [f"the partition of the newest rows is missing, and they are rejected: {_APPLY} now"]
    if missing:
        count = count_of(len(missing), "range has", "ranges have")
        return [f"{count} no partition in {candidate.table}: {_WORKER}, or {_APPLY}"]
    return []
