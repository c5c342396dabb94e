"""Compares the book of the clients, the database, the event streams and the provider after a campaign.

All functions take rows and return faults as texts, so that tests can plant faults.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.payments.support.book import KINDS, SUCCESS, Answer, Row
from tests.payments.support.snapshots import Rows, Snapshot

_SEALED = {"SUCCEEDED", "FAILED", "REFUNDED", "PARTIALLY_REFUNDED"}
_MOVED_STATUSES = _SEALED - {"FAILED"}
_SHOWN = 5


class Stored(NamedTuple):
    """The rows of a database after a campaign."""

    payments: Mapping[Row, dict[str, Any]]
    parties: Rows
    entries: Rows
    wallets: Rows
    keys: Rows
    notifications: Rows


class Charge(NamedTuple):
    """A charge or a refund at the provider that moved money."""

    payment: Row | None
    kind: str
    amount: int


async def read_stored(snapshot: Snapshot) -> Stored:
    fetch = snapshot.fetch
    return Stored(
        {Row(row["owner_id"], row["id"]): row for row in await fetch("SELECT * FROM payments")},
        await fetch("SELECT * FROM payment_parties"),
        await fetch("SELECT * FROM ledger_entries ORDER BY owner_id, id"),
        await fetch("SELECT * FROM wallets"),
        await fetch("SELECT owner_id, operation, key, subject_owner_id, subject_id FROM idempotency_keys"),
        await fetch("SELECT owner_id, kind, subject_type, subject_owner_id, subject_id FROM notifications"),
    )


def unequal(what: str, found: Iterable[Hashable], expected: Iterable[Hashable]) -> list[str]:
    """Returns what is there too often, and what is missing, with some examples."""
    have, want = Counter(list(found)), Counter(list(expected))
    faults: list[str] = []
    for words, difference in (("too many", have - want), ("missing", want - have)):
        if difference:
            some = ", ".join(map(repr, list(difference)[:_SHOWN]))
            faults.append(f"{what}: {difference.total()} {words}: {some}")
    return faults


def lost(answers: Sequence[Answer], stored: Stored) -> list[str]:
    """Returns acknowledged payments that are not stored as they were acknowledged."""
    faults: list[str] = []
    for answer in answers:
        if answer.acknowledged is None:
            continue
        told, row = answer.acknowledged, stored.payments.get(answer.acknowledged.payment)
        if row is None:
            faults.append(f"lost: {answer} is not stored")
            continue
        found = (row["owner_id"], row["kind"], row["amount"], row["currency"], _original(row))
        if found != (answer.person_id, KINDS[answer.operation], told.amount, told.currency, answer.original):
            faults.append(f"lost: {answer} is stored as {found}")
        if answer.asked not in (None, told.amount):
            faults.append(f"lost: {answer} was acknowledged with another amount than asked")
        if told.status in _MOVED_STATUSES and row["status"] not in _MOVED_STATUSES:
            faults.append(f"lost: {answer} is now {row['status']}")
    return faults


def doubled(answers: Sequence[Answer], stored: Stored) -> list[str]:
    """Returns payments that no key explains, or that two keys share, and keys without their one payment.

    The kinds and amounts of a person's payments are those of the person's keys, each once. So a second payment of a key
    is found whatever the table of keys says. A declined top-up is not told with an id, so it is compared by its amount.
    """
    created = [answer for answer in answers if answer.created_payment]
    told = [answer.acknowledged.payment for answer in created if answer.acknowledged]
    shared = [payment for payment, number in Counter(told).items() if number > 1]
    keys = {(row["owner_id"], row["key"]): Row(row["subject_owner_id"], row["subject_id"]) for row in stored.keys}
    of_keys = [
        (answer.key, keys.get((answer.person_id, answer.key)))
        for answer in created
        if answer.acknowledged and keys.get((answer.person_id, answer.key)) != answer.acknowledged.payment
    ]
    return [
        *unequal("payments acknowledged for two keys", shared, []),
        *unequal("keys that lead to another payment than acknowledged", of_keys, []),
        *unequal(
            "payments (owner, kind, amount, refunded payment)",
            [(row["owner_id"], row["kind"], row["amount"], _original(row)) for row in stored.payments.values()],
            [(a.person_id, KINDS[a.operation], _amount(a), a.original) for a in created],
        ),
        *unequal("keys that are stored", keys, [(answer.person_id, answer.key) for answer in created]),
    ]


def _amount(answer: Answer) -> int | None:
    return answer.acknowledged.amount if answer.acknowledged else answer.asked


def _original(row: Mapping[str, Any]) -> Row | None:
    return Row(row["refunds_owner_id"], row["refunds_id"]) if row["refunds_id"] is not None else None


def unbalanced(stored: Stored) -> list[str]:
    """Returns payments whose entries are not exactly those of their movement, and wallets unlike their entries."""
    effects: dict[Row, Counter[tuple[int, str]]] = defaultdict(Counter)
    sums: Counter[tuple[int, str]] = Counter()
    faults: list[str] = []
    for entry in stored.entries:
        account = (entry["owner_id"], entry["account"])
        effects[Row(entry["payment_owner_id"], entry["payment_id"])][account] += entry["amount"]
        sums[account] += entry["amount"]
        if entry["account"] == "WALLET" and entry["balance_after"] != sums[account]:
            faults.append(f"ledger: entry {entry['id']} of {entry['owner_id']} says {entry['balance_after']}")
        if entry["account"] == "WALLET" and entry["balance_after"] < 0:
            faults.append(f"ledger: entry {entry['id']} of {entry['owner_id']} is below zero")
    for key, row in stored.payments.items():
        found = {account: amount for account, amount in effects[key].items() if amount}
        expected = _effect(row, stored)
        if found != expected:
            faults.append(f"ledger: {row['kind']} {key} {row['status']} moved {found}, expected {expected}")
        if row["status"] not in _SEALED or row["sealed_at"] is None:
            faults.append(f"ledger: {row['kind']} {key} is still {row['status']}")
    for wallet in stored.wallets:
        balances = (sums[wallet["owner_id"], "WALLET"], sums[wallet["owner_id"], "PENDING"])
        if (wallet["available"], wallet["pending"]) != balances:
            faults.append(f"ledger: the wallet of {wallet['owner_id']} differs from its entries {balances}")
    return faults + _wrongly_refunded(stored)


def _effect(row: Mapping[str, Any], stored: Stored) -> dict[tuple[int, str], int]:
    """Returns the amounts that a payment must have moved, by account."""
    owner, amount = row["owner_id"], row["amount"]
    if row["status"] not in _MOVED_STATUSES:
        return {}
    if row["kind"] == "TOP_UP":
        return {(owner, "WALLET"): amount, (owner, "PROVIDER"): -amount}
    original = stored.payments.get(_original(row) or Row(0, 0))
    if original is not None and original["kind"] == "TOP_UP":
        return {(owner, "WALLET"): -amount, (owner, "PROVIDER"): amount}
    received = [
        party["owner_id"]
        for party in stored.parties
        if (party["payment_owner_id"], party["payment_id"], party["direction"]) == (owner, row["id"], "IN")
    ]
    return {(owner, "WALLET"): -amount, **{(person, "WALLET"): amount for person in received}}


def _wrongly_refunded(stored: Stored) -> list[str]:
    refunded: Counter[Row] = Counter()
    for row in stored.payments.values():
        original = _original(row)
        if original is not None and row["status"] in _MOVED_STATUSES:
            refunded[original] += row["amount"]
    wrong = [key for key, row in stored.payments.items() if row["refunded_amount"] != refunded[key]]
    too_much = [key for key, row in stored.payments.items() if refunded[key] > row["amount"]]
    return [*unequal("refunded amounts unlike the refunds", wrong, []), *unequal("refunds above", too_much, [])]


def charged_otherwise(stored: Stored, charges: Iterable[Charge]) -> list[str]:
    """Returns differences between the succeeded payments and the money that moved at the provider."""
    expected: list[Charge] = []
    for key, row in stored.payments.items():
        original = stored.payments.get(_original(row) or Row(0, 0))
        if row["status"] in _MOVED_STATUSES and row["kind"] == "TOP_UP":
            expected.append(Charge(key, "CHARGE", row["amount"]))
        elif row["status"] in _MOVED_STATUSES and original is not None and original["kind"] == "TOP_UP":
            expected.append(Charge(key, "REFUND", row["amount"]))
    return unequal("charges and refunds at the provider", charges, expected)


def untold(stored: Stored, streamed: Iterable[tuple[int, Row]]) -> list[str]:
    """Returns payments that are missing in the stream or the inbox of a party.

    `streamed` has the person and the payment of each PAYMENT_CHANGED. A payment changes several times, and of changes
    in one batch one is appended, so each must arrive at least once. Notifications arrive exactly once: one for a
    received transfer, and one about the refunded payment for each refund, for the person that got money back.
    """
    parties = {(p["owner_id"], Row(p["payment_owner_id"], p["payment_id"])) for p in stored.parties}
    inbox = [
        (row["kind"], row["owner_id"], Row(row["subject_owner_id"], row["subject_id"]))
        for row in stored.notifications
        if row["subject_type"] == "Payment"
    ]
    received, refunded = set[tuple[str, int, Row]](), list[tuple[str, int, Row]]()
    for person, key in parties:
        row = stored.payments.get(key)
        if row is None:
            continue
        original = _original(row)
        if row["kind"] == "TRANSFER" and person != key.owner_id:
            received.add(("PAYMENT_RECEIVED", person, key))
        elif original is not None and row["status"] in _MOVED_STATUSES and person == original.owner_id:
            refunded.append(("REFUND", person, original))
    failed = [told for told in inbox if told[0] == "PAYMENT_FAILED"]
    return [
        *unequal("payments in streams", set(streamed), parties),
        *unequal("PAYMENT_RECEIVED in inboxes", [told for told in inbox if told[0] == "PAYMENT_RECEIVED"], received),
        *unequal("REFUND in inboxes", [told for told in inbox if told[0] == "REFUND"], refunded),
        *unequal("PAYMENT_FAILED that is told twice", [t for t, n in Counter(failed).items() if n > 1], []),
    ]


def faults(
    answers: Sequence[Answer], stored: Stored, charges: Sequence[Charge], streamed: Iterable[tuple[int, Row]]
) -> dict[str, list[str]]:
    """Returns all faults by kind."""
    return {
        "lost": lost(answers, stored),
        "doubled": doubled(answers, stored),
        "ledger": unbalanced(stored),
        "provider": charged_otherwise(stored, charges),
        "events": untold(stored, streamed),
    }


def transfers_between(answers: Iterable[Answer], person_id: int) -> list[Answer]:
    """Returns the transfers that a person received."""
    return [a for a in answers if a.operation == "SendPayment" and a.code == SUCCESS and a.recipient_id == person_id]
