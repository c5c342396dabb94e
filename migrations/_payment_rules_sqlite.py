"""The rules of payments, wallets and the ledger as triggers of SQLite."""

_OWN_WALLET = "FROM wallets w WHERE w.owner_id = NEW.owner_id"
_OF_ORIGINAL = "FROM payments p WHERE p.owner_id = NEW.refunds_owner_id AND p.id = NEW.refunds_id"
_OTHER_REFUNDS = "FROM payments r WHERE r.refunds_owner_id = NEW.refunds_owner_id AND r.refunds_id = NEW.refunds_id"


def _reject(name: str, change: str, message: str, condition: str = "true") -> str:
    """Returns a trigger that rejects a change under a condition."""
    return f"CREATE TRIGGER {name} BEFORE {change} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _on_both(name: str, message: str, condition: str) -> list[str]:
    """Returns triggers that reject to insert such a payment, and to make a payment such."""
    return [
        _reject(f"payments_{name}", "INSERT ON payments", message, condition),
        _reject(f"payments_{name}_later", "UPDATE ON payments", message, condition),
    ]


def _sum(condition: str) -> str:
    return f"(SELECT COALESCE(SUM(r.amount), 0) {_OTHER_REFUNDS} AND {condition})"


_REFUNDED = _sum("r.cause IS NULL AND r.status <> 'FAILED'")
_HELD = _sum("r.cause IS NULL AND r.status = 'PENDING'")
_CHARGED_BACK = _sum("r.cause = 'CHARGEBACK'")
_REVERSED = _sum("r.cause = 'CHARGEBACK_REVERSED'")

# A row of the same key would be replaced by INSERT OR REPLACE.
_LEDGER = [
    _reject(
        "ledger_entries_are_integers",
        "INSERT ON ledger_entries",
        "an amount is not an integer",
        "typeof(NEW.amount) <> 'integer' OR typeof(NEW.balance_after) NOT IN ('integer', 'null')",
    ),
    _reject(
        "ledger_entries_are_new",
        "INSERT ON ledger_entries",
        "ledger entries are never changed",
        "EXISTS (SELECT 1 FROM ledger_entries e WHERE e.owner_id = NEW.owner_id AND e.id = NEW.id)",
    ),
    _reject(
        "ledger_entries_have_a_wallet",
        "INSERT ON ledger_entries",
        "there is no wallet in the currency",
        f"NEW.account IN ('WALLET', 'PENDING') AND NOT EXISTS (SELECT 1 {_OWN_WALLET} AND w.currency = NEW.currency)",
    ),
    _reject(
        "ledger_entries_are_newest",
        "INSERT ON ledger_entries",
        "an entry of the wallet is newer",
        "NEW.account = 'WALLET' AND EXISTS (SELECT 1 FROM ledger_entries e WHERE e.owner_id = NEW.owner_id "
        "AND e.account = 'WALLET' AND e.id > NEW.id)",
    ),
    _reject(
        "ledger_entries_have_the_balance",
        "INSERT ON ledger_entries",
        "the balance after the entry is wrong",
        f"NEW.account = 'WALLET' AND NEW.amount + (SELECT w.available {_OWN_WALLET}) <> NEW.balance_after",
    ),
    """
    CREATE TRIGGER ledger_entries_move AFTER INSERT ON ledger_entries WHEN NEW.account = 'WALLET'
    BEGIN UPDATE wallets SET available = available + NEW.amount WHERE owner_id = NEW.owner_id; END
    """,
    """
    CREATE TRIGGER ledger_entries_move_pending AFTER INSERT ON ledger_entries WHEN NEW.account = 'PENDING'
    BEGIN UPDATE wallets SET pending = pending + NEW.amount WHERE owner_id = NEW.owner_id; END
    """,
]

