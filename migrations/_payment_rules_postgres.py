"""The rules of payments, wallets and the ledger as triggers of PostgreSQL."""


def _reject(function: str, message: str) -> str:
    """Returns a trigger function that rejects every change."""
    return f"""
    CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """


def _no_truncate(table: str, function: str) -> str:
    return f"""
    CREATE TRIGGER {table}_are_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {function}()
    """


# Runs once per statement, with all of its entries. It locks the payments, so that no other transaction seals them
# before this one has committed its entries. `opening` is the balance before the entries of the statement. The planner
# must use indexes for any number of rows, because the plan of the first statement of a session is used again.
_BALANCES = """
    CREATE OR REPLACE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    DECLARE sealed BIGINT; moved BIGINT; wrong BOOLEAN; fault TEXT;
    BEGIN
        SELECT COUNT(p.sealed_at) INTO sealed
        FROM (SELECT DISTINCT e.payment_owner_id, e.payment_id FROM entered e ORDER BY 1, 2) n, LATERAL (
            SELECT p.sealed_at FROM payments p
            WHERE p.owner_id = n.payment_owner_id AND p.id = n.payment_id FOR NO KEY UPDATE
        ) p;
        WITH sums AS (
            SELECT e.owner_id, e.currency,
                COALESCE(SUM(e.amount) FILTER (WHERE e.account = 'WALLET'), 0)::BIGINT AS available,
                COALESCE(SUM(e.amount) FILTER (WHERE e.account = 'PENDING'), 0)::BIGINT AS pending,
                MIN(e.opening) AS lowest, MAX(e.opening) AS highest, MIN(e.balance_after) AS smallest
            FROM (
                SELECT n.owner_id, n.currency, n.account, n.amount, n.id, n.balance_after,
                    n.balance_after - SUM(n.amount) OVER (PARTITION BY n.owner_id, n.account ORDER BY n.id) AS opening
                FROM entered n WHERE n.account IN ('WALLET', 'PENDING')
            ) e GROUP BY e.owner_id, e.currency ORDER BY e.owner_id
        ), moves AS (
            UPDATE wallets w SET available = w.available + s.available, pending = w.pending + s.pending
            FROM sums s WHERE w.owner_id = s.owner_id AND w.currency = s.currency
            RETURNING s.lowest <> w.available - s.available OR s.highest <> s.lowest OR s.smallest < 0 AS is_wrong
        )
        SELECT COUNT(*), bool_or(m.is_wrong) INTO moved, wrong FROM moves m;
        fault := CASE
            WHEN sealed > 0 THEN 'the payment is sealed'
            WHEN moved <> (SELECT COUNT(DISTINCT (e.owner_id, e.currency)) FROM entered e
                           WHERE e.account IN ('WALLET', 'PENDING')) THEN 'there is no wallet in the currency'
            WHEN EXISTS (
                SELECT 1 FROM (
                    SELECT e.owner_id, COUNT(*) AS entries, MIN(e.id) AS first_id FROM entered e
                    WHERE e.account = 'WALLET' GROUP BY e.owner_id
                ) n WHERE n.entries <> (SELECT COUNT(*) FROM ledger_entries e WHERE e.owner_id = n.owner_id
                                        AND e.account = 'WALLET' AND e.id >= n.first_id)
            ) THEN 'an entry of the wallet is newer'
            WHEN wrong THEN 'the balance after the entry is wrong'
        END;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION USING MESSAGE = fault, ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
"""

