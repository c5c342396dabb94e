"""Verifies payments, one page at a time: their entries, states, refunds and parties."""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, NamedTuple

from adapters.database import Columns, Database, Queries
from adapters.payments import PaymentKey
from services.payments.verification.faults import LOWEST, PAGE, LedgerFault, Rows, of_payment, snapshot
from services.payments.verification.shapes import (
    ExpectedParty,
    Stored,
    expected_parties,
    expected_sums,
    other_owner,
    wrong_original,
    wrong_state,
)

_PAYMENTS = (
    "SELECT p.owner_id, p.id, p.kind, p.status, p.amount, p.refunded_amount, p.currency, p.cause, "
    "p.sealed_at IS NOT NULL AS is_sealed, w.payment_id IS NOT NULL AS is_open, p.refunds_id, "
    "o.owner_id AS original_owner_id, o.kind AS original_kind, o.cause AS original_cause, "
    "o.currency AS original_currency, pp.counterparty_id AS original_recipient_id FROM payments p "
    "LEFT JOIN open_payments w ON w.owner_id = p.owner_id AND w.payment_id = p.id "
    "LEFT JOIN payments o ON o.owner_id = p.refunds_owner_id AND o.id = p.refunds_id "
    "LEFT JOIN payment_parties pp ON pp.owner_id = o.owner_id AND pp.payment_id = o.id "
    "WHERE (p.owner_id, p.id) > ($1, $2) ORDER BY p.owner_id, p.id LIMIT $3"
)
_SUMS = (
    "SELECT e.payment_owner_id, e.payment_id, e.owner_id, e.account, e.currency, SUM(e.amount) AS total "
    "FROM ledger_entries e WHERE (e.payment_owner_id, e.payment_id) > ($1, $2) "
    "AND (e.payment_owner_id, e.payment_id) <= ($3, $4) "
    "GROUP BY e.payment_owner_id, e.payment_id, e.owner_id, e.account, e.currency"
)
_REFUNDS = (
    "SELECT r.refunds_owner_id, r.refunds_id, r.status, r.cause, SUM(r.amount) AS total FROM payments r "
    "WHERE r.refunds_id IS NOT NULL AND (r.refunds_owner_id, r.refunds_id) > ($1, $2) "
    "AND (r.refunds_owner_id, r.refunds_id) <= ($3, $4) "
    "GROUP BY r.refunds_owner_id, r.refunds_id, r.status, r.cause"
)
_PARTY: Columns = {"owner_id": "bigint", "payment_id": "bigint"}
_PARTIES = (
    "SELECT pp.owner_id, pp.payment_id, pp.payment_owner_id, pp.direction, pp.counterparty_id FROM input_rows r "
    "JOIN payment_parties pp ON pp.owner_id = r.owner_id AND pp.payment_id = r.payment_id"
)


class _Refunds:
    """The sums of the refunds of one payment."""

    def __init__(self) -> None:
        self.succeeded = self.held = self.charged_back = self.reversed = self.returned = 0

    def add(self, row: Mapping[str, Any]) -> None:
        total = int(row["total"])
        if row["cause"] == "CHARGEBACK":
            self.charged_back += total
        elif row["cause"] == "CHARGEBACK_REVERSED":
            self.reversed += total
        elif row["cause"] == "REFUND_RETURNED":
            self.returned += total
        elif row["status"] == "PENDING":
            self.held += total
        elif row["status"] != "FAILED":
            self.succeeded += total


class _Page(NamedTuple):
    """Payments with the sums of their entries by currency, owner and account, and the sums of their refunds."""

    payments: list[Stored]
    sums: Mapping[PaymentKey, Mapping[tuple[str, int, str], int]]
    refunds: Mapping[PaymentKey, _Refunds]
    parties: set[tuple[PaymentKey, ExpectedParty]]


