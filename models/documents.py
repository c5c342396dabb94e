"""Registered documents of apps. They are few and have no owner, so the tables are not partitioned."""

from tortoise import fields
from tortoise.models import Model


class TrustedDocumentModel(Model):
    """A registered document: its opaque id, the hexadecimal SHA-256 of its text, and the name of its operation."""

    id = fields.CharField(200, primary_key=True)
    hash = fields.TextField()
    name = fields.TextField()
    text = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "trusted_documents"


class AppDocumentModel(Model):
    """A document that a version of an app sends."""

    app = fields.TextField()
    version = fields.TextField()
    document_id = fields.CharField(200, primary_key=True)
    imported_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "app_documents"


class DocumentRevisionModel(Model):
    """A single row that counts the changes of the registered documents, so that servers notice a change."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.BigIntField()

    class Meta(Model.Meta):
        table = "document_revisions"
