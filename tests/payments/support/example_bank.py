"""A correct bank, of which tests change a part."""

from typing import Any

from tests.payments.support.book import DECLINED, SUCCESS, Acknowledged, Answer, Row
from tests.payments.support.checker import Charge, Stored, faults
from tests.payments.support.snapshots import Rows

TOP_UP, TRANSFER, REFUND, TO_CARD, NOT_CHARGED = Row(1, 10), Row(1, 11), Row(2, 12), Row(1, 13), Row(1, 14)


def payment(key: Row, kind: str, status: str, amount: int, refunds: Row | None = None) -> dict[str, Any]:
    original = {"refunds_owner_id": refunds and refunds.owner_id, "refunds_id": refunds and refunds.id}
    row = {"kind": kind, "status": status, "amount": amount, "refunded_amount": 0, "currency": "EUR"}
    return {"owner_id": key.owner_id, "id": key.id, "sealed_at": "then", **row, **original}


def entries(*rows: tuple[int, str, Row, int, int | None]) -> Rows:
    return [
        {
            "owner_id": owner,
            "id": number,
            "account": account,
            "payment_owner_id": key.owner_id,
            "payment_id": key.id,
            "amount": amount,
            "currency": "EUR",
            "balance_after": after,
        }
        for number, (owner, account, key, amount, after) in enumerate(rows)
    ]


def answer(key: str, operation: str, paid: Row, amount: int, **other: Any) -> Answer:
    told = Acknowledged(paid, amount, "EUR", "SUCCEEDED")
    return Answer(paid.owner_id, operation, key, SUCCESS, amount, told, **other)


class Bank:
    """Holds the book of the clients, the rows, and the records of the provider."""

    def __init__(self) -> None:
        self.answers = [
            answer("a", "TopUpWallet", TOP_UP, 500),
            answer("b", "SendPayment", TRANSFER, 200, recipient_id=2),
            answer("c", "RefundPayment", REFUND, 50, original=TRANSFER),
            answer("d", "RefundPayment", TO_CARD, 100, original=TOP_UP),
            Answer(1, "TopUpWallet", "e", DECLINED, 70),
            Answer(2, "SendPayment", "f", "INSUFFICIENT_FUNDS", 9000, recipient_id=1),
        ]
        self.payments = {
            TOP_UP: payment(TOP_UP, "TOP_UP", "PARTIALLY_REFUNDED", 500) | {"refunded_amount": 100},
            TRANSFER: payment(TRANSFER, "TRANSFER", "PARTIALLY_REFUNDED", 200) | {"refunded_amount": 50},
            REFUND: payment(REFUND, "REFUND", "SUCCEEDED", 50, refunds=TRANSFER),
            TO_CARD: payment(TO_CARD, "REFUND", "SUCCEEDED", 100, refunds=TOP_UP),
            NOT_CHARGED: payment(NOT_CHARGED, "TOP_UP", "FAILED", 70),
        }
        self._add_parties()
        self._add_entries()
        self._add_keys_and_notifications()
        self.charges = [Charge(TOP_UP, "CHARGE", 500), Charge(TO_CARD, "REFUND", 100)]
        self.streamed = [(side["owner_id"], Row(side["payment_owner_id"], side["payment_id"])) for side in self.parties]

    def _add_parties(self) -> None:
        sides = [(1, TOP_UP, "IN"), (1, TRANSFER, "OUT"), (2, TRANSFER, "IN"), (2, REFUND, "OUT"), (1, REFUND, "IN")]
        self.parties: Rows = [
            {"owner_id": owner, "payment_owner_id": key.owner_id, "payment_id": key.id, "direction": direction}
            for owner, key, direction in [*sides, (1, TO_CARD, "OUT"), (1, NOT_CHARGED, "IN")]
        ]

    def _add_entries(self) -> None:
        self.entries = entries(
            (1, "PENDING", TOP_UP, 500, None),
            (1, "PROVIDER", TOP_UP, -500, None),
            (1, "PENDING", TOP_UP, -500, None),
            (1, "WALLET", TOP_UP, 500, 500),
            (1, "WALLET", TRANSFER, -200, 300),
            (2, "WALLET", TRANSFER, 200, 200),
            (2, "WALLET", REFUND, -50, 150),
            (1, "WALLET", REFUND, 50, 350),
            (1, "WALLET", TO_CARD, -100, 250),
            (1, "PROVIDER", TO_CARD, 100, None),
        )
        self.wallets: Rows = [
            {"owner_id": 1, "currency": "EUR", "available": 250, "pending": 0},
            {"owner_id": 2, "currency": "EUR", "available": 150, "pending": 0},
        ]

    def _add_keys_and_notifications(self) -> None:
        kept = {"a": TOP_UP, "b": TRANSFER, "c": REFUND, "d": TO_CARD, "e": NOT_CHARGED}
        self.keys: Rows = [
            {
                "owner_id": row.owner_id,
                "operation": "",
                "key": key,
                "subject_owner_id": row.owner_id,
                "subject_id": row.id,
            }
            for key, row in kept.items()
        ]
        told = [("PAYMENT_RECEIVED", 2, TRANSFER), ("REFUND", 1, TRANSFER), ("REFUND", 1, TOP_UP)]
        self.notifications: Rows = [
            {"owner_id": o, "kind": k, "subject_type": "Payment", "subject_owner_id": r.owner_id, "subject_id": r.id}
            for k, o, r in [*told, ("PAYMENT_FAILED", 1, NOT_CHARGED)]
        ]

    def faults(self) -> dict[str, list[str]]:
        stored = Stored(self.payments, self.parties, self.entries, self.wallets, self.keys, self.notifications)
        return {
            kind: found for kind, found in faults(self.answers, stored, self.charges, self.streamed).items() if found
        }
