"""Compares the statement of the payment provider with the ledger."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from adapters.database import Columns
from adapters.payments import (
    ChargeRequest,
    ChargeState,
    LineKind,
    PaymentKey,
    RefundRequest,
    RefundState,
    StatementLine,
)
from core.ids import id_at, time_of
from core.money import format_amount
from services.resources import Resources

AT_ONCE = 500
"""Lines of the statement, or payments, that are compared with one statement."""

_ROW = (
    "SELECT p.owner_id, p.id, p.kind, p.status, p.amount, p.currency, p.provider, p.provider_reference, p.created_at, "
    "o.provider_reference AS charge, EXISTS (SELECT 1 FROM payments b WHERE b.refunds_owner_id = p.owner_id "
    "AND b.refunds_id = p.id AND b.cause = 'REFUND_RETURNED') AS is_returned "
    "FROM {} LEFT JOIN payments o ON o.owner_id = p.refunds_owner_id "
    "AND o.id = p.refunds_id "
)
_KEYS: Columns = {"owner_id": "bigint", "id": "bigint"}
_BY_KEY = _ROW.format("input_rows k JOIN payments p ON p.owner_id = k.owner_id AND p.id = k.id")
_BY_REFERENCE = (
    "SELECT reference, payment_owner_id, payment_id FROM provider_payments WHERE provider = $1 AND reference = ANY($2)"
)
_DISPUTES = (
    "SELECT provider_reference, cause, amount, currency FROM payments "
    "WHERE cause IS NOT NULL AND provider = $1 AND provider_reference = ANY($2)"
)
_PAGE = _ROW.format("payments p") + (
    "WHERE p.provider IS NOT NULL AND p.provider = $1 AND (p.id, p.owner_id) > ($2, $3) AND p.id < $4 "
    "AND p.cause IS NULL AND p.status NOT IN ('PENDING', 'FAILED') ORDER BY p.id, p.owner_id LIMIT $5"
)

_KINDS = {LineKind.CHARGE: "TOP_UP", LineKind.REFUND: "REFUND"}
_SUCCEEDED_STATES = (ChargeState.SUCCEEDED, RefundState.SUCCEEDED)
_FAILED_STATES = (RefundState.FAILED,)
_MOVED_STATUSES = ("SUCCEEDED", "PARTIALLY_REFUNDED", "REFUNDED")


class DifferenceKind(StrEnum):
    """The kinds of differences between statement and ledger."""

    MISSING_IN_LEDGER = "MISSING_IN_LEDGER"
    MISSING_AT_PROVIDER = "MISSING_AT_PROVIDER"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    STATE_DIFFERS = "STATE_DIFFERS"


class Difference(NamedTuple):
    """A difference. `reference` is the provider's, or the ids of the payment if that is unknown."""

    kind: DifferenceKind
    reference: str
    payment: PaymentKey | None
    at_provider: str
    in_ledger: str
    happened_at: datetime


Row = Mapping[str, Any]


async def reconcile(resources: Resources, since: datetime, until: datetime) -> AsyncGenerator[Difference]:
    """Yields the differences of the time from `since` (included) to `until` (excluded).

    Every line of the statement has to be in the ledger; then every payment that the provider moved has to be in the
    statement, or known to the provider as moved at another time. Raises `ProviderUnavailable` and `Unavailable`.
    """
    seen, disputes = set[PaymentKey](), list[tuple[PaymentKey | None, StatementLine]]()
    async for lines in _batches(resources.payments.statement(since, until)):
        keys = await _keys_of(resources, lines)
        moves = [(key, line) for key, line in zip(keys, lines, strict=True) if line.kind in _KINDS]
        disputes += [(key, line) for key, line in zip(keys, lines, strict=True) if line.kind not in _KINDS]
        seen.update(key for key, _ in moves if key is not None)
        rows = await _rows(resources, {key for key, _ in moves if key is not None})
        for key, line in moves:
            row = rows.get(key) if key else None
            difference = _compare(line, key, row, resources.payments.name)
            if difference is not None and row is not None and _may_have_returned(difference, line, row):
                difference = await _ask(resources, row)
            if difference is not None:
                yield difference
    async for difference in _missing_disputes(resources, disputes):
        yield difference
    async for row in _moved(resources, since, until):
        is_known = PaymentKey(row["owner_id"], row["id"]) in seen
        if not is_known and (difference := await _ask(resources, row)) is not None:
            yield difference


def _compare(line: StatementLine, key: PaymentKey | None, row: Row | None, provider: str) -> Difference | None:
    """Returns how a line of a charge or refund differs from its payment."""
    at_provider = f"{line.kind} {format_amount(line.amount, line.currency)}"
    if (
        row is None
        or row["kind"] != _KINDS[line.kind]
        or row["provider"] != provider
        or row["provider_reference"] not in (None, line.reference)
    ):
        return Difference(DifferenceKind.MISSING_IN_LEDGER, line.reference, key, at_provider, "", line.at)
    in_ledger = f"{row['status']} {format_amount(row['amount'], row['currency'])}"
    if (row["amount"], row["currency"]) != (line.amount, line.currency):
        return Difference(DifferenceKind.AMOUNT_DIFFERS, line.reference, key, at_provider, in_ledger, line.at)
    if row["status"] not in _MOVED_STATUSES:
        return Difference(DifferenceKind.STATE_DIFFERS, line.reference, key, at_provider, in_ledger, line.at)
    return None


