"""Words of posts and users for search. The product tokenizes the text, instead of each database."""

from tortoise.migrations import Migration as TortoiseMigration

from migrations._engine_sql import EngineSQL

STATEMENTS = [
    "ALTER TABLE posts ADD COLUMN words TEXT",
    "ALTER TABLE posts ADD COLUMN words_key BIGINT",
    "ALTER TABLE users ADD COLUMN words TEXT",
    "ALTER TABLE users ADD COLUMN words_key BIGINT",
]
"""The columns for SQLite. On PostgreSQL `words` is a `tsvector`."""

_STALE = [
    "CREATE INDEX posts_by_stale_words ON posts (id) WHERE words_key IS NULL OR words_key < 4294967296",
    "CREATE INDEX users_by_stale_words ON users (id) WHERE words_key IS NULL OR words_key < 4294967296",
]

# The job `index_words` indexes text again that was changed without its words.
_POSTGRES = [
    *(statement.replace(" TEXT", " TSVECTOR") for statement in STATEMENTS),
    *_STALE,
    # Without statistics the planner uses the index for frequent words too, and ANALYZE does not read all the words.
    "ALTER TABLE posts ALTER COLUMN words SET STATISTICS 0",
    "ALTER TABLE users ALTER COLUMN words SET STATISTICS 0",
    "DROP INDEX posts_by_word",
    "DROP INDEX users_by_word",
    "CREATE INDEX posts_by_word ON posts USING gin (words)",
    "CREATE INDEX users_by_word ON users USING gin (words)",
    """
    CREATE OR REPLACE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.words_key := NULL; RETURN NEW; END $$
    """,
    """
    CREATE TRIGGER posts_forget_words BEFORE UPDATE OF body ON posts FOR EACH ROW
    WHEN (NEW.body IS DISTINCT FROM OLD.body AND NEW.words_key IS NOT DISTINCT FROM OLD.words_key)
    EXECUTE FUNCTION forget_words()
    """,
    """
    CREATE TRIGGER users_forget_words BEFORE UPDATE OF name ON users FOR EACH ROW
    WHEN (NEW.name IS DISTINCT FROM OLD.name AND NEW.words_key IS NOT DISTINCT FROM OLD.words_key)
    EXECUTE FUNCTION forget_words()
    """,
]

# Words are folded and separated by spaces, so the tokenizer must only split them: `ascii` keeps other characters
# unchanged.
_SQLITE = [
    *STATEMENTS,
    *_STALE,
    *(
        f"DROP TRIGGER {table}_text_{change}"
        for table in ("posts", "users")
        for change in ("insert", "update", "delete")
    ),
    "DROP TABLE posts_text",
    "DROP TABLE users_text",
    "CREATE VIRTUAL TABLE posts_text USING fts5(words, author_id UNINDEXED, tokenize = 'ascii')",
    "CREATE VIRTUAL TABLE users_text USING fts5(words, tokenize = 'ascii')",
    """
    CREATE TRIGGER posts_text_insert AFTER INSERT ON posts WHEN NEW.words IS NOT NULL
    BEGIN INSERT INTO posts_text (rowid, words, author_id) VALUES (NEW.id, NEW.words, NEW.author_id); END
    """,
    """
    CREATE TRIGGER posts_text_update AFTER UPDATE OF words ON posts WHEN NEW.words IS NOT OLD.words
    BEGIN
        DELETE FROM posts_text WHERE rowid = OLD.id;
        INSERT INTO posts_text (rowid, words, author_id) VALUES (NEW.id, NEW.words, NEW.author_id);
    END
    """,
    "CREATE TRIGGER posts_text_delete AFTER DELETE ON posts BEGIN DELETE FROM posts_text WHERE rowid = OLD.id; END",
    """
    CREATE TRIGGER posts_forget_words AFTER UPDATE OF body ON posts
    WHEN NEW.body <> OLD.body AND NEW.words_key IS OLD.words_key
    BEGIN UPDATE posts SET words_key = NULL WHERE author_id = NEW.author_id AND id = NEW.id; END
    """,
    """
    CREATE TRIGGER users_text_insert AFTER INSERT ON users WHEN NEW.words IS NOT NULL
    BEGIN INSERT INTO users_text (rowid, words) VALUES (NEW.id, NEW.words); END
    """,
    """
    CREATE TRIGGER users_text_update AFTER UPDATE OF words ON users WHEN NEW.words IS NOT OLD.words
    BEGIN
        DELETE FROM users_text WHERE rowid = OLD.id;
        INSERT INTO users_text (rowid, words) VALUES (NEW.id, NEW.words);
    END
    """,
    "CREATE TRIGGER users_text_delete AFTER DELETE ON users BEGIN DELETE FROM users_text WHERE rowid = OLD.id; END",
    """
    CREATE TRIGGER users_forget_words AFTER UPDATE OF name ON users
    WHEN NEW.name <> OLD.name AND NEW.words_key IS OLD.words_key
    BEGIN UPDATE users SET words_key = NULL WHERE id = NEW.id; END
    """,
]


class Migration(TortoiseMigration):
    """Adds columns and indexes for words. The job `index_words` fills them for existing rows."""

    dependencies = [("bff", "m0013_expired_devices")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [EngineSQL(postgres=_POSTGRES, sqlite=_SQLITE)]  # noqa: RUF012 - Tortoise reads it from the class
