"""Changes of partitions. Each leaves a state from which the next run of `maintain` continues after a kill."""

from collections.abc import Sequence

from adapters.database import SchemaSession
from services.maintenance.partitions.candidates import Candidate
from services.maintenance.partitions.catalog import CLOSING, DROPPED, Partition, detached_tables, gaps, read_partitions
from services.maintenance.partitions.keys import PartitionKey

DETACH_SECONDS = 5.0
"""The maximum wait of a concurrent detachment for older transactions. No client waits behind it."""

_LIKE = "LIKE {} INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS"
_EXISTS = "SELECT 1 AS one WHERE to_regclass(CAST($1 AS text)) IS NOT NULL"


async def partitions_of(session: SchemaSession, candidate: Candidate) -> list[Partition]:
    return await read_partitions(session, candidate.table, candidate.key)


def past_of(candidate: Candidate) -> str:
    """Returns the name of the partition before all others. It is empty, so that no old row is ever refused."""
    return f"{candidate.table}_past"


async def repair(session: SchemaSession, candidate: Candidate) -> None:
    """Ends what a killed process has begun, and gives each range without a partition a partition."""
    table = candidate.table
    for partition in await partitions_of(session, candidate):
        if partition.is_leaving:
            await session.detach(table, partition.name, lock_seconds=DETACH_SECONDS)
        if partition.is_closing:
            await session.run(f"ALTER TABLE {partition.name} DROP CONSTRAINT {partition.name}{CLOSING}")
    try:
        for name in await detached_tables(session, table):
            await session.run(f"DROP TABLE {name}")
    finally:
        await fill_gaps(session, candidate)


async def fill_gaps(session: SchemaSession, candidate: Candidate) -> None:
    """Attaches an empty partition for each range that has none. Old ranges become those of the empty first partition.

    The first partition is extended only while it is empty: no statement sees its rows while it is detached.
    """
    table, key, past = candidate.table, candidate.key, past_of(candidate)
    partitions = await partitions_of(session, candidate)
    for begin, high in gaps(partitions):
        low, is_after_past = begin, begin is not None and partitions[0].name == past and begin == partitions[0].high
        if is_after_past and not await has_rows(session, past):
            await session.detach(table, past, lock_seconds=DETACH_SECONDS)
            low = None
        name = past if low is None else _name(candidate, low)
        exists = await session.fetch(_EXISTS, name)
        made = await _freed(session, table, name) if exists else _create(table, name, await _owner(session, table))
        await session.run_together([*made, _attach(table, key, name, low, high)])


async def drop_partition(session: SchemaSession, candidate: Candidate, partition: Partition) -> None:
    """Detaches a partition whose rows are too old, and drops it. No statement of a client waits."""
    table = candidate.table
    await session.run(f"COMMENT ON TABLE {partition.name} IS '{DROPPED}'")
    await session.detach(table, partition.name, lock_seconds=DETACH_SECONDS)
    try:
        await session.run(f"DROP TABLE {partition.name}")
    finally:
        await fill_gaps(session, candidate)


async def convert(session: SchemaSession, candidate: Candidate) -> None:
    """Makes the table the only partition of a new table with its name, in one transaction that reads no rows."""
    table, first = candidate.table, f"{candidate.table}_first"
    indexes, owner = await session.fetch(_INDEXES, table), await _owner(session, table)
    grants = [row["statement"] for row in await session.fetch(_GRANTS, table)]
    await session.run_together(
        [
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
            f"ALTER TABLE {table} RENAME TO {first}",
            *(f"ALTER INDEX {row['name']} RENAME TO {row['name']}_first" for row in indexes),
            f"CREATE TABLE {table} ({_LIKE.format(first)}) PARTITION BY RANGE ({candidate.key.column})",
            *(row["statement"] for row in indexes),
            f"ALTER TABLE {table} OWNER TO {owner}",
            _attach(table, candidate.key, first, None, None),
            *grants,
        ]
    )


async def split(session: SchemaSession, candidate: Candidate, last: Partition, ends: Sequence[int]) -> None:
    """Ends the last partition at the first of `ends`, and attaches partitions after it; the last one has no end.

    The last partition must have no rows or a validated constraint, so that PostgreSQL does not read it meanwhile.
    """
    await session.run_together(_split(candidate, last, ends, await _owner(session, candidate.table)))


