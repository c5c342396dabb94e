"""Keys are rotated process by process, as `docs/settings.md` describes. Processes with wrong keys do not start."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from core.keys import KeyRing
from services.maintenance.key_holders import announce_keys
from services.resources import Resources, open_resources
from tests.cli.test_commands import bff, serving
from tests.cli.test_worker import working
from tests.support.account import DEVICE
from tests.support.client import operation
from tests.support.commands import call_bff
from tests.support.jobs import rows
from tests.support.kept import snapshot
from tests.support.relay import drained
from tests.support.timing import no_hang, settings_for

OLD = "old:the-old-secret-of-more-than-32-bytes-000000"
NEW = "new:the-new-secret-of-more-than-32-bytes-000000"
DEV = "dev:not-a-secret-for-development-only-0000"
STAGES = [
    {"BFF_SECRET_KEYS": f"{OLD},{DEV}"},
    {"BFF_SECRET_KEYS": f"{OLD},{DEV},{NEW}"},
    {"BFF_SECRET_KEYS": f"{NEW},{OLD},{DEV}"},
    {"BFF_SECRET_KEYS": NEW, "BFF_RETIRED_KEYS": f"{OLD},{DEV}"},
]
"""The settings of every process, step by step. The seed was created with the development key."""
WAITING = (
    "SELECT 1 AS one FROM relay_positions p JOIN event_log e "
    "ON e.partition = p.partition AND (e.tx, e.id) > (p.tx, p.id) LIMIT 1"
)


async def ask(http: AsyncClient, name: str, sent: Mapping[str, Any] | None = None, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": operation("account.graphql", name), "variables": {"input": sent}}
    answer = (await http.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]


class Phone:
    """Uses one session on any of the servers."""

    def __init__(self, session: dict[str, Any]) -> None:
        self.session = session

    @classmethod
    async def signed_in(cls, http: AsyncClient) -> "Phone":
        sent = {"email": "ana@example.com", "password": "open-sesame-ana", "device": DEVICE}
        answer = (await ask(http, "LogIn", sent))["logIn"]
        assert answer["__typename"] == "LogInSuccess", answer
        return cls(answer["session"])

    async def use(self, http: AsyncClient) -> None:
        """Reads sealed data, and refreshes the session."""
        viewer = (await ask(http, "Devices", token=self.session["accessToken"]))["viewer"]
        assert viewer["email"] == "ana@example.com"
        answer = (await ask(http, "RefreshSession", {"refreshToken": self.session["refreshToken"]}))["refreshSession"]
        assert answer["__typename"] == "RefreshSessionSuccess", answer
        self.session = answer["session"]


async def test_a_rotation_interrupts_no_session_and_the_trail_stays_intact(database_url: str, tmp_path: Path) -> None:
    phones: list[Phone] = []
    place = {"BFF_DATABASE_URL": database_url, "BFF_LOG_IN_PER_ACCOUNT": "1000", "BFF_REFRESH_PER_ADDRESS": "1000"}

    async def use_all_sessions(*servers: AsyncClient) -> None:
        phones.extend([await Phone.signed_in(http) for http in servers])
        for http in servers:
            for phone in phones:
                await phone.use(http)

    async with AsyncExitStack() as first, AsyncExitStack() as second:
        stacks = [first, second]
        servers = [
            await stack.enter_async_context(serving("serve", folder=tmp_path, environment=place | STAGES[0]))
            for stack in stacks
        ]
        await use_all_sessions(*servers)
        for stage in STAGES[1:]:
            for number, stack in enumerate(stacks):
                await stack.aclose()
                again = serving("serve", folder=tmp_path, environment=place | stage)
                servers[number] = await stack.enter_async_context(again)
                await use_all_sessions(*servers)
                async with working(tmp_path, place | stage):
                    await projected(database_url, running=3)
            if stage is STAGES[2]:
                done = call_bff("keys", "rotate", **place, **stage)
                assert (done.returncode, done.stderr) == (0, "")
                assert int(done.stdout.removeprefix("sealed again: ")) >= 4
        trail = call_bff("audit", "verify", **place, **STAGES[-1])
        assert (trail.returncode, trail.stderr) == (0, ""), trail.stdout


async def projected(database_url: str, running: int) -> None:
    """Waits until `running` processes run and all events are projected."""
    async with open_resources(settings_for(database_url)) as resources, no_hang():
        while len(await rows(resources, "key_holders")) < running or await resources.database.fetch(WAITING):  # noqa: ASYNC110 - processes are watched
            await asyncio.sleep(0.05)


@asynccontextmanager
async def held(database_url: str, keys: str, retired: str = "") -> AsyncGenerator[Resources]:
    """Registers this process with these keys."""
    settings = settings_for(database_url, secret_keys=keys, retired_keys=retired)
    async with open_resources(settings) as resources:
        await announce_keys(resources)
        yield resources


async def ended(resources: Resources) -> None:
    """Removes all processes, as if they had ended."""
    await resources.database.fetch("DELETE FROM key_holders")


@pytest.mark.parametrize(
    ("command", "keys", "message"),
    [
        ("serve", f"{NEW},{OLD}", "process that ran within the last minute"),
        ("worker", f"{NEW},{OLD}", "Give all processes both keys, the new one last, before one has it first"),
        ("serve", NEW, "key 'old' is missing, and data is sealed with it"),
        ("keys rotate", f"{NEW},{OLD}", "The first key 'new' is missing there"),
        ("serve", "old:the-same-id-with-another-secret-000000000", "key 'old' has another secret than it had"),
    ],
)
async def test_a_process_whose_data_others_could_not_read_does_not_start(
    database_url: str, tmp_path: Path, command: str, keys: str, message: str
) -> None:
    async with held(database_url, OLD) as resources:
        before = await snapshot(resources)
        failed = bff(*command.split(), folder=tmp_path, BFF_DATABASE_URL=database_url, BFF_SECRET_KEYS=keys)
        assert (failed.returncode, failed.stdout) == (1, "")
        assert failed.stderr.startswith("bff: BFF_SECRET_KEYS: ")
        assert message in failed.stderr
        assert failed.stderr.count("\n") == 1
        assert "secret-of" not in failed.stderr
        assert await snapshot(resources) == before


async def test_nothing_is_rotated_while_a_process_seals_with_another_key(database_url: str) -> None:
    environment = {"BFF_DATABASE_URL": database_url, "BFF_SECRET_KEYS": f"{NEW},{DEV}"}
    async with held(database_url, f"{DEV},{NEW}") as resources:
        before = await snapshot(resources)
        failed = call_bff("keys", "rotate", **environment)
        assert failed.returncode == 1
        assert "The first key there is not 'new'. Put 'new' first on all processes" in failed.stderr
        after = await snapshot(resources)
        assert {table: rows for table, rows in after.items() if table != "key_states"} == {
            table: rows for table, rows in before.items() if table != "key_states"
        }
        await ended(resources)
        done = call_bff("keys", "rotate", **environment)
        assert (done.returncode, done.stderr) == (0, "")


async def test_a_key_can_be_retired_after_a_rotation(database_url: str, tmp_path: Path) -> None:
    async with held(database_url, DEV) as resources:
        await ended(resources)
    environment = {"BFF_DATABASE_URL": database_url, "BFF_SECRET_KEYS": NEW, "BFF_RETIRED_KEYS": DEV}
    early = bff("worker", folder=tmp_path, **environment)
    assert early.returncode == 1
    assert early.stderr.startswith("bff: BFF_RETIRED_KEYS: personal data is sealed with key 'dev'.")
    done = call_bff("keys", "rotate", BFF_DATABASE_URL=database_url, BFF_SECRET_KEYS=f"{NEW},{DEV}")
    assert (done.returncode, done.stderr) == (0, "")
    async with working(tmp_path, environment):
        await projected(database_url, running=1)
    back = bff("worker", folder=tmp_path, BFF_DATABASE_URL=database_url, BFF_SECRET_KEYS=NEW)
    assert back.returncode == 1
    assert "key 'dev' is missing" in back.stderr
    place = {"BFF_DATABASE_URL": database_url, "BFF_SECRET_KEYS": NEW}
    assert call_bff("keys", "forget", "new", **place).returncode == 1
    lost = call_bff("keys", "forget", "dev", **place)
    assert (lost.returncode, lost.stderr) == (0, "")
    async with working(tmp_path, place):
        await projected(database_url, running=1)
    again = call_bff("keys", "forget", "dev", **place)
    assert (again.returncode, again.stderr) == (1, "bff: there is no key 'dev'\n")


async def test_a_process_without_heartbeats_for_a_minute_counts_as_ended(database_url: str) -> None:
    async with held(database_url, DEV) as resources:
        (holder,) = await rows(resources, "key_holders")
        assert holder["key_ids"] == "dev"
        await resources.database.fetch("UPDATE key_holders SET seen_at = $1", resources.clock().replace(year=2020))
    done = call_bff("keys", "rotate", BFF_DATABASE_URL=database_url, BFF_SECRET_KEYS=f"{NEW},{DEV}")
    assert (done.returncode, done.stderr) == (0, "")


async def test_a_server_that_ends_removes_its_keys(database_url: str, tmp_path: Path) -> None:
    async with open_resources(settings_for(database_url)) as resources:
        async with serving("serve", folder=tmp_path, environment={"BFF_DATABASE_URL": database_url}):
            assert len(await rows(resources, "key_holders")) == 1
        assert await rows(resources, "key_holders") == []
        await drained(resources)


def test_a_generated_key_is_valid() -> None:
    generated = {call_bff("keys", "generate").stdout.strip() for _ in range(2)}
    assert len(generated) == 2
    ring = KeyRing(",".join(sorted(generated)))
    assert all(key_id.startswith("k20") for key_id in ring.ids)
