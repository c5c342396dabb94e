"""Diagnoses an installation for operators: settings, servers, tables and consistency."""

from collections.abc import Awaitable
from contextlib import aclosing
from datetime import timedelta

from adapters.database import Database, DialectSQL
from adapters.payments import ProviderUnavailable
from core.apps import TrustMode, read_trust_modes
from core.errors import Unavailable
from core.wording import count_of
from services.documents import releases
from services.jobs import measure_backlog
from services.maintenance.diagnosis import Diagnosis
from services.maintenance.heartbeats import LOOPS, silent_tasks
from services.maintenance.message_checks import examine_messages
from services.maintenance.migrations import pending_migrations
from services.maintenance.partitions import examine_partitions
from services.relay import measure_lag, unknown_next_events
from services.resources import Resources
from services.search import count_unindexed

MIN_POSTGRES = 150_000
_TEST_KEYS, _LIVE_KEYS = ("sk_test_", "rk_test_"), ("sk_live_", "rk_live_")
_PAYMENT_SERVERS = ("stripe:", "sandbox+http:")
_NO_ANSWER = (
    "the database did not answer in time: a table is locked, or it has too much work; "
    "docs/isolation.md shows how to find it"
)

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
    """Checks settings, servers, replicas, tables, search, ledger, payments, messages, relay, jobs, workers, documents.

    It stops where later checks are impossible. A check that the database does not answer in time has failed.
    """
    database = resources.database
    diagnoses = [_settings(resources), *await _redis(resources), await _engine(database), *await _replicas(resources)]
    pending = await pending_migrations(database)
    if pending:
        return [*diagnoses, Diagnosis("tables", f"run 'bff migrate': {', '.join(pending)} pending")]
    return [
        *diagnoses,
        Diagnosis("tables"),
        *await _answered("partitions", examine_partitions(resources)),
        *await _answered("search", _search(database)),
        *await _answered("ledger", _ledger(database)),
        *await _payments(resources),
        *await examine_messages(resources),
        *await _answered("relay", _relay(resources)),
        *await _answered("jobs", _jobs(resources)),
        *await _answered("workers", _workers(database)),
        *await _answered("trusted documents", _documents(resources)),
    ]


async def _answered(name: str, check: Awaitable[list[Diagnosis]]) -> list[Diagnosis]:
    try:
        return await check
    except Unavailable:
        return [Diagnosis(name, _NO_ANSWER)]


def _settings(resources: Resources) -> Diagnosis:
    if resources.settings.env == "production" and resources.settings.database_url.startswith("sqlite"):
        return Diagnosis("settings", "BFF_DATABASE_URL: SQLite serves one machine; give production a postgres:// one")
    if resources.settings.env == "production" and not resources.settings.limits_url:
        return Diagnosis(
            "settings",
            "BFF_LIMITS_URL: each process counts requests and attempts by itself; give all of them one Redis",
        )
    if resources.settings.cdn_url and not resources.settings.cache_url:
        return Diagnosis("settings", "BFF_CDN_URL: a CDN stores cached responses only; set BFF_CACHE_URL too")
    if resources.settings.env == "production" and resources.settings.cache_url.startswith("memory:"):
        return Diagnosis(
            "settings",
            "BFF_CACHE_URL: servers ignore memory://, which workers do not reach; give all of them one Redis",
        )
    return Diagnosis(f"settings ({resources.settings.env})")


async def _redis(resources: Resources) -> list[Diagnosis]:
    """Returns a diagnosis for each setting that names a Redis."""
    settings, diagnoses = resources.settings, list[Diagnosis]()
    for name in ("bus_url", "queue_url", "limits_url", "apq_url", "cache_url"):
        url: str = getattr(settings, name)
        if not url.startswith("redis"):
            continue
        from adapters.redis import ping_redis  # noqa: PLC0415 - redis-py takes 0.3 s to import

        variable = f"BFF_{name.upper()}"
        error = await ping_redis(variable, url, settings.database_deadline)
        advice = f"it cannot be used ({error}): start it, or correct {variable}" if error else None
        diagnoses.append(Diagnosis(f"Redis ({variable})", advice))
    return diagnoses


async def _engine(database: Database) -> Diagnosis:
    (version,) = await database.fetch(_VERSION)
    name = f"database ({version['name']})"
    return Diagnosis(name, None if version["number"] >= MIN_POSTGRES else "upgrade to PostgreSQL 15 or later")


async def _replicas(resources: Resources) -> list[Diagnosis]:
    """Returns a diagnosis for each read replica: whether servers would use it, and its lag."""
    if resources.replicas is None:
        return []
    await resources.replicas.look()
    return [
        Diagnosis(f"read replica {replica.name} ({replica.lag:.1f} s behind)")
        if replica.is_usable
        else Diagnosis(f"read replica {replica.name}", f"{replica.reason}; docs/replicas.md#reasons says what to do")
        for replica in resources.replicas.all
    ]


async def _search(database: Database) -> list[Diagnosis]:
    (row,) = await database.fetch(_RESEMBLES)
    if row["found"] is False:
        missing = "install pg_trgm and migrate an empty database, or misspelt handles are not found"
        return [Diagnosis("search", missing)]
    if unindexed := await count_unindexed(database):
        waiting = count_of(unindexed, "post or user is", "posts and users are")
        return [Diagnosis("search", f"{waiting} not indexed yet: run 'bff worker'")]
    return [Diagnosis("search")]


