"""Trusted documents: what apps registered, found by id or by the hash of the text; and how the list is changed.

It knows texts, not GraphQL: who imports a document has validated it.
"""

from services.documents.changing import Imported, NewDocument, import_documents, remove_documents
from services.documents.known import TrustedDocument, TrustedDocuments, hash_of, is_hash, usable_id
from services.documents.listing import Registered, Release, all_documents, releases

__all__ = [
    "Imported",
    "NewDocument",
    "Registered",
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
