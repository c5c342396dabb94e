"""Trusted documents: what apps registered, found by id or by the hash of the text; and how the list is changed.

It knows texts, not GraphQL: who imports a document has validated it.
"""

from services.documents.listing import RegisteredDocument, Release, all_documents, releases
from services.documents.registration import ImportedDocuments, NewDocument, import_documents, remove_documents
from services.documents.trusted_documents import TrustedDocument, TrustedDocuments, hash_of, is_hash, usable_id

__all__ = [
    "ImportedDocuments",
    "NewDocument",
    "RegisteredDocument",
    "Release",
    "TrustedDocument",
    "TrustedDocuments",
    "all_documents",
    "hash_of",
    "import_documents",
    "is_hash",
    "releases",
    "remove_documents",
    "usable_id",
]
