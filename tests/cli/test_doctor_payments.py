"""`bff doctor` checks the payment provider."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.support.commands import call_bff
from tests.support.fake_stripe import API_KEY, FakeStripe, fake_stripe
from tests.support.providers import SECRETS

WEBHOOKS = {"BFF_PAYMENTS_WEBHOOK_SECRETS": ",".join(SECRETS)}
PRODUCTION = {"BFF_ENV": "production", "BFF_SECRET_KEYS": "a:" + "x" * 32}


@pytest.fixture
async def stripe() -> AsyncGenerator[FakeStripe]:
    async with fake_stripe() as fake:
        yield fake


async def payments(url: str, **environment: str) -> str:
    """Returns the doctor's line about payments."""
    done = await asyncio.to_thread(call_bff, "doctor", BFF_DATABASE_URL=url, **environment)
    return next(line for line in done.stdout.splitlines() if line[6:].startswith("payments"))


async def test_the_doctor_checks_the_settings_of_payments(database_url: str) -> None:
    assert await payments(database_url) == "ok    payments (sandbox)"
    assert await payments(database_url, **PRODUCTION) == "ok    payments (none)"
    assert await payments(database_url, **PRODUCTION, BFF_PAYMENTS_URL="sandbox://") == (
        "FAIL  payments (sandbox): BFF_PAYMENTS_URL: the sandbox moves no money; use stripe://"
    )
    stripe = {"BFF_PAYMENTS_URL": "stripe://"}
    assert await payments(database_url, **PRODUCTION, **stripe, BFF_PAYMENTS_SECRET="sk_test_1") == (
        "FAIL  payments (stripe): BFF_PAYMENTS_SECRET: this key moves no money, it is for tests"
    )
    assert await payments(database_url, **stripe, BFF_PAYMENTS_SECRET="sk_live_1") == (
        "FAIL  payments (stripe): BFF_PAYMENTS_SECRET: this key moves money; use a key for tests"
    )
    assert await payments(database_url, **stripe, BFF_PAYMENTS_SECRET="sk_test_1") == (
        "FAIL  payments (stripe): BFF_PAYMENTS_WEBHOOK_SECRETS: without secrets, all webhooks are rejected"
    )


async def test_the_doctor_asks_the_provider(database_url: str, stripe: FakeStripe) -> None:
    address = {"BFF_PAYMENTS_URL": f"stripe://{stripe.address}", **WEBHOOKS}
    assert await payments(database_url, **address, BFF_PAYMENTS_SECRET=API_KEY) == "ok    payments (stripe)"
    wrong = "sk_test_wrong_secret"
    assert await payments(database_url, **address, BFF_PAYMENTS_SECRET=wrong) == (
        "FAIL  payments (stripe): it does not answer (AuthenticationError): start it, or correct BFF_PAYMENTS_URL and "
        "its secret"
    )
    nowhere = {"BFF_PAYMENTS_URL": "sandbox+http://127.0.0.1:1", **WEBHOOKS}
    assert await payments(database_url, **nowhere) == (
        "FAIL  payments (sandbox): it does not answer (ConnectError): start it, or correct BFF_PAYMENTS_URL and "
        "its secret"
    )
