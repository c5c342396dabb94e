"""Collects the documents that app versions send, and warns about those that cannot be checked."""

from collections import defaultdict

from graphql import DocumentNode, GraphQLSchema

from schema_check.clients.stripping import SentDocument, strip_document
from schema_check.manifests import ANONYMOUS, AppVersion, ManifestOperation


class SentDocuments:
    """Strips the documents of app versions, and remembers what the check cannot cover."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._sent: dict[str, SentDocument] = {}
        """The stripped documents by their original texts."""
        self._names = defaultdict[AppVersion, set[str]](set)
        """The names of all operations of a version, live or not."""
        self._local = defaultdict[AppVersion, set[str]](set)
        """The names of the operations that a version does not send."""
        self._generated = defaultdict[AppVersion, set[str]](set)
        """The queries that relay-compiler generates, for versions with documents that it has not compiled."""

    def document(self, app: AppVersion, operation: ManifestOperation) -> DocumentNode | None:
        """Returns the document that a server receives for an operation, or None when it receives nothing."""
        self._names[app].add(operation.name)
        return self._of(operation).document

    def note(self, app: AppVersion, operation: ManifestOperation) -> None:
        """Notes a live operation of a version for the warnings."""
        sent = self._of(operation)
        if sent.of_relay:
            self._generated[app] |= sent.generated
        if sent.document is None:
            self._local[app].add(operation.name or ANONYMOUS)

    def warnings(self) -> list[str]:
        """Returns one warning for each version with unchecked operations."""
        warnings = [
            f"{app}: not checked, because the client does not send it: {', '.join(sorted(names))}."
            for app, names in self._local.items()
        ]
        for app, names in self._generated.items():
            missing = sorted(names - self._names[app])
            noun = "query" if len(missing) == 1 else "queries"
            queries = f", and for @refetchable the {noun} {', '.join(missing)}" if missing else ""
            warnings.append(
                f"{app}: relay-compiler adds id, cursor and pageInfo to the documents{queries}. These additions were "
                "not checked; a manifest of persisted queries contains them."
            )
        return warnings

    def _of(self, operation: ManifestOperation) -> SentDocument:
        if operation.text not in self._sent:
            self._sent[operation.text] = strip_document(operation.text, operation.document, self.schema)
        return self._sent[operation.text]
