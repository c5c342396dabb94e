"""Which document a request means: one that it has, one that it names, or one that it sent before.

`docs/trusted-documents.md` tells how it is used; decision 16, why it is so.
"""

from gateway.documents.persisted.choice import PersistedDocuments

__all__ = ["PersistedDocuments"]
