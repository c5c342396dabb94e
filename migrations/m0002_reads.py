"""The tables of wallets, payments, preferences and search."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

from migrations._engine_sql import EngineSQL

STATEMENTS = [
    """
    CREATE TABLE wallets (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        currency TEXT NOT NULL,
        available BIGINT NOT NULL CHECK (available >= 0),
        pending BIGINT NOT NULL CHECK (pending >= 0),
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE ledger_entries (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        account TEXT NOT NULL CHECK (account IN ('WALLET', 'PENDING', 'PROVIDER', 'PLATFORM')),
        payment_owner_id BIGINT NOT NULL,
        payment_id BIGINT NOT NULL,
        amount BIGINT NOT NULL CHECK (amount <> 0),
        currency TEXT NOT NULL,
        balance_after BIGINT CHECK ((balance_after IS NOT NULL) = (account = 'WALLET')),
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (owner_id, id)
    )
    """,
    "CREATE INDEX ledger_entries_by_account ON ledger_entries (owner_id, account, id)",
    "CREATE INDEX ledger_entries_by_payment ON ledger_entries (payment_owner_id, payment_id)",
    """
    CREATE TABLE payment_methods (
        owner_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        provider_reference TEXT NOT NULL,
        brand TEXT NOT NULL,
        last_four TEXT NOT NULL,
        expires_on DATE,
        is_default BOOLEAN NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        removed_at TIMESTAMPTZ,
        PRIMARY KEY (owner_id, id)
    )
    """,
    """
    CREATE TABLE channel_preferences (
        owner_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        in_app BOOLEAN NOT NULL,
        push BOOLEAN NOT NULL,
        email BOOLEAN NOT NULL,
        PRIMARY KEY (owner_id, kind)
    )
    """,
    """
    CREATE TABLE quiet_hours (
        owner_id BIGINT NOT NULL PRIMARY KEY,
        starts_at_minute BIGINT NOT NULL CHECK (starts_at_minute BETWEEN 0 AND 1439),
        ends_at_minute BIGINT NOT NULL CHECK (ends_at_minute BETWEEN 0 AND 1439),
        time_zone TEXT NOT NULL
    )
    """,
]

LEDGER_POSTGRES = [
    """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'ledger entries are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER ledger_entries_stay BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE OR REPLACE FUNCTION refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM payments p WHERE p.owner_id = NEW.payment_owner_id AND p.id = NEW.payment_id
                   AND p.sealed_at IS NOT NULL) THEN
            RAISE EXCEPTION 'the payment is sealed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_entries_end BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_sealed()
    """,
    """
    CREATE OR REPLACE FUNCTION check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS NULL THEN
            RAISE EXCEPTION 'a sealed payment stays sealed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.sealed_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM ledger_entries e WHERE e.payment_owner_id = NEW.owner_id AND e.payment_id = NEW.id
            HAVING SUM(e.amount) <> 0 OR COUNT(*) FILTER (WHERE e.currency <> NEW.currency) > 0
        ) THEN
            RAISE EXCEPTION 'the entries of the payment do not sum to zero'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payments_balance BEFORE INSERT OR UPDATE OF sealed_at ON payments
    FOR EACH ROW WHEN (NEW.sealed_at IS NOT NULL) EXECUTE FUNCTION check_balance()
    """,
    """
    CREATE TRIGGER payments_stay_sealed BEFORE UPDATE OF sealed_at ON payments
    FOR EACH ROW WHEN (OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS NULL) EXECUTE FUNCTION check_balance()
    """,
]

_UNBALANCED = """
    SELECT RAISE(ABORT, 'the entries of the payment do not sum to zero') WHERE EXISTS (
        SELECT 1 FROM ledger_entries e WHERE e.payment_owner_id = NEW.owner_id AND e.payment_id = NEW.id
        GROUP BY e.payment_id HAVING SUM(e.amount) <> 0 OR SUM(e.currency <> NEW.currency) > 0
    );
