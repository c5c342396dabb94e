"""Documents that apps may send. They belong to nobody and are few, so their keys name no owner."""

from tortoise import fields
from tortoise.models import Model


class TrustedDocument(Model):
    """A registered document: its opaque id, the SHA-256 of its text in hexadecimal digits, its operation's name."""

    id = fields.CharField(200, primary_key=True)
    hash = fields.TextField()
    name = fields.TextField()
    text = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "trusted_documents"


class AppDocument(Model):
    """A document that a version of an app sends."""

    app = fields.TextField()
    version = fields.TextField()
    document_id = fields.CharField(200, primary_key=True)
    imported_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "app_documents"


class DocumentRevision(Model):
    """One row, that counts the changes of the list, so that servers see that there was one."""

    id = fields.BigIntField(primary_key=True, generated=False)
    number = fields.BigIntField()

    class Meta(Model.Meta):
        table = "document_revisions"
