"""What the clients of app versions send, and what of it cannot be checked."""

from collections import defaultdict

from graphql import DocumentNode, GraphQLSchema

from schema_check.clients.stripping import SentDocument, strip_document
from schema_check.manifests import ANONYMOUS, AppVersion, ManifestOperation


class SentDocuments:
    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._sent: dict[str, SentDocument] = {}
        """By the texts of documents."""
        self._names = defaultdict[AppVersion, set[str]](set)
        """Of all operations of versions, live or not."""
        self._local = defaultdict[AppVersion, set[str]](set)
        self._generated = defaultdict[AppVersion, set[str]](set)
        """Of versions with documents as they are written for Relay."""

    def document(self, app: AppVersion, operation: ManifestOperation) -> DocumentNode | None:
        """Returns what a server receives of an operation of a version; None when it receives nothing."""
        self._names[app].add(operation.name)
        return self._of(operation).document

    def note(self, app: AppVersion, operation: ManifestOperation) -> None:
        """Notes an operation of a version that counts as live."""
        sent = self._of(operation)
        if sent.of_relay:
            self._generated[app] |= sent.generated
        if sent.document is None:
            self._local[app].add(operation.name or ANONYMOUS)

    def warnings(self) -> list[str]:
        made = [
            f"{app.app} {app.version}: the client sends nothing of {', '.join(sorted(names))}, so that was not checked."
            for app, names in self._local.items()
        ]
        for app, names in self._generated.items():
            missing = sorted(names - self._names[app])
            queries = f", and the queries {', '.join(missing)} for @refetchable" if missing else ""
            made.append(
                f"{app.app} {app.version}: relay-compiler adds id, cursor and pageInfo to its documents{queries}. That "
                "was not checked; a manifest of persisted queries contains it."
            )
        return made

    def _of(self, operation: ManifestOperation) -> SentDocument:
        if operation.text not in self._sent:
            self._sent[operation.text] = strip_document(operation.text, operation.document, self.schema)
        return self._sent[operation.text]
