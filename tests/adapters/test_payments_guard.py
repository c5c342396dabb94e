"""The bounds of calls of a payment provider: deadline, maximum of concurrent calls, circuit breaker."""

import asyncio

import pytest

from adapters.breaker import FAILURES, MAX_PAUSE_SECONDS, Breaker
from adapters.payments import (
    CardRejected,
    ChargeRequest,
    ChargeState,
    GuardedProvider,
    ProviderCharge,
    ProviderUnavailable,
    RequestRejected,
)
from adapters.payments.sandbox.provider import SandboxProvider
from tests.support.providers import BEGIN, END, charge_request
from tests.support.timing import DEADLINE, MOMENT, no_hang


class Moody(SandboxProvider):
    """A provider that hangs or fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = False
        self.error: Exception | None = None
        self.calls = 0

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        self.calls += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        return await super().charge(request)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_provider_that_hangs_is_unavailable_after_the_deadline() -> None:
    moody = Moody()
    moody.hangs = True
    provider = GuardedProvider(moody, MOMENT, 20)
    async with no_hang():
        with pytest.raises(ProviderUnavailable, match="deadline"):
            await provider.charge(charge_request("pm_seed_1"))
    assert (await provider.find_charge(charge_request("pm_seed_1"), None)) is None, "other calls continue"
    await provider.close()


async def test_calls_beyond_the_maximum_fail_at_once() -> None:
    moody = Moody()
    moody.hangs = True
    provider = GuardedProvider(moody, DEADLINE, 2)
    hanging = [asyncio.create_task(provider.charge(charge_request("pm_seed_1", payment=n))) for n in (1, 2)]
    await asyncio.sleep(0)
    assert not provider.is_available
    with pytest.raises(ProviderUnavailable):
        provider.check_available()
    with pytest.raises(ProviderUnavailable, match="too many calls"):
        await provider.charge(charge_request("pm_seed_1", payment=3))
    assert moody.calls == 2
    for task in hanging:
        task.cancel()
    await asyncio.wait(hanging)
    moody.hangs = False
    assert provider.is_available, "cancelled calls end"
    assert (await provider.charge(charge_request("pm_seed_1"))).state is ChargeState.SUCCEEDED
    await provider.close()


async def failing(provider: GuardedProvider, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ProviderUnavailable):
            await provider.charge(charge_request("pm_seed_1"))


async def test_the_breaker_opens_after_failures_in_a_row_and_closes_after_a_trial() -> None:
    moody, clock = Moody(), Clock()
    moody.error = ProviderUnavailable("no")
    provider = GuardedProvider(moody, DEADLINE, 20, Breaker(clock))
    await failing(provider, FAILURES - 1)
    assert provider.is_available
    await failing(provider, 1)
    assert not provider.is_available
    await failing(provider, 10)
    assert moody.calls == FAILURES, "an open breaker makes no calls"
    clock.now += 1
    assert provider.is_available
    await failing(provider, 10)
    assert moody.calls == FAILURES + 1, "one trial"
    clock.now += 1.9
    assert not provider.is_available, "the pause has doubled"
    moody.error = None
    clock.now += 0.1
    assert (await provider.charge(charge_request("pm_seed_1"))).state is ChargeState.SUCCEEDED
    assert provider.is_available
    assert (await provider.charge(charge_request("pm_seed_1"))).state is ChargeState.SUCCEEDED
    await provider.close()


async def test_the_pauses_of_the_breaker_grow_to_a_maximum() -> None:
    moody, clock, pauses = Moody(), Clock(), list[float]()
    moody.error = ProviderUnavailable("no")
    provider = GuardedProvider(moody, DEADLINE, 20, Breaker(clock))
    await failing(provider, FAILURES)
    for _ in range(7):
        begun = clock.now
        while not provider.is_available:
            clock.now += 0.5
        pauses.append(clock.now - begun)
        await failing(provider, 1)
    assert pauses == [1, 2, 4, 8, 16, MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS]
    await provider.close()


async def test_only_one_call_tries_an_open_breaker_and_one_that_is_cancelled_permits_another() -> None:
    moody, clock = Moody(), Clock()
    moody.error = ProviderUnavailable("no")
    provider = GuardedProvider(moody, DEADLINE, 20, Breaker(clock))
    await failing(provider, FAILURES)
    moody.error, moody.hangs = None, True
    clock.now += 1
    trial = asyncio.create_task(provider.charge(charge_request("pm_seed_1")))
    await asyncio.sleep(0)
    await failing(provider, 3)
    assert moody.calls == FAILURES + 1
    trial.cancel()
    await asyncio.wait([trial])
    moody.hangs = False
    clock.now += 1
    assert (await provider.charge(charge_request("pm_seed_1"))).state is ChargeState.SUCCEEDED
    await provider.close()


async def test_answers_that_reject_a_request_do_not_open_the_breaker() -> None:
    moody = Moody()
    provider = GuardedProvider(moody, DEADLINE, 20)
    for error in (RequestRejected("a key was used"), CardRejected()):
        moody.error = error
        for _ in range(2 * FAILURES):
            with pytest.raises(type(error)):
                await provider.charge(charge_request("pm_seed_1"))
    assert provider.is_available
    await provider.close()


async def test_each_line_of_a_statement_has_the_deadline() -> None:
    moody = Moody()
    provider = GuardedProvider(moody, DEADLINE, 1)
    for payment in range(1, 4):
        await provider.charge(charge_request("pm_seed_1", payment, payment))
    assert [line.amount async for line in provider.statement(BEGIN, END)] == [1, 2, 3]
    await provider.close()
