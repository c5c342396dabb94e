"""Derives the document that a server receives: clients strip their own directives, fields and arguments."""

from schema_check.clients.sent_documents import SentDocuments
from schema_check.clients.stripping import strip_document

__all__ = ["SentDocuments", "strip_document"]