_OF_LEDGER = "only the ledger changes a wallet"
_WALLETS = [
    _reject("wallets_begin_empty", "INSERT ON wallets", _OF_LEDGER, "NEW.available <> 0 OR NEW.pending <> 0"),
    # INSERT OR REPLACE would replace the wallet, and INSERT … ON CONFLICT DO NOTHING must do nothing.
    f"""
    CREATE TRIGGER wallets_are_not_replaced BEFORE INSERT ON wallets WHEN EXISTS (SELECT 1 {_OWN_WALLET})
    BEGIN SELECT RAISE(IGNORE); END
    """,
    _reject("wallets_keep_their_key", "UPDATE OF owner_id, id, currency ON wallets", _OF_LEDGER),
    _reject(
        "wallets_follow",
        "UPDATE OF available ON wallets",
        _OF_LEDGER,
        "NEW.available <> COALESCE((SELECT e.balance_after FROM ledger_entries e WHERE e.owner_id = NEW.owner_id "
        "AND e.account = 'WALLET' ORDER BY e.id DESC LIMIT 1), 0)",
    ),
    _reject(
        "wallets_follow_pending",
        "UPDATE OF pending ON wallets",
        _OF_LEDGER,
        "NEW.pending <> (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entries e WHERE e.owner_id = NEW.owner_id "
        "AND e.account = 'PENDING')",
    ),
    _reject("wallets_stay", "DELETE ON wallets", _OF_LEDGER),
]

_PAYMENTS = [
    *_on_both(
        "are_integers",
        "an amount is not an integer",
        "typeof(NEW.amount) <> 'integer' OR typeof(NEW.refunded_amount) <> 'integer'",
    ),
    *_on_both(
        "have_disputes_once",
        "the payment of the dispute exists",
        "NEW.cause IS NOT NULL AND EXISTS (SELECT 1 FROM payments p WHERE p.provider = NEW.provider "
        "AND p.provider_reference = NEW.provider_reference AND p.cause = NEW.cause "
        "AND (p.owner_id, p.id) <> (NEW.owner_id, NEW.id))",
    ),
    *_on_both(
        "rules_of_seals",
        "a payment is sealed exactly when it is not pending",
        "(NEW.status = 'PENDING') <> (NEW.sealed_at IS NULL)",
    ),
    *_on_both(
        "rules_of_actions",
        "only a pending payment can be confirmed",
        "NEW.sealed_at IS NOT NULL AND (NEW.action_url IS NOT NULL OR NEW.action_secret IS NOT NULL)",
    ),
    *_on_both(
        "rules_of_amounts",
        "the status does not match the refunded amount",
        "NEW.status <> CASE WHEN NEW.status IN ('PENDING', 'FAILED') AND NEW.refunded_amount = 0 THEN NEW.status "
        "WHEN NEW.refunded_amount = 0 THEN 'SUCCEEDED' "
        "WHEN NEW.refunded_amount < NEW.amount THEN 'PARTIALLY_REFUNDED' ELSE 'REFUNDED' END",
    ),
    *_on_both(
        "rules_of_links",
        "a refund names the payment that it refunds",
        "(NEW.kind = 'REFUND' OR NEW.cause IS 'REFUND_RETURNED') <> (NEW.refunds_id IS NOT NULL) "
        "OR (NEW.refunds_id IS NULL) <> (NEW.refunds_owner_id IS NULL)",
    ),
    *_on_both(
        "rules_of_causes",
        "the cause of the payment is unknown",
        "NEW.cause IS NOT NULL AND (NEW.kind, NEW.cause) NOT IN (VALUES ('REFUND', 'CHARGEBACK'), "
        "('REFUND', 'CHARGEBACK_REVERSED'), ('TOP_UP', 'REFUND_RETURNED'))",
    ),
    _reject(
        "payments_begin_without_refunds",
        "INSERT ON payments",
        "a new payment is not refunded",
        "NEW.refunded_amount <> 0",
    ),
    _reject(
        "payments_are_new",
        "INSERT ON payments",
        "payments are never deleted",
        "EXISTS (SELECT 1 FROM payments p WHERE p.owner_id = NEW.owner_id AND p.id = NEW.id)",
    ),
    _reject(
        "payments_keep_what_they_move",
        "UPDATE ON payments",
        "what a payment moves never changes",
        "(NEW.owner_id, NEW.id, NEW.kind, NEW.amount, NEW.currency, NEW.created_at) "
        "<> (OLD.owner_id, OLD.id, OLD.kind, OLD.amount, OLD.currency, OLD.created_at) "
        "OR NEW.refunds_owner_id IS NOT OLD.refunds_owner_id OR NEW.refunds_id IS NOT OLD.refunds_id "
        "OR NEW.cause IS NOT OLD.cause",
    ),
    _reject(
        "payments_rules_of_statuses",
        "UPDATE ON payments",
        "the payment cannot take this status",
        "NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (VALUES ('PENDING', 'SUCCEEDED'), "
        "('PENDING', 'FAILED'), ('SUCCEEDED', 'PARTIALLY_REFUNDED'), ('SUCCEEDED', 'REFUNDED'), "
        "('PARTIALLY_REFUNDED', 'REFUNDED'))",
    ),
    _reject(
        "payments_keep_refunds",
        "UPDATE ON payments",
        "a refund is not undone",
        "NEW.refunded_amount < OLD.refunded_amount",
    ),
    _reject(
        "payments_stay_sealed_as_they_are",
        "UPDATE ON payments",
        "a sealed payment stays sealed",
        "OLD.sealed_at IS NOT NULL AND NEW.sealed_at <> OLD.sealed_at",
    ),
    _reject("payments_stay", "DELETE ON payments", "payments are never deleted"),
]

