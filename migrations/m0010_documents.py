"""Registered documents."""

from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

STATEMENTS = [
    """
    CREATE TABLE trusted_documents (
        id TEXT NOT NULL PRIMARY KEY,
        hash TEXT NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL
    )
    """,
    "CREATE INDEX trusted_documents_by_hash ON trusted_documents (hash)",
    """
    CREATE TABLE app_documents (
        app TEXT NOT NULL,
        version TEXT NOT NULL,
        document_id TEXT NOT NULL,
        imported_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (app, version, document_id)
    )
    """,
    "CREATE INDEX app_documents_by_document ON app_documents (document_id)",
    """
    CREATE TABLE document_revisions (
        id BIGINT NOT NULL PRIMARY KEY,
        number BIGINT NOT NULL
    )
    """,
]


class Migration(TortoiseMigration):
    """Creates registered documents, the app versions that send them, and the number of changes."""

    dependencies = [("bff", "m0009_leaving")]  # noqa: RUF012 - Tortoise reads it from the class
    operations = [RunSQL(STATEMENTS)]  # noqa: RUF012 - Tortoise reads it from the class
