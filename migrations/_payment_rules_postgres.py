"""The rules of payments, wallets and the ledger as triggers of PostgreSQL."""


def _refuse(function: str, message: str) -> str:
    """Returns a trigger function that refuses every change."""
    return f"""
    CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """


def _no_truncate(table: str, function: str) -> str:
    return f"""
    CREATE TRIGGER {table}_are_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {function}()
    """


# Locks the payment, so that no other transaction seals it before this one has committed its entries.
_SEALED = """
    CREATE OR REPLACE FUNCTION refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE sealed TIMESTAMPTZ;
    BEGIN
        SELECT p.sealed_at INTO sealed FROM payments p
        WHERE p.owner_id = NEW.payment_owner_id AND p.id = NEW.payment_id FOR NO KEY UPDATE;
        IF sealed IS NOT NULL THEN
            RAISE EXCEPTION 'the payment is sealed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

# Runs once per statement, with all of its entries. `opening` is the balance before the entries of the statement.
_BALANCES = """
    CREATE OR REPLACE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE moved RECORD; balance BIGINT;
    BEGIN
        FOR moved IN
            SELECT e.owner_id, e.currency,
                COALESCE(SUM(e.amount) FILTER (WHERE e.account = 'WALLET'), 0)::BIGINT AS available,
                COALESCE(SUM(e.amount) FILTER (WHERE e.account = 'PENDING'), 0)::BIGINT AS pending,
                COUNT(*) FILTER (WHERE e.account = 'WALLET') AS entries,
                MIN(e.id) FILTER (WHERE e.account = 'WALLET') AS first_id,
                MIN(e.opening) AS lowest, MAX(e.opening) AS highest, MIN(e.balance_after) AS smallest
            FROM (
                SELECT n.owner_id, n.currency, n.account, n.amount, n.id, n.balance_after,
                    n.balance_after - SUM(n.amount) OVER (PARTITION BY n.owner_id, n.account ORDER BY n.id) AS opening
                FROM entered n WHERE n.account IN ('WALLET', 'PENDING')
            ) e GROUP BY e.owner_id, e.currency ORDER BY e.owner_id
        LOOP
            UPDATE wallets SET available = available + moved.available, pending = pending + moved.pending
            WHERE owner_id = moved.owner_id AND currency = moved.currency RETURNING available INTO balance;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'there is no wallet in the currency' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF moved.entries > 0 THEN
                IF moved.entries <> (SELECT COUNT(*) FROM ledger_entries e WHERE e.owner_id = moved.owner_id
                                     AND e.account = 'WALLET' AND e.id >= moved.first_id) THEN
                    RAISE EXCEPTION 'an entry of the wallet is newer' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                IF moved.lowest <> balance - moved.available OR moved.highest <> moved.lowest OR moved.smallest < 0 THEN
                    RAISE EXCEPTION 'the balance after the entry is wrong'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
"""

_PAYMENT = """
    CREATE OR REPLACE FUNCTION check_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE refused TEXT;
    BEGIN
        refused := CASE
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
            WHEN (NEW.kind = 'REFUND') <> (NEW.refunds_id IS NOT NULL)
                OR (NEW.refunds_id IS NULL) <> (NEW.refunds_owner_id IS NULL)
                THEN 'a refund names the payment that it refunds'
            WHEN NEW.cause IS NOT NULL
                AND (NEW.kind <> 'REFUND' OR NEW.cause NOT IN ('CHARGEBACK', 'CHARGEBACK_REVERSED'))
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
        IF refused IS NOT NULL THEN
            RAISE EXCEPTION USING MESSAGE = refused, ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

# Locks the original, so that concurrent refunds are added up one after the other.
_REFUND = """
    CREATE OR REPLACE FUNCTION check_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE original RECORD; others RECORD; refused TEXT;
    BEGIN
        SELECT p.kind, p.status, p.amount, p.refunded_amount, p.currency INTO original FROM payments p
        WHERE p.owner_id = NEW.refunds_owner_id AND p.id = NEW.refunds_id FOR NO KEY UPDATE;
        SELECT COALESCE(SUM(r.amount) FILTER (WHERE r.cause IS NULL AND r.status <> 'FAILED'), 0) AS refunds,
            COALESCE(SUM(r.amount) FILTER (WHERE r.cause IS NULL AND r.status = 'PENDING'), 0) AS pending,
            COALESCE(SUM(r.amount) FILTER (WHERE r.cause = 'CHARGEBACK'), 0) AS chargebacks,
            COALESCE(SUM(r.amount) FILTER (WHERE r.cause = 'CHARGEBACK_REVERSED'), 0) AS reversed
        INTO others FROM payments r
        WHERE r.refunds_owner_id = NEW.refunds_owner_id AND r.refunds_id = NEW.refunds_id;
        refused := CASE
            WHEN original.kind IS NULL OR original.kind = 'REFUND' OR original.currency <> NEW.currency
                OR original.status IN ('PENDING', 'FAILED') OR (original.status = 'REFUNDED' AND NEW.cause IS NULL)
                OR (NEW.cause IS NOT NULL AND original.kind <> 'TOP_UP')
                THEN 'the payment cannot be refunded'
            WHEN NEW.cause IS NULL AND NEW.status <> 'FAILED' AND NEW.amount
                + GREATEST(others.refunds, original.refunded_amount + others.pending) > original.amount
                THEN 'the refunds exceed the payment'
            WHEN NEW.cause = 'CHARGEBACK_REVERSED' AND others.reversed + NEW.amount > others.chargebacks
                THEN 'the reversals exceed the chargebacks'
        END;
        IF refused IS NOT NULL THEN
            RAISE EXCEPTION USING MESSAGE = refused, ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

POSTGRES = [
    _SEALED,
    _BALANCES,
    _PAYMENT,
    _REFUND,
    _refuse("refuse_change_of_wallet", "only the ledger changes a wallet"),
    _refuse("refuse_change_of_payment", "payments are never deleted"),
    _refuse("refuse_change_of_party", "the parties of a payment never change"),
    """
    CREATE TRIGGER ledger_entries_move AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS entered
    FOR EACH STATEMENT EXECUTE FUNCTION move_balances()
    """,
    _no_truncate("ledger_entries", "refuse_change"),
    """
    CREATE TRIGGER wallets_begin_empty BEFORE INSERT ON wallets FOR EACH ROW
    WHEN (NEW.available <> 0 OR NEW.pending <> 0) EXECUTE FUNCTION refuse_change_of_wallet()
    """,
    """
    CREATE TRIGGER wallets_follow BEFORE UPDATE OF owner_id, id, currency, available, pending ON wallets FOR EACH ROW
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change_of_wallet()
    """,
    """
    CREATE TRIGGER wallets_stay BEFORE DELETE ON wallets
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_wallet()
    """,
    _no_truncate("wallets", "refuse_change_of_wallet"),
    "CREATE TRIGGER payments_rules BEFORE INSERT OR UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION check_payment()",
    """
    CREATE TRIGGER payments_rules_of_refunds BEFORE INSERT ON payments FOR EACH ROW
    WHEN (NEW.kind = 'REFUND') EXECUTE FUNCTION check_refund()
    """,
    """
    CREATE TRIGGER payments_stay BEFORE DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_payment()
    """,
    _no_truncate("payments", "refuse_change_of_payment"),
    """
    CREATE TRIGGER payment_parties_stay BEFORE UPDATE OR DELETE ON payment_parties
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_party()
    """,
    _no_truncate("payment_parties", "refuse_change_of_party"),
]
"""The functions and triggers. The messages are the same as on SQLite."""