_REFUNDS = [
    _reject(
        "payments_rules_of_refunds",
        "INSERT ON payments",
        "the payment cannot be refunded",
        f"NEW.kind = 'REFUND' AND NOT EXISTS (SELECT 1 {_OF_ORIGINAL} AND p.kind <> 'REFUND' "
        "AND p.cause IS NULL AND p.currency = NEW.currency AND p.status NOT IN ('PENDING', 'FAILED') "
        "AND (NEW.cause IS NOT NULL OR p.status <> 'REFUNDED') AND (NEW.cause IS NULL OR p.kind = 'TOP_UP'))",
    ),
    _reject(
        "payments_are_not_exceeded",
        "INSERT ON payments",
        "the refunds exceed the payment",
        "NEW.kind = 'REFUND' AND NEW.cause IS NULL AND NEW.status <> 'FAILED' AND NEW.amount > "
        f"(SELECT p.amount - MAX({_REFUNDED}, p.refunded_amount + {_HELD}) {_OF_ORIGINAL})",
    ),
    _reject(
        "payments_rules_of_reversals",
        "INSERT ON payments",
        "the reversals exceed the chargebacks",
        f"NEW.cause = 'CHARGEBACK_REVERSED' AND NEW.amount > {_CHARGED_BACK} - {_REVERSED}",
    ),
    _reject(
        "payments_rules_of_returns",
        "INSERT ON payments",
        "the refund cannot be returned",
        f"NEW.cause = 'REFUND_RETURNED' AND (NEW.status <> 'SUCCEEDED' OR EXISTS (SELECT 1 {_OTHER_REFUNDS}) "  # noqa: S608 - built from constants
        f"OR NOT EXISTS (SELECT 1 {_OF_ORIGINAL} AND p.kind = 'REFUND' AND p.cause IS NULL "
        "AND p.status = 'SUCCEEDED' AND p.owner_id = NEW.owner_id AND p.amount = NEW.amount "
        "AND p.currency = NEW.currency AND EXISTS (SELECT 1 FROM payments o WHERE o.owner_id = p.refunds_owner_id "
        "AND o.id = p.refunds_id AND o.kind = 'TOP_UP')))",
    ),
]

_OF_PARTIES = "the parties of a payment never change"
_PARTIES = [
    _reject(
        "payment_parties_are_new",
        "INSERT ON payment_parties",
        _OF_PARTIES,
        "EXISTS (SELECT 1 FROM payment_parties p WHERE p.owner_id = NEW.owner_id AND p.payment_id = NEW.payment_id)",
    ),
    _reject("payment_parties_stay", "UPDATE ON payment_parties", _OF_PARTIES),
    _reject("payment_parties_remain", "DELETE ON payment_parties", _OF_PARTIES),
]

SQLITE = [*_LEDGER, *_WALLETS, *_PAYMENTS, *_REFUNDS, *_PARTIES]
"""The triggers. The messages are the same as on PostgreSQL."""
