"""The campaign's checker reports each planted fault, and nothing else."""

from collections.abc import Callable

import pytest

from tests.payments.support.book import Row
from tests.payments.support.checker import Charge
from tests.payments.support.example_bank import (
    NOT_CHARGED,
    TO_CARD,
    TOP_UP,
    TRANSFER,
    Bank,
    answer,
    entries,
    payment,
)


def lose_a_payment(bank: Bank) -> None:
    del bank.payments[TRANSFER]


def lose_a_declined_payment(bank: Bank) -> None:
    del bank.payments[NOT_CHARGED]


def double_a_payment(bank: Bank) -> None:
    again = Row(1, 99)
    bank.payments[again] = payment(again, "TRANSFER", "SUCCEEDED", 200)
    bank.parties += [{**side, "payment_id": 99} for side in bank.parties if side["payment_id"] == TRANSFER.id]
    bank.entries += entries((1, "WALLET", again, -200, 50), (2, "WALLET", again, 200, 350))
    bank.wallets[0]["available"] = 50
    bank.wallets[1]["available"] = 350
    bank.streamed += [(1, again), (2, again)]
    bank.notifications.append({**bank.notifications[0], "subject_id": 99})


def acknowledge_twice(bank: Bank) -> None:
    bank.answers.append(answer("g", "TopUpWallet", TOP_UP, 500))


def acknowledge_more(bank: Bank) -> None:
    bank.answers[1] = answer("b", "SendPayment", TRANSFER, 201, recipient_id=2)


def fail_what_was_acknowledged(bank: Bank) -> None:
    bank.payments[TOP_UP]["status"] = "FAILED"


def lose_an_entry(bank: Bank) -> None:
    del bank.entries[5]


def change_a_wallet(bank: Bank) -> None:
    bank.wallets[0]["available"] += 1


def leave_a_payment_pending(bank: Bank) -> None:
    bank.payments[NOT_CHARGED]["status"] = "PENDING"


def forget_a_refund(bank: Bank) -> None:
    bank.payments[TRANSFER]["refunded_amount"] = 0


def charge_twice(bank: Bank) -> None:
    bank.charges.append(bank.charges[0])


def charge_for_a_failed_payment(bank: Bank) -> None:
    bank.charges.append(Charge(NOT_CHARGED, "CHARGE", 70))


def lose_a_charge(bank: Bank) -> None:
    del bank.charges[0]


def refund_another_amount(bank: Bank) -> None:
    bank.charges[1] = Charge(TO_CARD, "REFUND", 99)


def lose_a_change(bank: Bank) -> None:
    bank.streamed.remove((2, TRANSFER))


def tell_twice(bank: Bank) -> None:
    bank.notifications.append(bank.notifications[0])


def tell_nothing(bank: Bank) -> None:
    del bank.notifications[0]


def change_a_key(bank: Bank) -> None:
    bank.keys[0]["subject_id"] = 77


def test_a_correct_bank_has_no_fault() -> None:
    assert Bank().faults() == {}


@pytest.mark.parametrize(
    ("plant", "kinds"),
    [
        (lose_a_payment, {"lost", "doubled", "events"}),
        (lose_a_declined_payment, {"doubled"}),
        (double_a_payment, {"doubled"}),
        (acknowledge_twice, {"doubled"}),
        (acknowledge_more, {"lost", "doubled"}),
        (fail_what_was_acknowledged, {"lost", "ledger", "provider"}),
        (lose_an_entry, {"ledger"}),
        (change_a_wallet, {"ledger"}),
        (leave_a_payment_pending, {"ledger"}),
        (forget_a_refund, {"ledger"}),
        (charge_twice, {"provider"}),
        (charge_for_a_failed_payment, {"provider"}),
        (lose_a_charge, {"provider"}),
        (refund_another_amount, {"provider"}),
        (lose_a_change, {"events"}),
        (tell_twice, {"events"}),
        (tell_nothing, {"events"}),
        (change_a_key, {"doubled"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_fault_is_reported(plant: Callable[[Bank], None], kinds: set[str]) -> None:
    bank = Bank()
    plant(bank)
    assert set(bank.faults()) == kinds