async def _ledger(database: Database) -> list[Diagnosis]:
    diagnoses: list[Diagnosis] = []
    for sql, singular, plural in (
        (_UNBALANCED, "payment whose entries", "payments whose entries"),
        (_WALLETS_OFF, "wallet whose balances", "wallets whose balances"),
    ):
        (row,) = await database.fetch(sql)
        if row["number"]:
            wrong = count_of(row["number"], singular, plural)
            diagnoses.append(Diagnosis("ledger", f"{wrong} do not add up: stop payments and find out why"))
    return diagnoses or [Diagnosis("ledger")]


async def _payments(resources: Resources) -> list[Diagnosis]:
    """Checks the settings of the payment provider, and whether a server among them answers."""
    settings, name = resources.settings, f"payments ({resources.payments.name})"
    troubles = [_wrong_provider(resources)]
    if settings.payments_url.startswith(_PAYMENT_SERVERS):
        if not settings.webhook_secrets:
            troubles.append("BFF_PAYMENTS_WEBHOOK_SECRETS: without secrets, all webhooks are rejected")
        troubles.append(await _silent_provider(resources))
    return [Diagnosis(name, trouble) for trouble in troubles if trouble] or [Diagnosis(name)]


def _wrong_provider(resources: Resources) -> str | None:
    settings, is_production = resources.settings, resources.settings.env == "production"
    if is_production and resources.payments.name == "sandbox":
        return "BFF_PAYMENTS_URL: the sandbox moves no money; use stripe://"
    if is_production and settings.payments_secret.startswith(_TEST_KEYS):
        return "BFF_PAYMENTS_SECRET: this key moves no money, it is for tests"
    if not is_production and settings.payments_secret.startswith(_LIVE_KEYS):
        return "BFF_PAYMENTS_SECRET: this key moves money; use a key for tests"
    return None


async def _silent_provider(resources: Resources) -> str | None:
    now = resources.clock()
    try:
        async with aclosing(resources.payments.statement(now - timedelta(seconds=1), now)) as lines:
            await anext(lines, None)
    except ProviderUnavailable as error:
        return f"it does not answer ({error}): start it, or correct BFF_PAYMENTS_URL and its secret"
    return None


async def _relay(resources: Resources) -> list[Diagnosis]:
    lag, diagnoses = await measure_lag(resources.database, resources.clock()), list[Diagnosis]()
    if lag.ahead:
        ahead = f"{count_of(lag.ahead, 'position is', 'positions are')} ahead of this PostgreSQL"
        consequence = "new events are never projected: run 'bff log rebase'; docs/backup.md explains it"
        diagnoses.append(Diagnosis("relay", f"{ahead}, and {consequence}"))
    if lag.seconds > resources.settings.relay_alarm_seconds:
        waiting = f"{count_of(lag.events, 'event waits', 'events wait')}, the oldest for {lag.seconds:.0f} s"
        diagnoses.append(Diagnosis("relay", f"{waiting}: check that 'bff worker' runs, and its log"))
    if lag.stalled:
        stalled = f"the database is too slow for the next event of {count_of(lag.stalled, 'partition')}"
        diagnoses.append(
            Diagnosis("relay", f"{stalled}: read the log of 'bff worker', and find out why PostgreSQL is slow")
        )
    if unknown := await unknown_next_events(resources.database):
        names = ", ".join(sorted({f"{event.type} version {event.version}" for event in unknown}))
        diagnoses.append(
            Diagnosis(
                "relay",
                f"events of a newer release wait ({names}): run workers of that release; "
                "'bff events unknown' lists them",
            )
        )
    if lag.dead:
        dead = count_of(lag.dead, "event is a dead letter", "events are dead letters")
        diagnoses.append(Diagnosis("relay", f"{dead}: 'bff events dead' shows the errors"))
    return diagnoses or [Diagnosis("relay")]


async def _jobs(resources: Resources) -> list[Diagnosis]:
    backlog, diagnoses = await measure_backlog(resources.database), list[Diagnosis]()
    late = backlog.seconds_late(resources.clock())
    if late > resources.settings.relay_alarm_seconds:
        waiting = f"of {count_of(backlog.jobs, 'job')}, the first is late by {late:.0f} s"
        diagnoses.append(Diagnosis("jobs", f"{waiting}: check that 'bff worker' runs, and its log"))
    if backlog.dead:
        dead = count_of(backlog.dead, "job is a dead letter", "jobs are dead letters")
        diagnoses.append(Diagnosis("jobs", f"{dead}: 'bff events dead' shows the errors"))
    return diagnoses or [Diagnosis("jobs")]


async def _workers(database: Database) -> list[Diagnosis]:
    silent = await silent_tasks(database)
    loops = [task for task in silent if task in LOOPS]
    if loops:
        return [Diagnosis("workers", f"not running: {', '.join(loops)}; start 'bff worker', or read its log")]
    if silent:
        late = f"not done in time: {', '.join(silent)}"
        return [Diagnosis("workers", f"{late}; read the log of 'bff worker', and run 'bff events dead'")]
    return [Diagnosis("workers")]


async def _documents(resources: Resources) -> list[Diagnosis]:
    modes = read_trust_modes("BFF_TRUSTED_DOCUMENTS", resources.settings.trusted_documents)
    if TrustMode.ENFORCE not in (modes.others, *modes.by_app.values()):
        return []
    if not await releases(resources.database):
        return [
            Diagnosis(
                "trusted documents", "only registered ones are executed; there are none: run 'bff documents import'"
            )
        ]
    return [Diagnosis("trusted documents")]