"""

LEDGER_SQLITE = [
    """
    CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END
    """,
    """
    CREATE TRIGGER ledger_entries_remain BEFORE DELETE ON ledger_entries
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END
    """,
    """
    CREATE TRIGGER ledger_entries_end BEFORE INSERT ON ledger_entries
    BEGIN
        SELECT RAISE(ABORT, 'the payment is sealed') FROM payments p
        WHERE p.owner_id = NEW.payment_owner_id AND p.id = NEW.payment_id AND p.sealed_at IS NOT NULL;
    END
    """,
    f"""
    CREATE TRIGGER payments_balance BEFORE INSERT ON payments WHEN NEW.sealed_at IS NOT NULL
    BEGIN {_UNBALANCED} END
    """,
    f"""
    CREATE TRIGGER payments_balance_later BEFORE UPDATE OF sealed_at ON payments WHEN NEW.sealed_at IS NOT NULL
    BEGIN {_UNBALANCED} END
    """,
    """
    CREATE TRIGGER payments_stay_sealed BEFORE UPDATE OF sealed_at ON payments
    WHEN OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS NULL
    BEGIN SELECT RAISE(ABORT, 'a sealed payment stays sealed'); END
    """,
]

# Without the extension pg_trgm, search finds handles only by their prefix.
SEARCH_POSTGRES = [
    "CREATE INDEX posts_by_word ON posts USING gin (to_tsvector('simple', body))",
    "CREATE INDEX users_by_word ON users USING gin (to_tsvector('simple', name))",
    'CREATE INDEX users_by_handle ON users (handle COLLATE "C")',
    """
    DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX users_by_trigram ON users USING gin (handle gin_trgm_ops);
        CREATE OR REPLACE FUNCTION resembles(text, text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 % $2';
        CREATE OR REPLACE FUNCTION resemblance(text, text) RETURNS real LANGUAGE sql IMMUTABLE
            AS 'SELECT similarity($1, $2)';
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        CREATE OR REPLACE FUNCTION resembles(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
        CREATE OR REPLACE FUNCTION resemblance(text, text) RETURNS real LANGUAGE sql IMMUTABLE AS 'SELECT 0::real';
    END $$
    """,
]

SEARCH_SQLITE = [
    "CREATE VIRTUAL TABLE posts_text USING fts5(body, author_id UNINDEXED, tokenize = 'unicode61 remove_diacritics 0')",
    """
    CREATE TRIGGER posts_text_insert AFTER INSERT ON posts
    BEGIN INSERT INTO posts_text (rowid, body, author_id) VALUES (NEW.id, NEW.body, NEW.author_id); END
    """,
    """
    CREATE TRIGGER posts_text_update AFTER UPDATE OF body ON posts
    BEGIN UPDATE posts_text SET body = NEW.body WHERE rowid = NEW.id; END
    """,
    "CREATE TRIGGER posts_text_delete AFTER DELETE ON posts BEGIN DELETE FROM posts_text WHERE rowid = OLD.id; END",
    "CREATE VIRTUAL TABLE users_text USING fts5(name, tokenize = 'unicode61 remove_diacritics 0')",
    """
    CREATE TRIGGER users_text_insert AFTER INSERT ON users
    BEGIN INSERT INTO users_text (rowid, name) VALUES (NEW.id, NEW.name); END
    """,
    """
    CREATE TRIGGER users_text_update AFTER UPDATE OF name ON users
    BEGIN UPDATE users_text SET name = NEW.name WHERE rowid = NEW.id; END
    """,
    "CREATE TRIGGER users_text_delete AFTER DELETE ON users BEGIN DELETE FROM users_text WHERE rowid = OLD.id; END",
    "CREATE INDEX users_by_handle ON users (handle)",
]


class Migration(TortoiseMigration):
    """Creates the tables of the other reads."""

    dependencies = [("bff", "m0001_home")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [  # noqa: RUF012 - Tortoise reads it from the class
        RunSQL(STATEMENTS),
        EngineSQL(postgres=LEDGER_POSTGRES, sqlite=LEDGER_SQLITE),
        EngineSQL(postgres=SEARCH_POSTGRES, sqlite=SEARCH_SQLITE),
    ]