def _may_have_returned(difference: Difference, line: StatementLine, row: Row) -> bool:
    """Returns whether the money of a failed refund may have left, and have come back at another time."""
    is_failed = line.kind is LineKind.REFUND and row["status"] == "FAILED"
    return is_failed and difference.kind is DifferenceKind.STATE_DIFFERS


async def _missing_disputes(
    resources: Resources, disputes: Sequence[tuple[PaymentKey | None, StatementLine]]
) -> AsyncIterator[Difference]:
    """Yields chargebacks, reversals and returned refunds that the ledger does not have, or with another amount.

    Chargebacks and reversals are found by their disputes. The other direction is not compared: they are written from
    signed events of the provider only. A refund that failed before it had succeeded here has no payment that returns
    it.
    """
    returned = {key for key, line in disputes if key is not None and line.kind is LineKind.REFUND_RETURNED}
    failed = {key for key, row in (await _rows(resources, returned)).items() if row["status"] == "FAILED"}
    names = sorted({line.dispute or line.reference for _, line in disputes})
    rows = await resources.database.fetch(_DISPUTES, resources.payments.name, names) if names else []
    known = {(row["provider_reference"], row["cause"]): (row["amount"], row["currency"]) for row in rows}
    for key, line in disputes:
        if key in failed and line.kind is LineKind.REFUND_RETURNED:
            continue
        found = known.get((line.dispute or line.reference, line.kind.value))
        if found != (line.amount, line.currency):
            kind = DifferenceKind.MISSING_IN_LEDGER if found is None else DifferenceKind.AMOUNT_DIFFERS
            at_provider = f"{line.kind} {format_amount(line.amount, line.currency)}"
            in_ledger = "" if found is None else f"{line.kind} {format_amount(*found)}"
            yield Difference(kind, line.reference, key, at_provider, in_ledger, line.at)


async def _ask(resources: Resources, row: Row) -> Difference | None:
    """Asks the provider about a payment that is not in the statement as it is in the ledger.

    Its line may be in the statement of another time, and a refund may have failed later. A difference has the time of
    the payment's id, by which the comparison of a time finds the payment.
    """
    key, reference = PaymentKey(row["owner_id"], row["id"]), row["provider_reference"]
    if row["kind"] == "REFUND":
        asked = RefundRequest(key, row["charge"] or "", row["amount"], row["currency"], row["created_at"])
        found = await resources.payments.find_refund(asked, reference)
    else:
        asked = ChargeRequest(key, "", row["amount"], row["currency"], row["created_at"])
        found = await resources.payments.find_charge(asked, reference)
    in_ledger = f"{row['status']} {format_amount(row['amount'], row['currency'])}"
    kind = None
    if found is None:
        kind = DifferenceKind.MISSING_AT_PROVIDER
    elif found.state not in (_FAILED_STATES if _has_failed(row) else _SUCCEEDED_STATES):
        kind = DifferenceKind.STATE_DIFFERS
    elif (found.amount, found.currency) != (row["amount"], row["currency"]):
        kind = DifferenceKind.AMOUNT_DIFFERS
    if kind is None:
        return None
    at_provider = "" if found is None else f"{found.state} {format_amount(found.amount, found.currency)}"
    name = reference or f"{key.owner_id}/{key.id}"
    return Difference(kind, name, key, at_provider, in_ledger, time_of(key.id))


def _has_failed(row: Row) -> bool:
    return row["status"] == "FAILED" or row["is_returned"]


async def _batches(statement: AsyncGenerator[StatementLine]) -> AsyncIterator[list[StatementLine]]:
    batch: list[StatementLine] = []
    async with aclosing(statement) as lines:
        async for line in lines:
            batch.append(line)
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


async def _keys_of(resources: Resources, lines: Sequence[StatementLine]) -> list[PaymentKey | None]:
    """Returns the payments of lines: as the provider names them, or by the references of their charges."""
    unnamed = sorted({line.charge or line.reference for line in lines if line.payment is None})
    rows = await resources.database.fetch(_BY_REFERENCE, resources.payments.name, unnamed) if unnamed else []
    known = {row["reference"]: PaymentKey(row["payment_owner_id"], row["payment_id"]) for row in rows}
    return [line.payment or known.get(line.charge or line.reference) for line in lines]


async def _rows(resources: Resources, keys: Iterable[PaymentKey]) -> dict[PaymentKey, Row]:
    rows = await resources.database.fetch_with_rows(_BY_KEY, _KEYS, sorted(keys))
    return {PaymentKey(row["owner_id"], row["id"]): row for row in rows}


async def _moved(resources: Resources, since: datetime, until: datetime) -> AsyncIterator[Row]:
    """Yields the payments of a time that moved money at the provider, by their ids, which begin with the time."""
    last, end = (id_at(since) - 1, 0), id_at(until)
    while True:
        rows = await resources.database.fetch(_PAGE, resources.payments.name, *last, end, AT_ONCE)
        for row in rows:
            yield row
        if len(rows) < AT_ONCE:
            return
        last = (rows[-1]["id"], rows[-1]["owner_id"])
