"""What an operator wants to know first: whether everything is there, and adds up."""

from typing import NamedTuple

from adapters.database import Database, DialectSQL
from core.apps import TrustMode, read_trust_modes
from services.documents import releases
from services.jobs import measure_backlog
from services.maintenance.heartbeats import LOOPS, silent_tasks
from services.maintenance.migrations import pending_migrations
from services.relay import measure_lag
from services.resources import Resources
from services.search import count_unindexed

MIN_POSTGRES = 150_000


class Diagnosis(NamedTuple):
    """What was looked at, and what to do about it; without advice it is well."""

    what: str
    advice: str | None = None


_VERSION = DialectSQL(
    "SELECT current_setting('server_version') AS name, CAST(current_setting('server_version_num') AS BIGINT) AS number",
    f"SELECT 'SQLite ' || sqlite_version() AS name, {MIN_POSTGRES} AS number",
)
_RESEMBLES = DialectSQL("SELECT resembles('hana', 'hanna') AS found", "SELECT NULL AS found")
_UNBALANCED = (
    "SELECT COUNT(*) AS number FROM (SELECT 1 FROM ledger_entries GROUP BY payment_owner_id, payment_id "
    "HAVING SUM(amount) <> 0) wrong"
)
_WALLETS_OFF = (
    "SELECT COUNT(*) AS number FROM wallets w LEFT JOIN (SELECT owner_id, SUM(amount) AS total FROM ledger_entries "
    "WHERE account = 'WALLET' GROUP BY owner_id) e ON e.owner_id = w.owner_id WHERE w.available <> COALESCE(e.total, 0)"
)


async def examine(resources: Resources) -> list[Diagnosis]:
    """Looks at settings, Redis, database, tables, search, ledger, relay, jobs, workers and trusted documents.

    It stops where nothing else can be seen.
    """
    database = resources.database
    findings = [_settings(resources), *await _redis(resources), await _engine(database)]
    pending = await pending_migrations(database)
    if pending:
        return [*findings, Diagnosis("tables", f"run 'bff migrate': {', '.join(pending)} pending")]
    return [
        *findings,
        Diagnosis("tables"),
        await _search(database),
        *await _ledger(database),
        *await _relay(resources),
        *await _jobs(resources),
        await _workers(database),
        *await _documents(resources),
    ]


def _settings(resources: Resources) -> Diagnosis:
    if resources.settings.env == "production" and resources.settings.database_url.startswith("sqlite"):
        return Diagnosis("settings", "BFF_DATABASE_URL: SQLite serves one machine; give production a postgres:// one")
    if resources.settings.env == "production" and not resources.settings.limits_url:
        return Diagnosis(
            "settings", "BFF_LIMITS_URL: each process counts attempts by itself; give all of them one Redis"
        )
    return Diagnosis(f"settings ({resources.settings.env})")


async def _redis(resources: Resources) -> list[Diagnosis]:
    """A finding for each setting that names a Redis."""
    settings, findings = resources.settings, list[Diagnosis]()
    for name in ("bus_url", "queue_url", "limits_url", "apq_url"):
        url: str = getattr(settings, name)
        if not url.startswith("redis"):
            continue
        from adapters.redis import ping_redis  # noqa: PLC0415 - redis-py takes 0.3 s to import

        variable = f"BFF_{name.upper()}"
        why = await ping_redis(variable, url, settings.database_deadline)
        advice = f"it does not answer ({why}): start it, or correct {variable}" if why else None
        findings.append(Diagnosis(f"Redis ({variable})", advice))
    return findings


async def _engine(database: Database) -> Diagnosis:
    (version,) = await database.fetch(_VERSION)
    name = f"database ({version['name']})"
    return Diagnosis(name, None if version["number"] >= MIN_POSTGRES else "upgrade to PostgreSQL 15 or later")


async def _search(database: Database) -> Diagnosis:
    (row,) = await database.fetch(_RESEMBLES)
    if row["found"] is False:
        return Diagnosis("search", "install pg_trgm and migrate an empty database, or misspelt handles are not found")
    if unindexed := await count_unindexed(database):
        return Diagnosis("search", f"{unindexed} posts and people are not indexed yet: run 'bff worker'")
    return Diagnosis("search")


async def _ledger(database: Database) -> list[Diagnosis]:
    findings: list[Diagnosis] = []
    for sql, what in ((_UNBALANCED, "payments whose entries"), (_WALLETS_OFF, "wallets whose balances")):
        (row,) = await database.fetch(sql)
        if row["number"]:
            findings.append(
                Diagnosis("ledger", f"{row['number']} {what} do not add up: stop payments and find out why")
            )
    return findings or [Diagnosis("ledger")]


async def _relay(resources: Resources) -> list[Diagnosis]:
    lag, findings = await measure_lag(resources.database, resources.clock()), list[Diagnosis]()
    if lag.ahead:
        ahead = f"{lag.ahead} positions are ahead of this PostgreSQL, and new events are never projected"
        findings.append(Diagnosis("relay", f"{ahead}: run 'bff log rebase'; docs/backup.md says why"))
    if lag.seconds > resources.settings.relay_alarm_seconds:
        waiting = f"{lag.events} events wait, the oldest for {lag.seconds:.0f} s"
        findings.append(Diagnosis("relay", f"{waiting}: see that 'bff worker' runs, and what it logs"))
    if lag.stalled:
        stalled = f"the database is too slow for the next event of {lag.stalled} partitions"
        findings.append(Diagnosis("relay", f"{stalled}: see what 'bff worker' logs, and what holds PostgreSQL up"))
    if lag.dead:
        findings.append(Diagnosis("relay", f"{lag.dead} events are set aside: 'bff events dead' says why"))
    return findings or [Diagnosis("relay")]


async def _jobs(resources: Resources) -> list[Diagnosis]:
    backlog, findings = await measure_backlog(resources.database), list[Diagnosis]()
    late = backlog.seconds_late(resources.clock())
    if late > resources.settings.relay_alarm_seconds:
        waiting = f"of {backlog.jobs} jobs, the first is late by {late:.0f} s"
        findings.append(Diagnosis("jobs", f"{waiting}: see that 'bff worker' runs, and what it logs"))
    if backlog.dead:
        findings.append(Diagnosis("jobs", f"{backlog.dead} jobs are set aside: 'bff events dead' says why"))
    return findings or [Diagnosis("jobs")]


async def _workers(database: Database) -> Diagnosis:
    silent = await silent_tasks(database)
    loops = [task for task in silent if task in LOOPS]
    if loops:
        return Diagnosis("workers", f"not running: {', '.join(loops)}; start 'bff worker', or see what it logs")
    if silent:
        late = f"not done in time: {', '.join(silent)}"
        return Diagnosis("workers", f"{late}; see what 'bff worker' logs, and 'bff events dead'")
    return Diagnosis("workers")


async def _documents(resources: Resources) -> list[Diagnosis]:
    modes = read_trust_modes("BFF_TRUSTED_DOCUMENTS", resources.settings.trusted_documents)
    if TrustMode.ENFORCE not in (modes.others, *modes.by_app.values()):
        return []
    if not await releases(resources.database):
        return [Diagnosis("trusted documents", "only registered ones run, and none is: run 'bff documents import'")]
    return [Diagnosis("trusted documents")]