async def close(session: SchemaSession, candidate: Candidate, last: Partition, ends: Sequence[int]) -> None:
    """Does what `split` does with a last partition that has rows. They are read before any client has to wait."""
    key, name = candidate.key, f"{last.name}{CLOSING}"
    limits = [f"{key.column} < {_literal(key, ends[0])}"]
    if last.low is not None:
        limits.append(f"{key.column} >= {_literal(key, last.low)}")
    drop = f"ALTER TABLE {last.name} DROP CONSTRAINT IF EXISTS {name}"
    owner = await _owner(session, candidate.table)
    await session.run(f"ALTER TABLE {last.name} ADD CONSTRAINT {name} CHECK ({' AND '.join(limits)}) NOT VALID")
    try:
        await session.run(f"ALTER TABLE {last.name} VALIDATE CONSTRAINT {name}")
        await session.run_together([*_split(candidate, last, ends, owner), drop])
    except Exception:
        await session.run(drop)
        raise


async def _freed(session: SchemaSession, table: str, name: str) -> list[str]:
    """Returns statements that drop the constraints which only a detached table has.

    A concurrent detachment adds a constraint with the former range. It would refuse the other rows of a new range.
    """
    found = await session.fetch(_OWN_CONSTRAINTS, name, table)
    return [f"ALTER TABLE {name} DROP CONSTRAINT {row['name']}" for row in found]


async def has_rows(session: SchemaSession, name: str) -> bool:
    return bool(await session.fetch(f"SELECT 1 AS one FROM {name} LIMIT 1"))  # noqa: S608 - from the catalog


async def _owner(session: SchemaSession, table: str) -> str:
    """Returns the role to which new partitions belong too, also if another role creates them."""
    (row,) = await session.fetch(_OWNER, table)
    return row["owner"]


def _split(candidate: Candidate, last: Partition, ends: Sequence[int], owner: str) -> list[str]:
    table, key = candidate.table, candidate.key
    ranges = [(_name(candidate, low), low, high) for low, high in zip(ends, [*ends[1:], None], strict=True)]
    return [
        *(statement for name, _, _ in ranges for statement in _create(table, name, owner)),
        f"ALTER TABLE {table} DETACH PARTITION {last.name}",
        _attach(table, key, last.name, last.low, ends[0]),
        *(_attach(table, key, name, low, high) for name, low, high in ranges),
    ]


def _name(candidate: Candidate, low: int) -> str:
    return f"{candidate.table}_{candidate.key.text(low).replace('-', '')}"


def _create(table: str, name: str, owner: str) -> list[str]:
    return [f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)", f"ALTER TABLE {name} OWNER TO {owner}"]


def _attach(table: str, key: PartitionKey, name: str, low: int | None, high: int | None) -> str:
    first = "MINVALUE" if low is None else _literal(key, low)
    end = "MAXVALUE" if high is None else _literal(key, high)
    return f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})"


def _literal(key: PartitionKey, value: int) -> str:
    return f"'{key.text(value)}'"


_OWN_CONSTRAINTS = (
    "SELECT quote_ident(c.conname) AS name FROM pg_constraint c WHERE c.conrelid = to_regclass(CAST($1 AS text)) "
    "AND c.contype = 'c' AND c.conislocal AND NOT EXISTS (SELECT 1 FROM pg_constraint p "
    "WHERE p.conrelid = to_regclass(CAST($2 AS text)) AND p.contype = 'c' AND p.conname = c.conname)"
)
_OWNER = (
    "SELECT quote_ident(pg_get_userbyid(c.relowner)) AS owner FROM pg_class c "
    "WHERE c.oid = to_regclass(CAST($1 AS text))"
)
_INDEXES = (
    "SELECT c.relname AS name, CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) "
    "ELSE 'ALTER TABLE ' || CAST($1 AS text) || ' ADD CONSTRAINT ' || k.conname || ' ' || pg_get_constraintdef(k.oid) "
    "END AS statement FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid "
    "WHERE i.indrelid = to_regclass(CAST($1 AS text)) ORDER BY c.relname"
)
_GRANTS = (
    "SELECT 'GRANT ' || a.privilege_type || ' ON ' || CAST($1 AS text) || ' TO ' || CASE WHEN a.grantee = 0 "
    "THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END || CASE WHEN a.is_grantable "
    "THEN ' WITH GRANT OPTION' ELSE '' END AS statement FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a "
    "WHERE c.oid = to_regclass(CAST($1 AS text)) AND a.grantee <> c.relowner"
)
