"""An invalid URL in a setting is an error of one line at the start, without secrets."""

import os
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import pytest

from adapters.bus import open_bus
from adapters.database.postgres_url import read_postgres_url
from core.errors import SettingsError
from core.settings import Settings
from services.resources import open_resources
from tests.conftest import ENGINES
from tests.support.engines import POSTGRES_URL
from tests.support.timing import DEADLINE, no_hang, settings_for

needs_postgres = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")

REDIS = ["bus_url", "limits_url", "apq_url", "queue_url"]
POSTGRES = ["database_url", "bus_url"]
WRONG_FOR_REDIS = [
    "http://127.0.0.1:6379",
    "redis://127.0.0.1:abc",
    "redis://127.0.0.1:99999/0",
    "redis://:hunter2/more@127.0.0.1:6379/0",
    "redis://[::1/0",
    "redis:///0",
    "redis+cluster://127.0.0.1:6379/1",
    "redis+cluster://127.0.0.1:6379/?db=1",
    "redis://127.0.0.1:6379/first",
    "redis://127.0.0.1:6379/0?socket_timeout=soon",
    "redis://127.0.0.1:6379/0?hunter2=yes",
    "redis://127.0.0.1:6379/0?socket_timeout",
]
WRONG_FOR_POSTGRES = [
    "postgres://127.0.0.1:abc/bff",
    "postgres://127.0.0.1:99999/bff",
    "postgres://user:hunter2/more@127.0.0.1/bff",
    "postgres://user:[hunter2@127.0.0.1/bff",
    "postgres://127.0.0.1/bff?sslmode=always",
    "postgres://127.0.0.1/bff?sslmode",
    "postgres://127.0.0.1/bff?ssl=true",
    "postgres://127.0.0.1/bff?hostaddr=127.0.0.1",
    "postgres://127.0.0.1/bff?sslmode=verify-full&sslrootcert=/nowhere/at/all.pem",
    "postgres://127.0.0.1/bff?sslmode=verify-full&sslrootcert=system",
    "postgres://127.0.0.1/bff?sslmode=verify-full&sslrootcert=/etc/hostname",
    "postgres://127.0.0.1/bff?connect_timeout=soon",
    "postgres://127.0.0.1/bff?target_session_attrs=any-at-all",
    "postgres://127.0.0.1,127.0.0.2:5432:1/bff",
]


async def refused(setting: str, url: str, folder: Path) -> str:
    given: dict[str, Any] = {"database_url": f"sqlite://{folder}/bff.sqlite3", "rates": "on", setting: url}
    with pytest.raises(SettingsError) as caught:
        async with open_resources(Settings(**given)):
            pass
    return str(caught.value)


@pytest.mark.parametrize("url", WRONG_FOR_REDIS)
@pytest.mark.parametrize("setting", REDIS)
async def test_a_wrong_url_of_redis_is_refused_at_the_start(setting: str, url: str, tmp_path: Path) -> None:
    line = await refused(setting, url, tmp_path)
    assert line.startswith(f"BFF_{setting.upper()}: ")
    assert "\n" not in line
    assert "hunter2" not in line


@pytest.mark.parametrize("url", WRONG_FOR_POSTGRES)
@pytest.mark.parametrize("setting", POSTGRES)
async def test_a_wrong_url_of_postgres_is_refused_at_the_start(setting: str, url: str, tmp_path: Path) -> None:
    line = await refused(setting, url, tmp_path)
    assert line.startswith(f"BFF_{setting.upper()}: ")
    assert "\n" not in line
    assert "hunter2" not in line


@pytest.mark.parametrize("setting", [*REDIS, "database_url"])
async def test_a_driver_that_does_not_exist_is_refused_at_the_start(setting: str, tmp_path: Path) -> None:
    assert (await refused(setting, "amqp://127.0.0.1", tmp_path)).startswith(f"BFF_{setting.upper()}: no driver for ")


def test_a_url_that_another_setting_lends_names_that_setting() -> None:
    with pytest.raises(SettingsError, match=r"^BFF_DATABASE_URL: "):
        open_bus(settings_for("postgres://127.0.0.1:abc/bff"))


def test_the_time_to_connect_is_the_urls_own_within_the_deadline() -> None:
    def patience(seconds: str) -> float:
        return read_postgres_url("X", f"postgres://h/n?connect_timeout={seconds}").connect_timeout(5.0)

    assert [patience(seconds) for seconds in ("2", "60", "0", "-1")] == [2.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgres://me:secret@db.example/shop", "db.example:5432/shop"),
        ("postgres://me:secret@db.example:6000/shop?sslmode=require&password=secret", "db.example:6000/shop"),
        ("postgres://me:secret@[::1]:6000/shop", "[::1]:6000/shop"),
        ("postgres://me:secret@a:1,b:2/shop", "a:1,b:2/shop"),
        ("postgres://me:secret@/shop?host=/run/postgresql", "/run/postgresql/.s.PGSQL.5432/shop"),
    ],
)
def test_the_address_of_a_database_has_no_user_and_no_password(url: str, address: str) -> None:
    assert read_postgres_url("X", url).address == address


@pytest.fixture
async def odd() -> AsyncGenerator[str]:
    """Creates a database whose name, user and password need percent-encoding, and returns its URL."""
    name = f"a b@c/d:%é_{os.getpid()}_{secrets.token_hex(4)}"
    administrator = await asyncpg.connect(POSTGRES_URL)
    await administrator.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'p@ss:w/ord%'")
    await administrator.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
    written, url = quote(name, safe=""), urlsplit(POSTGRES_URL)
    yield f"postgresql://{written}:{quote('p@ss:w/ord%', safe='')}@{url.hostname}:{url.port or 5432}/{written}"
    await administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await administrator.execute(f'DROP ROLE "{name}"')
    await administrator.close()


@needs_postgres
async def test_names_and_options_of_a_url_mean_what_they_mean_to_libpq(odd: str) -> None:
    url = f"{odd}?application_name=my%20app&options=-c%20statement_timeout%3D4321&connect_timeout=30&sslmode=disable"
    sql = (
        "SELECT current_user AS role, current_database() AS name, current_setting('application_name') AS app, "
        "current_setting('statement_timeout') AS patience"
    )
    async with open_resources(settings_for(url)) as resources:
        (row,) = await resources.database.fetch(sql)
        assert row["role"] == row["name"]
        assert row["role"].startswith("a b@c/d:%é_")
        assert (row["app"], row["patience"]) == ("my app", "4321ms")
        with resources.bus.listen("log") as listener:
            assert await listener.wait(DEADLINE), "the bus has no connection"
        async with no_hang(), resources.database.dialect.migration_lock():
            pass
        names = await resources.database.fetch(
            "SELECT application_name AS n FROM pg_stat_activity WHERE usename = $1", row["role"]
        )
        assert {each["n"] for each in names} == {"my app"}


@needs_postgres
async def test_the_first_of_several_hosts_that_answers_is_taken() -> None:
    url = urlsplit(POSTGRES_URL)
    user = f"{url.username}@" if url.username else ""
    several = url._replace(netloc=f"{user}127.0.0.1:1,{url.hostname}:{url.port or 5432}").geturl()
    async with open_resources(settings_for(several)) as resources:
        assert await resources.database.fetch("SELECT 1 AS one") == [{"one": 1}]
