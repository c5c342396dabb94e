"""Tests the limits of a transfer and of a day, and the password that large transfers need."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from core.clock import CorrectedClock
from core.errors import SettingsError
from core.settings import Settings
from events import PasswordRefused, PaymentSucceeded
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.payments import available, money, newcomer, pay, refund, send, sent_by, user

MAX = "USD=20,EUR=20,GBP=20,JPY=2000,INR=2000"
DAILY = "USD=50,EUR=50,GBP=50,JPY=5000,INR=5000"
STEP_UP = "USD=15,EUR=15,GBP=15,JPY=1500,INR=1500"
PASSWORD = "open-sesame-ana"
NEEDS_PASSWORD = {
    "__typename": "ForbiddenProblem",
    "code": "FORBIDDEN",
    "message": "Confirm this amount with your password.",
    "field": "input.password",
}
WRONG_PASSWORD = {
    "__typename": "InvalidCredentialsProblem",
    "code": "INVALID_CREDENTIALS",
    "message": "The password is wrong.",
    "field": "input.password",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_max_amount=MAX, payments_max_daily=DAILY, step_up_amount=STEP_UP)


def too_much(message: str) -> dict[str, Any]:
    return {
        "__typename": "InvalidInputProblem",
        "code": "INVALID_INPUT",
        "message": message,
        "field": "input.amount.minorUnits",
    }


async def test_a_transfer_has_a_limit_by_currency(client: Client) -> None:
    yen, other = await newcomer(client, 1, 5000, "JPY"), await newcomer(client, 2)
    before = await snapshot(client.resources)
    assert await send(client, "ana", "ben", 2001) == too_much("Send at most EUR 20.00 at once.")
    sent = {"recipientId": await user(client, other), "password": "a password of the storm"}
    answer = await pay(client, "SendPayment", yen, **sent, amount=money(2001, "JPY"))
    assert answer == too_much("Send at most JPY 2000 at once.")
    assert await snapshot(client.resources) == before
    assert (await pay(client, "SendPayment", yen, **sent, amount=money(2000, "JPY")))["replayed"] is False
    assert (await send(client, "ana", "ben", 2000, password=PASSWORD))["replayed"] is False


async def test_a_users_transfers_of_a_day_have_a_limit(client: Client) -> None:
    for amount, recipient in ((1500, "ben"), (1500, "chi"), (1500, "dia"), (500, "ben")):
        payment_id = await sent_by(client, "ana", recipient, amount, idempotencyKey=f"{recipient}-{amount}")
    before, limit = await snapshot(client.resources), too_much("This exceeds the limit of EUR 50.00 per day.")
    assert await send(client, "ana", "chi", 1) == limit
    assert await snapshot(client.resources) == before
    assert (await send(client, "ana", "ben", 500, idempotencyKey="ben-500"))["payment"]["id"] == payment_id
    await refund(client, "ben", payment_id)
    assert await send(client, "ana", "chi", 1) == limit
    assert (await send(client, "ben", "chi", 1500))["__typename"] == "SendPaymentSuccess"


async def test_transfers_of_the_day_before_do_not_count(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await sent_by(client, "ana", "ben", 1500)
    assert (await send(client, "ana", "ben", 501))["code"] == "INVALID_INPUT"
    clock = cast("CorrectedClock", client.resources.clock)
    own = clock.own
    for later, code in ((timedelta(hours=23), "INVALID_INPUT"), (timedelta(hours=24, seconds=30), None)):
        monkeypatch.setattr(clock, "own", lambda later=later: own() + later)
        assert (await send(client, "ana", "ben", 501)).get("code") == code


async def test_concurrent_transfers_do_not_exceed_the_limit_of_a_day(client: Client) -> None:
    anas = await available(client, "ana")
    answers = await asyncio.gather(*(send(client, "ana", other, 1500) for other in ("ben", "chi", "dia") * 2))
    kinds = Counter(answer["__typename"] for answer in answers)
    assert kinds == {"SendPaymentSuccess": 3, "InvalidInputProblem": 3}
    assert await available(client, "ana") == anas - 4500


async def test_a_large_transfer_needs_the_password(client: Client) -> None:
    ana_id, before = await client.user_id("ana"), await snapshot(client.resources)
    assert await send(client, "ana", "ben", 1501, idempotencyKey="a-key") == NEEDS_PASSWORD
    assert await snapshot(client.resources) == before
    wrong = await send(client, "ana", "ben", 1501, password="open-sesame-ben", idempotencyKey="a-key")
    assert wrong == WRONG_PASSWORD
    rejected = PasswordRefused(actor_id=ana_id, device_id=1)
    assert await events_of(client.resources) == [rejected]
    after = await snapshot(client.resources)
    assert {table for table in after if after[table] != before[table]} == {"event_log"}
    first = await send(client, "ana", "ben", 1501, password=PASSWORD, idempotencyKey="a-key")
    again = await send(client, "ana", "ben", 1501, password=PASSWORD, idempotencyKey="a-key")
    assert (first["replayed"], again) == (False, {**first, "replayed": True})
    assert [type(event) for event in await events_of(client.resources)] == [PasswordRefused, PaymentSucceeded]


async def test_a_repeated_transfer_is_answered_though_it_would_be_rejected_now(client: Client) -> None:
    first = await send(client, "ana", "ben", 1501, password=PASSWORD, idempotencyKey="a-key")
    vars(client.resources.settings)["max_amounts"] = {**client.resources.settings.max_amounts, "EUR": 100}
    before = await snapshot(client.resources)
    again = await send(client, "ana", "ben", 1501, idempotencyKey="a-key")
    assert (first["replayed"], again) == (False, {**first, "replayed": True})
    assert await send(client, "ana", "ben", 1501, idempotencyKey="other") == too_much("Send at most EUR 1.00 at once.")
    assert await send(client, "ana", "ben", 1502, idempotencyKey="a-key") == too_much("Send at most EUR 1.00 at once.")
    assert await snapshot(client.resources) == before


async def test_a_small_transfer_does_not_need_the_password_and_ignores_it(client: Client) -> None:
    for password in (None, "wrong", PASSWORD):
        assert (await send(client, "ana", "ben", 1500, password=password))["__typename"] == "SendPaymentSuccess"


async def test_attempts_of_the_password_are_limited(client: Client) -> None:
    attempts = client.resources.settings.log_in_per_account
    for _ in range(attempts):
        assert await send(client, "ana", "ben", 1501, password="wrong") == WRONG_PASSWORD
    answer = await send(client, "ana", "ben", 1501, password=PASSWORD)
    assert (answer["__typename"], answer["code"]) == ("RateLimitedProblem", "RATE_LIMITED")
    assert (await send(client, "ana", "ben", 1500))["__typename"] == "SendPaymentSuccess"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"payments_max_amount": "EUR=1"}, "BFF_PAYMENTS_MAX_AMOUNT"),
        ({"payments_max_daily": DAILY.replace("EUR=50", "EUR=19")}, "BFF_PAYMENTS_MAX_DAILY"),
        ({"step_up_amount": STEP_UP.replace("JPY=1500", "JPY=1500.5")}, "BFF_STEP_UP_AMOUNT"),
    ],
)
def test_a_wrong_limit_is_detected_at_the_start(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        replace(Settings(payments_max_amount=MAX, payments_max_daily=DAILY, step_up_amount=STEP_UP), **wrong)
