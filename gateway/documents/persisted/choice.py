"""From what a request says to the document that it means."""

from core.apps import TrustMode, TrustModes
from core.client import Client
from core.errors import DocumentNotRegistered, PersistedQueryNotFound, PersistedQueryNotSupported, Unavailable
from gateway.callers.caller import Caller
from gateway.documents.persisted.names import UNKNOWN_ID, document_id, persisted_hash
from gateway.documents.persisted.unregistered import UnregisteredDocuments
from gateway.documents.reader import Document, Documents, Read
from gateway.errors.request_error import bad_request, malformed, reject
from gateway.requests.graphql_request import GraphQLRequest
from services.documents import TrustedDocument, hash_of, is_hash
from services.resources import Resources

_NOT_LISTED = "Only registered documents run here, and this is none: import the manifest of this version of the app."
_NOTHING = "Send the document as query, or its id as documentId."


class PersistedDocuments:
    """Chooses by id among trusted documents, by hash among those that clients sent before (APQ), or what is sent.

    An id or a hash that is known decides; text that stands beside it is for the case that it is not.
    """

    def __init__(self, documents: Documents, modes: TrustModes, *, apq: bool) -> None:
        self._documents = documents
        self._modes = modes
        self._apq = apq
        self.unlisted = UnregisteredDocuments()

    async def choose(self, asked: GraphQLRequest, caller: Caller, resources: Resources) -> Read:
        """`RequestError` says why there is no document that may be read."""
        key, digest, text = document_id(asked), persisted_hash(asked), asked.query
        mode = self._modes.of(caller.client.app)
        if key is not None:
            found = await self._trusted(key, resources, needed=mode is TrustMode.ENFORCE or not text)
            if found is not None:
                return await self._read_trusted(found.text, caller.address)
        if text or (text is not None and key is None and digest is None):
            return await self._read_sent(text, digest, caller, mode, resources)
        if digest is not None:
            return await self._read_named(digest, caller, mode, resources)
        raise malformed(_NOTHING) if key is None else reject(DocumentNotRegistered(UNKNOWN_ID))

    async def _read_sent(
        self, text: str, digest: str | None, caller: Caller, mode: TrustMode, resources: Resources
    ) -> Read:
        if mode is TrustMode.OFF and digest is None:
            return await self._read(text, caller.address)
        hashed = hash_of(text)
        if digest is not None and digest != hashed and not await self._is_id_of(digest, text, resources):
            raise bad_request("provided sha does not match query")
        if mode is not TrustMode.OFF:
            found = await self._trusted(hashed, resources, needed=mode is TrustMode.ENFORCE)
            if found is not None:
                return await self._read_trusted(found.text, caller.address)
            self._note(hashed, caller.client, mode)
        document = await self._read(text, caller.address)
        if self._apq and digest == hashed and isinstance(document, Document):
            await _keep(hashed, text, resources)
        return document

    async def _read_named(self, digest: str, caller: Caller, mode: TrustMode, resources: Resources) -> Read:
        found = await self._trusted(digest, resources, needed=mode is TrustMode.ENFORCE)
        if found is not None:
            return await self._read_trusted(found.text, caller.address)
        if mode is not TrustMode.OFF:
            self._note(digest, caller.client, mode)
        if not self._apq:
            raise reject(PersistedQueryNotSupported(), 200)
        if not is_hash(digest):
            raise reject(DocumentNotRegistered(UNKNOWN_ID))
        text = resources.cache.get_local(digest) or await resources.cache.get(digest)
        document = None if text is None else await self._read(text, caller.address)
        if text is None or document is None or not _is_of(document, text, digest):
            # Clients look for the message, in an answer of status 200 whatever its type, and send the document then.
            raise reject(PersistedQueryNotFound(), 200)
        return document

    async def _read(self, text: str, address: str) -> Read:
        return self._documents.known(text) or await self._documents.read_in_turn(text, address)

    async def _read_trusted(self, text: str, address: str) -> Read:
        known = self._documents.known_trusted(text)
        return known or await self._documents.read_in_turn(text, address, trusted=True)

    async def _is_id_of(self, key: str, text: str, resources: Resources) -> bool:
        """Whether a client with a manifest put an id where others put a hash."""
        found = await self._trusted(key, resources, needed=False)
        return found is not None and found.text == text

    async def _trusted(self, key: str, resources: Resources, *, needed: bool) -> TrustedDocument | None:
        """Without a database a document that is not `needed` counts as not registered."""
        try:
            return await resources.documents.find(resources.database, key)
        except Unavailable as error:
            if needed:
                raise reject(error, 503, {"Retry-After": "1"}) from error
            return None

    def _note(self, digest: str, client: Client, mode: TrustMode) -> None:
        """Raises where it is enforced."""
        self.unlisted.note(digest, client, mode)
        if mode is TrustMode.ENFORCE:
            raise reject(DocumentNotRegistered(_NOT_LISTED))


def _is_of(document: Read, text: str, digest: str) -> bool:
    """Whoever can write to the store can write another text there."""
    return (document.hash if isinstance(document, Document) else hash_of(text)) == digest


async def _keep(digest: str, text: str, resources: Resources) -> None:
    if resources.cache.get_local(digest) is None:
        await resources.cache.put(digest, text)
