"""Selects the document of a request: its text, a registered document by id, or a persisted query by hash.

`docs/trusted-documents.md` explains the usage, and decision 16 the reasons.
"""

from gateway.documents.persisted.choice import PersistedDocuments

__all__ = ["PersistedDocuments"]
