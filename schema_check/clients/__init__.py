"""What a server receives of a document: clients take their own directives, fields and arguments out of it."""

from schema_check.clients.sent_documents import SentDocuments
from schema_check.clients.stripping import strip_document

__all__ = ["SentDocuments", "strip_document"]