_PAYMENT = """
    CREATE OR REPLACE FUNCTION check_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE fault TEXT;
    BEGIN
        fault := CASE
            WHEN (NEW.status = 'PENDING') <> (NEW.sealed_at IS NULL)
                THEN 'a payment is sealed exactly when it is not pending'
            WHEN NEW.sealed_at IS NOT NULL AND (NEW.action_url IS NOT NULL OR NEW.action_secret IS NOT NULL)
                THEN 'only a pending payment can be confirmed'
            WHEN NEW.status <> CASE
                WHEN NEW.status IN ('PENDING', 'FAILED') AND NEW.refunded_amount = 0 THEN NEW.status
                WHEN NEW.refunded_amount = 0 THEN 'SUCCEEDED'
                WHEN NEW.refunded_amount < NEW.amount THEN 'PARTIALLY_REFUNDED'
                ELSE 'REFUNDED' END
                THEN 'the status does not match the refunded amount'
            WHEN (NEW.kind = 'REFUND' OR NEW.cause IS NOT DISTINCT FROM 'REFUND_RETURNED')
                <> (NEW.refunds_id IS NOT NULL)
                OR (NEW.refunds_id IS NULL) <> (NEW.refunds_owner_id IS NULL)
                THEN 'a refund names the payment that it refunds'
            WHEN NEW.cause IS NOT NULL AND (NEW.kind, NEW.cause) NOT IN (
                ('REFUND', 'CHARGEBACK'), ('REFUND', 'CHARGEBACK_REVERSED'), ('TOP_UP', 'REFUND_RETURNED'))
                THEN 'the cause of the payment is unknown'
            WHEN TG_OP = 'INSERT' THEN
                CASE WHEN NEW.refunded_amount <> 0 THEN 'a new payment is not refunded' END
            WHEN (NEW.owner_id, NEW.id, NEW.kind, NEW.amount, NEW.currency, NEW.created_at)
                <> (OLD.owner_id, OLD.id, OLD.kind, OLD.amount, OLD.currency, OLD.created_at)
                OR NEW.refunds_owner_id IS DISTINCT FROM OLD.refunds_owner_id
                OR NEW.refunds_id IS DISTINCT FROM OLD.refunds_id OR NEW.cause IS DISTINCT FROM OLD.cause
                THEN 'what a payment moves never changes'
            WHEN NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
                ('PENDING', 'SUCCEEDED'), ('PENDING', 'FAILED'), ('SUCCEEDED', 'PARTIALLY_REFUNDED'),
                ('SUCCEEDED', 'REFUNDED'), ('PARTIALLY_REFUNDED', 'REFUNDED'))
                THEN 'the payment cannot take this status'
            WHEN NEW.refunded_amount < OLD.refunded_amount THEN 'a refund is not undone'
            WHEN OLD.sealed_at IS NOT NULL AND NEW.sealed_at <> OLD.sealed_at THEN 'a sealed payment stays sealed'
        END;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION USING MESSAGE = fault, ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

# Locks the original, so that concurrent refunds are added up one after the other.
_REFUND = """
    CREATE OR REPLACE FUNCTION check_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE original RECORD; others RECORD; fault TEXT;
    BEGIN
        SELECT p.kind, p.status, p.cause, p.amount, p.refunded_amount, p.currency INTO original FROM payments p
        WHERE p.owner_id = NEW.refunds_owner_id AND p.id = NEW.refunds_id FOR NO KEY UPDATE;
        SELECT COALESCE(SUM(r.amount) FILTER (WHERE r.cause IS NULL AND r.status <> 'FAILED'), 0) AS refunds,
            COALESCE(SUM(r.amount) FILTER (WHERE r.cause IS NULL AND r.status = 'PENDING'), 0) AS pending,
            COALESCE(SUM(r.amount) FILTER (WHERE r.cause = 'CHARGEBACK'), 0) AS chargebacks,
            COALESCE(SUM(r.amount) FILTER (WHERE r.cause = 'CHARGEBACK_REVERSED'), 0) AS reversed
        INTO others FROM payments r
        WHERE r.refunds_owner_id = NEW.refunds_owner_id AND r.refunds_id = NEW.refunds_id;
        fault := CASE
            WHEN original.kind IS NULL OR original.kind = 'REFUND' OR original.currency <> NEW.currency
                OR original.cause IS NOT NULL OR original.status IN ('PENDING', 'FAILED')
                OR (original.status = 'REFUNDED' AND NEW.cause IS NULL)
                OR (NEW.cause IS NOT NULL AND original.kind <> 'TOP_UP')
                THEN 'the payment cannot be refunded'
            WHEN NEW.cause IS NULL AND NEW.status <> 'FAILED' AND NEW.amount
                + GREATEST(others.refunds, original.refunded_amount + others.pending) > original.amount
                THEN 'the refunds exceed the payment'
            WHEN NEW.cause = 'CHARGEBACK_REVERSED' AND others.reversed + NEW.amount > others.chargebacks
                THEN 'the reversals exceed the chargebacks'
        END;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION USING MESSAGE = fault, ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

