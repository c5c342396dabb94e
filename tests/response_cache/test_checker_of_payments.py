"""The checker of the campaign finds old payments, wallets and cards, for both parties of a payment."""

from typing import Any

import pytest

from core.global_ids import global_id
from tests.response_cache.support.payments import FAILED, REFUNDED, SUCCEEDED, Kind, Payment
from tests.response_cache.support.registers import GONE, Register
from tests.response_cache.support.small_world import ANA, BEN, World, page, write

Json = dict[str, Any]


def sent(world: World, number: int, kind: Kind = "TRANSFER", payer: str | None = "ana", payee: str = "ben") -> Payment:
    """Writes a payment of 100 at a second that is its number, and its id."""
    owner = ANA if "ana" in (payer, payee) else BEN
    payment = world.history.payments.add(Payment(number, kind, 100 * number, payer, payee, float(number)))
    write(payment.register, SUCCEEDED, number, number + 1)
    payment.was_created(number + 1)
    world.history.payments.bind(payment, global_id("Payment", owner, number), number)
    return payment


def money(amount: int) -> Json:
    return {"minorUnits": str(amount), "currency": "EUR"}


def shown(payment: Payment, status: str = "SUCCEEDED", refunded: int = 0) -> Json:
    amounts = {"amount": money(payment.amount), "refundedAmount": money(refunded)}
    return {"id": payment.id, "kind": payment.kind, "status": status, **amounts}


def entry(payment: Payment, amount: int, after: int) -> Json:
    return {
        "amount": money(amount),
        "balanceAfter": money(after),
        "payment": {"id": payment.id, "kind": payment.kind, "status": "SUCCEEDED"},
    }


def wallet(available: int, *entries: Json, pending: int = 0) -> Json:
    amounts = {"available": money(available), "pending": money(pending)}
    return {"viewer": {"wallet": {**amounts, "entries": page(*entries)}}}


@pytest.mark.parametrize("viewer", ["ana", "ben"])
def test_old_status_of_a_payment_for_both_parties(world: World, viewer: str) -> None:
    payment = sent(world, 5)
    write(payment.register, REFUNDED, 10, 11)
    assert world.kinds({"node": shown(payment, "REFUNDED", 500)}, viewer=viewer, id=payment.id) == set()
    assert world.kinds({"node": shown(payment)}, viewer=viewer, id=payment.id) == {"status of payment"}
    assert "payment" in world.kinds({"node": None}, viewer=viewer, id=payment.id)


def test_refunded_amount_and_direction_of_a_payment(world: World) -> None:
    payment = sent(world, 5)
    wrong = shown(payment, refunded=7) | {"direction": "IN", "counterparty": None}
    assert world.kinds({"node": wrong}, id=payment.id) == {"refundedAmount", "direction", "counterparty"}


def test_payments_of_others(world: World) -> None:
    payment = sent(world, 5)
    world.user("chi", 3)
    assert world.kinds({"node": None}, viewer="chi", id=payment.id) == set()
    assert world.kinds({"node": shown(payment)}, viewer="chi", id=payment.id) == {"payment"}


def test_payment_is_missing_in_a_list(world: World) -> None:
    payments = [sent(world, number) for number in range(5, 11)]
    newest = page(*(shown(payment) for payment in payments[:0:-1]))
    assert world.kinds({"viewer": {"payments": newest}}) == set()
    oldest = page(*(shown(payment) for payment in payments[:5][::-1]))
    assert world.kinds({"viewer": {"payments": oldest}}) == {"payment in list"}


def test_old_balance_and_entries(world: World) -> None:
    first = sent(world, 5, "TOP_UP", None, "ana")
    second = sent(world, 7)
    entries = (entry(second, -700, -200), entry(first, 500, 499))
    assert world.kinds(wallet(-200, *entries)) == {"balanceAfter"}
    assert world.kinds(wallet(500, entries[1], pending=1)) == {"balanceAfter", "available", "pending", "entry"}
    assert "wallet" in world.kinds({"viewer": {"wallet": None}})


def test_payments_without_a_known_outcome_may_be_missing(world: World) -> None:
    top_up = world.history.payments.add(Payment(5, "TOP_UP", 500, None, "ana", 5.0))
    write(top_up.register, SUCCEEDED, 5)
    assert world.kinds({"viewer": {"wallet": None}}) == set()
    assert world.kinds(wallet(0, pending=500)) == set()
    assert world.kinds(wallet(500, pending=501)) == {"pending"}


def test_failed_payments_move_nothing(world: World) -> None:
    failed = world.history.payments.add(Payment(5, "TOP_UP", 500, None, "ana", 5.0))
    write(failed.register, FAILED, 5, 6)
    assert world.kinds(wallet(0)) == set()
    assert world.kinds(wallet(500)) == {"available"}


def test_cards(world: World) -> None:
    for last_four in ("4242", "4444"):
        world.ana.cards[last_four] = Register()
        write(world.ana.cards[last_four], 1, 5, 6)
    write(world.ana.cards["4444"], GONE, 7, 8)
    card = {"lastFour": "4444", "isDefault": False}
    found = world.kinds({"viewer": {"paymentMethods": page(card)}})
    assert found == {"card", "card in list", "default card"}
