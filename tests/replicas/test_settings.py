"""Settings of replicas that cannot work are errors of one line at the start, without secrets."""

from pathlib import Path
from typing import Any

import pytest

from adapters.database.postgres_url import split_urls
from cli.serve import with_shared_cache
from core.errors import SettingsError
from core.settings import Settings
from services.resources import open_resources
from tests.conftest import ENGINES
from tests.support.engines import POSTGRES_URL
from tests.support.timing import settings_for

REPLICA = "postgres://ana:hunter2@127.0.0.1:1/bff"
needs_postgres = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")


async def refused(settings: Settings) -> str:
    with pytest.raises(SettingsError) as caught:
        async with open_resources(settings):
            pytest.fail("opened")
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


async def test_sqlite_has_no_replicas(tmp_path: Path) -> None:
    settings = settings_for(
        f"sqlite://{tmp_path}/bff.sqlite3", cache_url="memory://", bus_url="memory://", database_replica_urls=REPLICA
    )
    assert await refused(settings) == (
        "BFF_DATABASE_REPLICA_URLS: only PostgreSQL has replicas, and BFF_DATABASE_URL names another database"
    )


@needs_postgres
@pytest.mark.parametrize(
    ("urls", "message"),
    [
        ("sqlite://replica", "BFF_DATABASE_REPLICA_URLS: not a URL of PostgreSQL; use postgres://"),
        (f"{REPLICA}, {REPLICA}", "BFF_DATABASE_REPLICA_URLS: a replica is named twice"),
        (
            "postgres://127.0.0.1:1,127.0.0.1:2/bff",
            "BFF_DATABASE_REPLICA_URLS: a URL names several servers; name each of them by a URL of its own",
        ),
    ],
)
async def test_urls_of_replicas_name_one_server_of_postgresql_each(urls: str, message: str) -> None:
    given: dict[str, Any] = {"cache_url": "memory://", "bus_url": "memory://", "database_replica_urls": urls}
    assert (await refused(settings_for(POSTGRES_URL, **given))).startswith(message)


def test_replicas_need_the_announcements_of_the_cache() -> None:
    with pytest.raises(SettingsError, match="BFF_DATABASE_REPLICA_URLS: replicas need BFF_CACHE_URL"):
        Settings(database_url=REPLICA, database_replica_urls=REPLICA, cache_url="")


@pytest.mark.parametrize(("urls", "end"), [("", "other processes"), (REPLICA, "and read replicas are not used")])
def test_servers_say_that_they_use_no_replica_without_a_shared_cache(
    database_url: str, caplog: pytest.LogCaptureFixture, urls: str, end: str
) -> None:
    settings = settings_for(database_url, cache_url="memory://", database_replica_urls=urls)
    shared = with_shared_cache(settings)
    assert (shared.cache_url, shared.database_replica_urls) == ("", "")
    assert [record.getMessage().endswith(end) for record in caplog.records] == [True]


def test_a_comma_separates_hosts_within_a_url_and_urls_before_a_scheme() -> None:
    several = "postgres://a:5432,b:5432/bff?target_session_attrs=standby"
    assert split_urls(f"{several}, postgresql://c/bff,postgres://d/bff") == [
        several,
        "postgresql://c/bff",
        "postgres://d/bff",
    ]
