"""Verifies rows that refer to payments: parties, open payments, and references of the provider."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from adapters.database import Database
from services.payments.verification.faults import LOWEST, PAGE, LedgerFault, Rows, snapshot

_PARTIES = (
    "SELECT pp.owner_id, pp.payment_id, p.id IS NULL AS is_orphan, p.cause, p.kind, (pp.owner_id = p.owner_id "
    "OR EXISTS (SELECT 1 FROM ledger_entries e WHERE e.payment_owner_id = pp.payment_owner_id "
    "AND e.payment_id = pp.payment_id AND e.owner_id = pp.owner_id AND e.account = 'WALLET')) AS takes_part "
    "FROM payment_parties pp LEFT JOIN payments p ON p.owner_id = pp.payment_owner_id AND p.id = pp.payment_id "
    "WHERE (pp.owner_id, pp.payment_id) > ($1, $2) ORDER BY pp.owner_id, pp.payment_id LIMIT $3"
)
_OPEN = (
    "SELECT w.owner_id, w.payment_id FROM open_payments w LEFT JOIN payments p ON p.owner_id = w.owner_id "
    "AND p.id = w.payment_id WHERE (w.owner_id, w.payment_id) > ($1, $2) AND p.id IS NULL "
    "ORDER BY w.owner_id, w.payment_id LIMIT $3"
)
_REFERENCES = (
    "SELECT r.provider, r.reference, r.payment_owner_id, r.payment_id, p.id IS NULL AS is_orphan "
    "FROM provider_payments r LEFT JOIN payments p ON p.owner_id = r.payment_owner_id AND p.id = r.payment_id "
    "WHERE (r.provider, r.reference) > ($1, $2) ORDER BY r.provider, r.reference LIMIT $3"
)


class _Pass(NamedTuple):
    """A statement that reads pages of rows after a key, which is its first two columns."""

    sql: str
    key: tuple[str, str]
    first: tuple[Any, Any]


_PASSES = (
    _Pass(_PARTIES, ("owner_id", "payment_id"), (LOWEST, LOWEST)),
    _Pass(_OPEN, ("owner_id", "payment_id"), (LOWEST, LOWEST)),
    _Pass(_REFERENCES, ("provider", "reference"), ("", "")),
)


async def faulty_links(database: Database) -> AsyncGenerator[LedgerFault]:
    """Yields rows whose payment does not exist, and parties that a payment should not have."""
    for each in _PASSES:
        after: Sequence[Any] = each.first
        while True:
            async with snapshot(database) as queries:
                rows: Rows = await queries.fetch(each.sql, *after, PAGE)
            for row in rows:
                fault = _fault(each.sql, row)
                if fault:
                    yield fault
            if len(rows) < PAGE:
                break
            after = [rows[-1][column] for column in each.key]


def _fault(sql: str, row: dict[str, Any]) -> LedgerFault | None:
    if sql == _OPEN:
        where = f"payment {row['payment_id']} of owner {row['owner_id']}"
        return LedgerFault(where, "it waits for the provider, and does not exist")
    if sql == _REFERENCES:
        where = f"payment {row['payment_id']} of owner {row['payment_owner_id']}"
        return LedgerFault(where, "the provider refers to it, and it does not exist") if row["is_orphan"] else None
    where = f"party {row['owner_id']} of payment {row['payment_id']}"
    if row["is_orphan"]:
        return LedgerFault(where, "its payment does not exist")
    if not row["takes_part"] or row["cause"] == "CHARGEBACK_REVERSED":
        return LedgerFault(where, "it has no part in the payment")
    return None
