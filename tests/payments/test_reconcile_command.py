import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.settings import Settings
from services.payments import count_differences
from tests.payments.support.wallet_steps import row_id, sandbox, top_up
from tests.support.client import Client
from tests.support.commands import call_bff

REFERENCE = re.compile(r"ch_[0-9a-f]+")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, payments_url=f"sandbox://{tmp_path / 'sandbox.sqlite3'}")


async def test_the_command_prints_every_difference_and_fails_if_there_is_one(client: Client) -> None:
    settings, now = client.resources.settings, client.resources.clock()
    times = ("--since", f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    times += ("--until", f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    where = {"BFF_DATABASE_URL": settings.database_url, "BFF_PAYMENTS_URL": settings.payments_url}
    answer = await top_up(client, 1500)
    same = call_bff("payments", "reconcile", *times, **where)
    compared = f"compared {times[1]} to {times[3]}: "
    assert (same.returncode, same.stdout, same.stderr) == (0, f"{compared}no difference\n", "")
    await sandbox(client.resources).ask(lambda book: book.run("UPDATE charges SET amount = 1501"))
    other = call_bff("payments", "reconcile", *times, **where)
    payment = f"{await client.user_id('ana')}/{row_id(answer['payment']['id'])}"
    line, verdict = other.stdout.splitlines()
    kind, reference, *rest = line.rsplit("  ", 1)[0].split("  ")
    assert (kind, rest) == (
        "AMOUNT_DIFFERS",
        [f"payment: {payment}", "provider: CHARGE EUR 15.01", "ledger: SUCCEEDED EUR 15.00"],
    )
    assert REFERENCE.fullmatch(reference)
    assert verdict == f"{compared}1 difference"
    assert (other.returncode, other.stderr) == (
        1,
        "bff: differences between the ledger and the statement: 1; docs/payments.md explains each kind\n",
    )
    assert await count_differences(client.resources.database) == 1


@pytest.mark.parametrize(
    "times", [("--since", "yesterday"), ("--since", "2026-11-02", "--until", "2026-11-01"), ("--until", "")]
)
def test_times_that_are_none_are_rejected(tmp_path: Path, times: tuple[str, ...]) -> None:
    where = f"sqlite://{tmp_path / 'b.sqlite3'}"
    assert call_bff("migrate", BFF_DATABASE_URL=where).returncode == 0
    ended = call_bff("payments", "reconcile", *times, BFF_DATABASE_URL=where, BFF_PAYMENTS_URL="sandbox://")
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr
