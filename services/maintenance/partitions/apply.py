"""Divides tables into partitions while clients write."""

from collections.abc import Callable, Sequence

from adapters.database import Violated
from core.clock import system_clock
from core.errors import Contended, SettingsError
from services.database_time import earliest_now
from services.maintenance.partitions.candidates import CANDIDATES, Candidate
from services.maintenance.partitions.catalog import describe, is_partitioned
from services.maintenance.partitions.changes import convert, partitions_of
from services.maintenance.partitions.keys import Reads
from services.maintenance.partitions.maintain import maintain
from services.resources import Resources

_OBSTACLES = """
SELECT 'the unique index ' || c.relname || ' does not contain ' || CAST($2 AS text) AS obstacle
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass(CAST($1 AS text)) AND i.indisunique AND NOT EXISTS (
    SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = $2 AND a.attnum = ANY(i.indkey))
UNION ALL SELECT 'the foreign key ' || conname FROM pg_constraint
WHERE contype = 'f' AND to_regclass(CAST($1 AS text)) IN (conrelid, confrelid)
UNION ALL SELECT 'the trigger ' || tgname FROM pg_trigger
WHERE tgrelid = to_regclass(CAST($1 AS text)) AND NOT tgisinternal
UNION ALL SELECT DISTINCT 'the view ' || v.relname FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class
WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = to_regclass(CAST($1 AS text)) AND v.oid <> d.refobjid
UNION ALL SELECT 'the privileges on the column ' || attname FROM pg_attribute
WHERE attrelid = to_regclass(CAST($1 AS text)) AND attacl IS NOT NULL AND NOT attisdropped
UNION ALL SELECT 'the policy ' || polname FROM pg_policy WHERE polrelid = to_regclass(CAST($1 AS text))
UNION ALL SELECT 'the publication ' || p.pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid = to_regclass(CAST($1 AS text))
"""


class Unpartitionable(SettingsError):
    """A table that cannot have partitions, with the reasons."""


async def obstacles(reads: Reads, candidate: Candidate) -> list[str]:
    """Returns what keeps PostgreSQL from dividing the table, or would be lost."""
    found = await reads.fetch(_OBSTACLES, candidate.table, candidate.key.column)
    return [row["obstacle"] for row in found]


def chosen(tables: Sequence[str]) -> list[Candidate]:
    """Returns the candidates with these names, or all that can have partitions. Raises `SettingsError`."""
    if unknown := sorted({*tables} - {candidate.table for candidate in CANDIDATES}):
        known = ", ".join(candidate.table for candidate in CANDIDATES)
        raise SettingsError(f"{unknown[0]} is no candidate for partitions; candidates are {known}")
    return [each for each in CANDIDATES if each.table in tables or (not tables and not each.reason)]


async def apply_partitions(resources: Resources, tables: Sequence[str], announce: Callable[[str], object]) -> None:
    """Divides tables into partitions, or continues after a kill. `announce` gets a line for each change.

    Raises `SettingsError` if a table cannot be divided, or stays in use for too long. Then nothing is lost and the call
    may be repeated.
    """
    candidates = chosen(tables)
    async with resources.database.dialect.schema_session() as session:
        if session is None:
            raise SettingsError("another process migrates or partitions this database; try again when it has ended")
        now = await earliest_now(resources.database, resources.clock(), system_clock())
        for candidate in candidates:
            try:
                if not await is_partitioned(session, candidate.table):
                    if reasons := [each for each in (candidate.reason,) if each] or await obstacles(session, candidate):
                        raise Unpartitionable(f"{candidate.table} cannot have partitions: {'; '.join(reasons)}")
                    await convert(session, candidate)
                    announce(f"{candidate.table} is a partition of a new table with its name")
                await maintain(session, candidate, resources.settings, now, None)
            except Contended as error:
                raise SettingsError(
                    f"{candidate.table} is in use for too long; end long transactions and repeat the command"
                ) from error
            except Violated as error:
                raise SettingsError(
                    f"{candidate.table} has rows of the future, as after a dump was restored or with a wrong clock; "
                    "see docs/partitions.md"
                ) from error
            for partition in await partitions_of(session, candidate):
                announce(f"{candidate.table}: {describe(partition, candidate.key)}")
