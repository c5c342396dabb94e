"""The statements of a transfer, written by hand, and the comparison with those that our server executes."""

import re
from collections.abc import Iterable

BEGIN, COMMIT = "BEGIN", "COMMIT"
CLAIM = (
    "INSERT INTO idempotency_keys (owner_id, operation, key, input_hash, subject_owner_id, subject_id, created_at) "
    "SELECT $1::bigint, $2::text, $3::text, $4::bytea, $5::bigint, $6::bigint, $7::timestamptz "
    "WHERE set_config('lock_timeout', '2s', true) IS NOT NULL "
    "ON CONFLICT DO NOTHING RETURNING key, set_config('lock_timeout', '0', true) AS unlimited"
)
LOCK_USERS = (
    "WITH turns AS MATERIALIZED (SELECT r.id, pg_advisory_xact_lock_shared(r.id) "
    "FROM unnest($2::bigint[]) AS r (id)) "
    "SELECT u.id, EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.other_id = u.id AND b.outgoing) "
    "AS blocked, EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.other_id = u.id AND NOT b.outgoing) "
    "AS hides FROM users u JOIN turns t ON t.id = u.id ORDER BY u.id FOR KEY SHARE OF u"
)
LOCK_WALLETS = (
    "SELECT owner_id, id, currency, available, pending FROM wallets WHERE owner_id = ANY($1) "
    "ORDER BY owner_id FOR UPDATE"
)
SUM_OF_A_DAY = (
    "SELECT COALESCE(SUM(amount), 0) AS total FROM payments WHERE owner_id = $1 AND id >= $2 AND kind = $3 "
    "AND currency = $4 AND status <> 'FAILED' AND cause IS NULL"
)
POST = (
    "INSERT INTO ledger_entries (owner_id, id, account, payment_owner_id, payment_id, amount, currency, balance_after, "
    "created_at) SELECT r.owner_id, GREATEST(r.id, COALESCE((SELECT MAX(e.id) FROM ledger_entries e "
    "WHERE e.owner_id = r.owner_id), 0) + 1), 'WALLET', $1::bigint, $2::bigint, r.amount, $3, r.balance_after, $4 "
    "FROM unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) AS r (owner_id, id, amount, balance_after)"
)
INSERT_PAYMENT = (
    "INSERT INTO payments (owner_id, id, kind, status, amount, refunded_amount, currency, created_at, updated_at, "
    "sealed_at) VALUES ($1, $2, 'TRANSFER', 'SUCCEEDED', $3, 0, $4, $5, $5, $5)"
)
INSERT_PARTIES = (
    "INSERT INTO payment_parties (owner_id, payment_id, payment_owner_id, direction, counterparty_id) "
    "SELECT r.owner_id, $1::bigint, $2::bigint, r.direction, r.counterparty_id "
    "FROM unnest($3::bigint[], $4::text[], $5::bigint[]) AS r (owner_id, direction, counterparty_id)"
)
READ_PAYMENT = (
    "SELECT p.owner_id, p.id, p.kind, p.status, p.amount, p.refunded_amount, p.currency, p.note, p.failure_code, "
    "p.created_at, p.updated_at, pp.direction, pp.counterparty_id, u.id AS counterparty, u.handle, u.name "
    "FROM payment_parties pp JOIN payments p ON p.owner_id = pp.payment_owner_id AND p.id = pp.payment_id "
    "LEFT JOIN users u ON u.id = pp.counterparty_id AND NOT EXISTS (SELECT 1 FROM blocks b "
    "WHERE b.owner_id = pp.owner_id AND b.other_id = pp.counterparty_id) "
    "WHERE pp.owner_id = $1 AND pp.payment_id = ANY($2) AND pp.payment_owner_id = ANY($3)"
)
APPEND_EVENT = (
    "INSERT INTO event_log (partition, id, type, version, actor_id, data, occurred_at, tx) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT))"
)
STATEMENTS = (
    CLAIM,
    LOCK_USERS,
    LOCK_WALLETS,
    SUM_OF_A_DAY,
    POST,
    INSERT_PAYMENT,
    INSERT_PARTIES,
    READ_PAYMENT,
    APPEND_EVENT,
)
"""The statements between `BEGIN` and `COMMIT`, in their order."""

_VERB = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN)\s+([a-z_]+)")
_NO_TABLES = {"unnest", "input_rows"}


def kind_of(sql: str) -> str:
    """Returns what a statement does: its verb with its table, and the tables that it reads and locks.

    Two statements of one kind differ only in names, columns and the form of their parameters.
    """
    named = [(verb.replace("JOIN", "FROM"), table) for verb, table in _VERB.findall(sql)]
    found = {f"{verb} {table}" for verb, table in named if table not in _NO_TABLES}
    written = sorted(words for words in found if not words.startswith("FROM"))
    locks = [lock for lock in ("FOR KEY SHARE", "FOR SHARE", "FOR UPDATE") if lock in sql]
    return ", ".join([*written, *sorted(found - set(written)), *locks])


def kinds_of(statements: Iterable[str]) -> list[str]:
    """Returns the kinds of the statements that read or write tables, sorted."""
    return sorted(kind for kind in map(kind_of, statements) if kind)
