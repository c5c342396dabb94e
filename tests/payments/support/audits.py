"""Statements that find violations of the ledger's invariants. Each must find no row, at every moment."""

from tests.payments.support.snapshots import Snapshot

AUDITS = {
    "all entries of a currency do not sum to zero": (
        "SELECT currency, SUM(amount) AS total FROM ledger_entries GROUP BY currency HAVING SUM(amount) <> 0"
    ),
    "the entries of a payment do not sum to zero": (
        "SELECT payment_owner_id, payment_id, SUM(amount) AS total FROM ledger_entries "
        "GROUP BY payment_owner_id, payment_id, currency HAVING SUM(amount) <> 0"
    ),
    "a wallet differs from its entries": (
        "SELECT w.owner_id, w.available, e.available AS of_entries, w.pending, e.pending AS pending_of_entries "
        "FROM wallets w LEFT JOIN (SELECT owner_id, currency, "
        "SUM(CASE WHEN account = 'WALLET' THEN amount ELSE 0 END) AS available, "
        "SUM(CASE WHEN account = 'PENDING' THEN amount ELSE 0 END) AS pending "
        "FROM ledger_entries GROUP BY owner_id, currency) e ON e.owner_id = w.owner_id AND e.currency = w.currency "
        "WHERE w.available <> COALESCE(e.available, 0) OR w.pending <> COALESCE(e.pending, 0)"
    ),
    "entries without a wallet": (
        "SELECT DISTINCT e.owner_id, e.currency FROM ledger_entries e WHERE e.account IN ('WALLET', 'PENDING') "
        "AND NOT EXISTS (SELECT 1 FROM wallets w WHERE w.owner_id = e.owner_id AND w.currency = e.currency)"
    ),
    "a balance is negative": (
        "SELECT owner_id, available AS balance FROM wallets WHERE available < 0 OR pending < 0 "
        "UNION ALL SELECT owner_id, balance_after FROM ledger_entries WHERE account = 'WALLET' AND balance_after < 0"
    ),
    "the newest entry has another balance than the wallet": (
        "SELECT w.owner_id, w.available, e.balance_after FROM wallets w JOIN ledger_entries e "
        "ON e.owner_id = w.owner_id AND e.account = 'WALLET' AND e.id = (SELECT MAX(m.id) FROM ledger_entries m "
        "WHERE m.owner_id = w.owner_id AND m.account = 'WALLET') WHERE e.balance_after <> w.available"
    ),
    "a pending payment is not open, or an open payment is not pending": (
        "SELECT p.owner_id, p.id, p.status FROM payments p LEFT JOIN open_payments o ON o.owner_id = p.owner_id "
        "AND o.payment_id = p.id WHERE (p.status = 'PENDING') <> (o.payment_id IS NOT NULL)"
    ),
    "a payment is refunded by another amount than its refunds": (
        "SELECT o.owner_id, o.id, o.refunded_amount, SUM(r.amount) AS refunds FROM payments o JOIN payments r "
        "ON r.refunds_owner_id = o.owner_id AND r.refunds_id = o.id AND r.cause IS NULL "
        "AND r.status NOT IN ('PENDING', 'FAILED') "
        "GROUP BY o.owner_id, o.id, o.refunded_amount HAVING SUM(r.amount) <> o.refunded_amount"
    ),
}


async def audit(snapshot: Snapshot) -> list[str]:
    """Returns the violations in a snapshot, as texts."""
    found: list[str] = []
    for what, sql in AUDITS.items():
        rows = await snapshot.fetch(sql)
        found += [f"{what}: {row}" for row in rows[:5]]
    return found
