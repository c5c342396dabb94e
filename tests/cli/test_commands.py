"""The commands in processes of their own, with real sockets."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx2 import AsyncClient

from services.resources import open_resources
from tests.house.test_tables import NAMES
from tests.support.client import HOME, LOG_IN
from tests.support.commands import call_bff
from tests.support.engines import Engine
from tests.support.homes import home_of_ana, without_sign_in
from tests.support.programs import free_port, until_ready
from tests.support.timing import DEADLINES, HANG_SECONDS, settings_for
from tests.users.test_log_in import credentials

BFF = Path(sys.executable).parent / "bff"
PRODUCTION = {"BFF_ENV": "production", "BFF_SECRET_KEYS": "a:" + "x" * 32}


def bff(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], **DEADLINES, **environment}
    return subprocess.run(
        [BFF, *arguments], cwd=folder, env=clean, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )


def lacks_tables(url: str) -> str:
    """Returns the message of a command whose database has no tables."""
    parts = urlsplit(url)
    name = parts.path if parts.scheme == "sqlite" else f"{parts.hostname}:{parts.port or 5432}{parts.path}"
    return f"bff: BFF_DATABASE_URL: the database {name} lacks tables; run 'bff migrate' first\n"


@asynccontextmanager
async def serving(
    *arguments: str,
    folder: Path,
    stop: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] = MappingProxyType({}),
    program: Path = BFF,
) -> AsyncGenerator[AsyncClient]:
    """Runs a server process, from its first response until a signal stops it."""
    port = free_port()
    shared = {"PATH": os.environ["PATH"], "BFF_CACHE_EXPLAIN": "off", **DEADLINES}
    clean = {**shared, "PORT": str(port), **environment}
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, cwd=folder, env=clean, stdout=log, stderr=log
        )
    try:
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=HANG_SECONDS) as http:
            await until_ready(http, process)
            yield http
    finally:
        if process.returncode is None:
            process.send_signal(stop)
        assert await asyncio.wait_for(process.wait(), HANG_SECONDS) in (0, -stop)
        assert "Traceback" not in (folder / "log").read_text()


async def request_home(http: AsyncClient) -> dict[str, Any]:
    """Signs in and requests the home screen, as an app does."""
    signed_in = (await http.post("/graphql", json={"query": LOG_IN, "variables": credentials()})).json()
    token = signed_in["data"]["logIn"]["session"]["accessToken"]
    return (await http.post("/graphql", json={"query": HOME}, headers={"Authorization": f"Bearer {token}"})).json()


async def test_dev_serves_the_seeded_home_screen_from_an_empty_folder(tmp_path: Path, project: Path) -> None:
    expected = home_of_ana(project)
    async with serving("dev", folder=tmp_path) as http:
        assert without_sign_in(await request_home(http)) == expected
    async with serving(
        "dev", folder=tmp_path, stop=signal.SIGINT
    ) as http:  # the second start uses the data of the first one
        assert without_sign_in(await request_home(http)) == expected


async def test_serve_with_two_processes_answers_on_one_port(database_url: str, tmp_path: Path) -> None:
    environment = {"BFF_DATABASE_URL": database_url, **PRODUCTION}
    async with serving("serve", "--workers", "2", folder=tmp_path, environment=environment) as http:
        assert (await http.get("/readyz")).json() == {"status": "ok"}
        answers = await asyncio.gather(*(http.post("/graphql", json={"query": HOME}) for _ in range(20)))
        assert [answer.json() for answer in answers] == [{"data": {"viewer": None}}] * 20


async def test_processes_that_write_at_the_same_time_wait_for_each_other(database_url: str, tmp_path: Path) -> None:
    environment = {"BFF_DATABASE_URL": database_url, "BFF_LOG_IN_PER_ACCOUNT": "1000"}
    async with serving("serve", "--workers", "2", folder=tmp_path, environment=environment) as http:
        body = {"query": LOG_IN, "variables": credentials()}
        answers = await asyncio.gather(*(http.post("/graphql", json=body) for _ in range(40)))
        assert {answer.json()["data"]["logIn"]["__typename"] for answer in answers} == {"LogInSuccess"}


async def test_from_nothing_to_a_token_by_commands(engine: Engine, tmp_path: Path) -> None:
    async with engine.empty() as url:
        environment = {"BFF_DATABASE_URL": url}
        unready = bff("serve", folder=tmp_path, **environment)
        assert (unready.returncode, unready.stdout) == (1, "")
        assert unready.stderr == lacks_tables(url)
        tokenless = call_bff("token", "ana", **environment)
        assert (tokenless.returncode, tokenless.stdout, tokenless.stderr) == (1, "", unready.stderr)
        unseedable = call_bff("seed", **environment)
        assert (unseedable.returncode, unseedable.stderr) == (1, unready.stderr)
        assert call_bff("migrate", **environment).stdout == f"applied: {', '.join(NAMES)}\n"
        assert call_bff("migrate", **environment).stdout == "nothing to apply\n"
        assert call_bff("seed", **environment).returncode == 0
        again = call_bff("seed", **environment)
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        assert "--force" in again.stderr
        assert call_bff("seed", "--force", **environment).returncode == 0
        token = call_bff("token", "ana", **environment)
        assert token.stderr == ""
        assert token.stdout.count(".") == 2
        unknown = call_bff("token", "nobody", **environment)
        assert (unknown.returncode, unknown.stdout, unknown.stderr) == (1, "", "bff: no user has the handle 'nobody'\n")


def test_an_unknown_variable_causes_a_warning(database_url: str) -> None:
    done = call_bff("events", "dead", BFF_DATABASE_URL=database_url, BFF_DATABASE_POOLS="5", BFF_MOON="full")
    assert (done.returncode, done.stderr.splitlines()) == (
        0,
        [
            "bff: BFF_DATABASE_POOLS: there is no such setting; did you mean BFF_DATABASE_POOL?",
            "bff: BFF_MOON: there is no such setting",
        ],
    )


async def test_a_seed_has_the_requested_size(engine: Engine) -> None:
    async with engine.empty() as url:
        assert call_bff("migrate", BFF_DATABASE_URL=url).returncode == 0
        small = call_bff("seed", "--users", "43", BFF_DATABASE_URL=url)
        assert (small.returncode, small.stderr) == (1, "bff: --users: at least 44 users are required\n")
        assert call_bff("seed", "--users", "300", "--seed", "7", BFF_DATABASE_URL=url).returncode == 0
        async with open_resources(settings_for(url)) as resources:
            (row,) = await resources.database.fetch("SELECT COUNT(*) AS n FROM users")
            assert row["n"] == 300
        report = call_bff("doctor", BFF_DATABASE_URL=url).stdout.splitlines()
        assert [line.split(":")[0] for line in report if not line.startswith("ok ")] == ["FAIL  workers"]


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "seed", "dev"])
def test_a_database_that_cannot_be_reached_is_one_line(command: str, tmp_path: Path) -> None:
    url = f"postgres://nobody@127.0.0.1:{free_port()}/nowhere"
    failed = bff(command, folder=tmp_path, BFF_DATABASE_URL=url, PORT="0")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert failed.stderr.startswith("bff: BFF_DATABASE_URL: cannot connect (")


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        failed = bff("dev", folder=tmp_path, PORT=str(port))
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == f"bff: PORT: cannot listen on 127.0.0.1:{port} (Address already in use); choose another\n"


@pytest.mark.parametrize("command", ["serve", "worker", "dev", "seed", "migrate"])
def test_production_with_the_default_secret_does_not_start(command: str, tmp_path: Path) -> None:
    failed = bff(command, folder=tmp_path, BFF_ENV="production")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == (
        "bff: BFF_SECRET_KEYS: the default secret is public and cannot be used in production; "
        "'bff keys generate' prints a new key\n"
    )


def test_the_first_key_is_generated_before_the_settings_are_complete(tmp_path: Path) -> None:
    generated = bff("keys", "generate", folder=tmp_path, BFF_ENV="production")
    assert (generated.returncode, generated.stderr) == (0, "")
    started = bff("migrate", folder=tmp_path, BFF_ENV="production", BFF_SECRET_KEYS=generated.stdout.strip())
    assert (started.returncode, started.stderr) == (0, "")


@pytest.mark.parametrize("command", [("dev",), ("seed",), ("token", "ana")])
def test_production_allows_no_demo_users_and_prints_no_tokens(command: tuple[str, ...], tmp_path: Path) -> None:
    failed = bff(*command, folder=tmp_path, **PRODUCTION)
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert failed.stderr.startswith("bff: BFF_ENV: ")


def test_schema_export_prints_the_committed_schema(project: Path) -> None:
    assert call_bff("schema", "export").stdout == (project / "schema.graphql").read_text()


@pytest.mark.parametrize("arguments", [(), ("nothing",), ("serve", "--workers", "0"), ("token",)])
def test_a_command_that_is_none_says_how_commands_are_written(arguments: tuple[str, ...], tmp_path: Path) -> None:
    failed = bff(*arguments, folder=tmp_path)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("usage: bff")
