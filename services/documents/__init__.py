"""Registered documents: registration by apps, and lookup by id or by the hash of the text.

It handles texts, not GraphQL: the caller has validated the documents.
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
