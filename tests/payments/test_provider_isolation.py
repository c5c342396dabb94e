"""A provider that hangs concerns nothing but the payments that wait for it."""

import asyncio
from dataclasses import replace

import pytest

from core.settings import Settings
from tests.payments.support.wallet_steps import charges, faulty, hanging, problem, screen, top_up, without_message
from tests.support.client import HOME, Client
from tests.support.timing import until

CALLS = 6


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_calls=CALLS, payments_deadline=60.0)


async def test_home_and_other_payments_answer_while_the_provider_hangs(client: Client) -> None:
    faults, before = faulty(client.resources), await screen(client)
    home = await client.ask(HOME, as_="ben")
    faults.before = hanging
    waiting = [asyncio.create_task(top_up(client, 100, f"k{number}")) for number in range(CALLS)]
    await until(lambda: len(faults.calls) == CALLS)
    assert await client.ask(HOME, as_="ben") == home
    rejected = await asyncio.gather(*(top_up(client, 100, f"more{number}") for number in range(20)))
    assert [without_message(answer) for answer in rejected] == [problem("UnavailableProblem", "UNAVAILABLE", None)] * 20
    assert await screen(client, since=before) == (before.available, CALLS * 100, ())
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert await charges(client.resources) == []