# The refund is locked, so that its money returns once.
_RETURN = """
    CREATE OR REPLACE FUNCTION check_return() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE refund RECORD;
    BEGIN
        SELECT p.owner_id, p.kind, p.status, p.cause, p.amount, p.currency, o.kind AS original_kind INTO refund
        FROM payments p LEFT JOIN payments o ON o.owner_id = p.refunds_owner_id AND o.id = p.refunds_id
        WHERE p.owner_id = NEW.refunds_owner_id AND p.id = NEW.refunds_id FOR NO KEY UPDATE OF p;
        IF refund.kind IS DISTINCT FROM 'REFUND' OR refund.original_kind IS DISTINCT FROM 'TOP_UP'
            OR refund.cause IS NOT NULL OR refund.status <> 'SUCCEEDED' OR NEW.status <> 'SUCCEEDED'
            OR (refund.owner_id, refund.amount, refund.currency) <> (NEW.owner_id, NEW.amount, NEW.currency)
            OR EXISTS (SELECT 1 FROM payments r
                       WHERE r.refunds_owner_id = NEW.refunds_owner_id AND r.refunds_id = NEW.refunds_id)
        THEN
            RAISE EXCEPTION 'the refund cannot be returned' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

POSTGRES = [
    _BALANCES,
    _PAYMENT,
    _REFUND,
    _RETURN,
    _reject("reject_change_of_wallet", "only the ledger changes a wallet"),
    _reject("reject_change_of_payment", "payments are never deleted"),
    _reject("reject_change_of_party", "the parties of a payment never change"),
    "DROP TRIGGER ledger_entries_end ON ledger_entries",
    "DROP FUNCTION refuse_sealed()",
    """
    CREATE TRIGGER ledger_entries_move AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS entered
    FOR EACH STATEMENT EXECUTE FUNCTION move_balances()
    """,
    _no_truncate("ledger_entries", "refuse_change"),
    """
    CREATE TRIGGER wallets_begin_empty BEFORE INSERT ON wallets FOR EACH ROW
    WHEN (NEW.available <> 0 OR NEW.pending <> 0) EXECUTE FUNCTION reject_change_of_wallet()
    """,
    """
    CREATE TRIGGER wallets_follow BEFORE UPDATE OF owner_id, id, currency, available, pending ON wallets FOR EACH ROW
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION reject_change_of_wallet()
    """,
    """
    CREATE TRIGGER wallets_stay BEFORE DELETE ON wallets
    FOR EACH ROW EXECUTE FUNCTION reject_change_of_wallet()
    """,
    _no_truncate("wallets", "reject_change_of_wallet"),
    "CREATE TRIGGER payments_rules BEFORE INSERT OR UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION check_payment()",
    """
    CREATE TRIGGER payments_rules_of_refunds BEFORE INSERT ON payments FOR EACH ROW
    WHEN (NEW.kind = 'REFUND') EXECUTE FUNCTION check_refund()
    """,
    """
    CREATE TRIGGER payments_rules_of_returns BEFORE INSERT ON payments FOR EACH ROW
    WHEN (NEW.cause = 'REFUND_RETURNED') EXECUTE FUNCTION check_return()
    """,
    """
    CREATE TRIGGER payments_stay BEFORE DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION reject_change_of_payment()
    """,
    _no_truncate("payments", "reject_change_of_payment"),
    """
    CREATE TRIGGER payment_parties_stay BEFORE UPDATE OR DELETE ON payment_parties
    FOR EACH ROW EXECUTE FUNCTION reject_change_of_party()
    """,
    _no_truncate("payment_parties", "reject_change_of_party"),
]
"""The functions and triggers. The messages are the same as on SQLite."""