class Payments:
    """The pass over all payments. `read` is the number of payments so far."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.read = 0

    async def faults(self) -> AsyncGenerator[LedgerFault]:
        """Yields the faults of all payments, in their order."""
        after = PaymentKey(LOWEST, LOWEST)
        while True:
            async with snapshot(self._database) as queries:
                page = await _read(queries, after)
            if not page.payments:
                return
            for payment in page.payments:
                for fault in _faults(payment, page):
                    yield of_payment(payment.owner_id, payment.id, fault)
            self.read += len(page.payments)
            after = page.payments[-1].key


async def _read(queries: Queries, after: PaymentKey) -> _Page:
    rows: Rows = await queries.fetch(_PAYMENTS, *after, PAGE)
    payments = [Stored(**row) for row in rows]
    if not payments:
        return _Page([], {}, {}, set())
    through = payments[-1].key
    sums: defaultdict[PaymentKey, Counter[tuple[str, int, str]]] = defaultdict(Counter)
    for row in await queries.fetch(_SUMS, *after, *through):
        place = (row["currency"], row["owner_id"], row["account"])
        sums[PaymentKey(row["payment_owner_id"], row["payment_id"])][place] += int(row["total"])
    refunds = defaultdict[PaymentKey, _Refunds](_Refunds)
    for row in await queries.fetch(_REFUNDS, *after, *through):
        refunds[PaymentKey(row["refunds_owner_id"], row["refunds_id"])].add(row)
    wanted = {
        (party.owner_id, payment.id)
        for payment in payments
        for party in expected_parties(payment, other_owner(payment, _by_account(sums[payment.key])))
    }
    found: Rows = await queries.fetch_with_rows(_PARTIES, _PARTY, sorted(wanted))
    parties = {
        (PaymentKey(row["payment_owner_id"], row["payment_id"]),
         ExpectedParty(row["owner_id"], row["direction"], row["counterparty_id"]))
        for row in found
    }  # fmt: skip
    return _Page(payments, sums, refunds, parties)


def _faults(payment: Stored, page: _Page) -> Iterator[str]:
    entries = page.sums[payment.key]
    yield from _faults_of_entries(payment, entries)
    for fault in (wrong_state(payment), wrong_original(payment)):
        if fault:
            yield fault
    yield from _faults_of_refunds(payment, page.refunds[payment.key])
    for party in expected_parties(payment, other_owner(payment, _by_account(entries))):
        if (payment.key, party) not in page.parties:
            yield f"its party {party.owner_id} is missing or wrong"


def _faults_of_entries(payment: Stored, entries: Mapping[tuple[str, int, str], int]) -> Iterator[str]:
    totals = Counter[str]()
    for (currency, _, _), amount in entries.items():
        totals[currency] += amount
    is_balanced = True
    for currency in sorted(totals):
        if totals[currency]:
            is_balanced = False
            yield f"its entries sum to {totals[currency]} {currency}, not to zero"
    foreign = sorted(currency for currency in totals if currency != payment.currency)
    if foreign:
        yield f"it is in {payment.currency}, and has entries in {', '.join(foreign)}"
    sums = _by_account(entries)
    expected = expected_sums(payment, other_owner(payment, sums))
    if expected is None:
        yield f"a {payment.cause or payment.kind} is never {payment.status}"
    elif is_balanced and not foreign and expected != sums:
        yield f"its entries are not those of a {payment.cause or payment.kind} that is {payment.status}"


def _faults_of_refunds(payment: Stored, refunds: _Refunds) -> Iterator[str]:
    refunded = min(payment.amount, refunds.succeeded + refunds.charged_back)
    if payment.refunded_amount != refunded:
        yield f"{payment.refunded_amount} is refunded, and its refunds sum to {refunded}"
    if refunds.succeeded + refunds.held > payment.amount:
        yield f"its refunds of {refunds.succeeded + refunds.held} exceed its amount of {payment.amount}"
    if refunds.reversed > refunds.charged_back:
        yield f"its chargebacks are {refunds.charged_back}, and {refunds.reversed} is reversed"
    if refunds.returned not in {0, payment.amount}:
        yield f"it refunds {payment.amount}, and {refunds.returned} of it is returned"


def _by_account(entries: Mapping[tuple[str, int, str], int]) -> dict[tuple[int, str], int]:
    """Returns the sums by owner and account, without those that are zero."""
    sums = Counter[tuple[int, str]]()
    for (_, owner_id, account), amount in entries.items():
        sums[owner_id, account] += amount
    return {place: amount for place, amount in sums.items() if amount}
