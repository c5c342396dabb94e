"""Selects the document of a request."""

from core.apps import TrustMode, TrustModes
from core.client import Client
from core.errors import DocumentNotRegistered, PersistedQueryNotFound, PersistedQueryNotSupported, Unavailable
from gateway.callers.caller import Caller
from gateway.documents.persisted.names import UNKNOWN_ID, document_id, persisted_hash
from gateway.documents.persisted.unregistered import UnregisteredDocuments
from gateway.documents.reader import Document, Documents, ReadDocument
from gateway.errors.request_error import bad_request, malformed, reject
from gateway.requests.graphql_request import GraphQLRequest
from services.documents import TrustedDocument, hash_of, is_hash
from services.resources import Resources

_NOT_REGISTERED = (
    "This document is not registered, and only registered documents are executed. Import the manifest of this version."
)
_NO_DOCUMENT = "Send the document as query, or its id as documentId."


class PersistedDocuments:
    """Selects a registered document by its id, a persisted query by its hash (APQ), or the text of the request.

    A known id or hash takes precedence over the text.
    """

    def __init__(self, documents: Documents, modes: TrustModes, *, apq: bool) -> None:
        self._documents = documents
        self._modes = modes
        self._apq = apq
        self.unregistered = UnregisteredDocuments()

    def is_known(self, request: GraphQLRequest, resources: Resources) -> bool:
        """Returns whether this process knows the document of a request: it is registered, or was read and is valid."""
        key, digest = document_id(request), persisted_hash(request)
        if any(name is not None and resources.documents.has(name) for name in (key, digest)):
            return True
        text = request.query or (None if digest is None else resources.cache.get_local(digest))
        if not text:
            return False
        documents = self._documents
        return any(isinstance(get(text), Document) for get in (documents.get_cached, documents.get_cached_trusted))

    async def choose(self, request: GraphQLRequest, caller: Caller, resources: Resources) -> ReadDocument:
        """Returns the document. Raises `RequestError` if there is none, or if it may not be executed."""
        key, digest, text = document_id(request), persisted_hash(request), request.query
        mode = self._modes.of(caller.client.app)
        if key is not None:
            trusted = await self._trusted(key, resources, needed=mode is TrustMode.ENFORCE or not text)
            if trusted is not None:
                return await self._read_trusted(trusted.text, caller.address)
        if text or (text is not None and key is None and digest is None):
            return await self._read_sent(text, digest, caller, mode, resources)
        if digest is not None:
            return await self._read_named(digest, caller, mode, resources)
        raise malformed(_NO_DOCUMENT) if key is None else reject(DocumentNotRegistered(UNKNOWN_ID))

    async def _read_sent(
        self, text: str, digest: str | None, caller: Caller, mode: TrustMode, resources: Resources
    ) -> ReadDocument:
        if mode is TrustMode.OFF and digest is None:
            return await self._read(text, caller.address)
        hashed = hash_of(text)
        if digest is not None and digest != hashed and not await self._is_id_of(digest, text, resources):
            raise bad_request("provided sha does not match query")
        if mode is not TrustMode.OFF:
            trusted = await self._trusted(hashed, resources, needed=mode is TrustMode.ENFORCE)
            if trusted is not None:
                return await self._read_trusted(trusted.text, caller.address)
            self._note(hashed, caller.client, mode)
        document = await self._read(text, caller.address)
        if self._apq and digest == hashed and isinstance(document, Document):
            await _store(hashed, text, resources)
        return document

    async def _read_named(self, digest: str, caller: Caller, mode: TrustMode, resources: Resources) -> ReadDocument:
        trusted = await self._trusted(digest, resources, needed=mode is TrustMode.ENFORCE)
        if trusted is not None:
            return await self._read_trusted(trusted.text, caller.address)
        if mode is not TrustMode.OFF:
            self._note(digest, caller.client, mode)
        if not self._apq:
            raise reject(PersistedQueryNotSupported(), 200)
        if not is_hash(digest):
            raise reject(DocumentNotRegistered(UNKNOWN_ID))
        text = resources.cache.get_local(digest) or await resources.cache.get(digest)
        document = None if text is None else await self._read(text, caller.address)
        if text is None or document is None or not _has_hash(document, text, digest):
            # Clients search for this message in a response with status 200, and then send the document.
            raise reject(PersistedQueryNotFound(), 200)
        return document

    async def _read(self, text: str, address: str) -> ReadDocument:
        return self._documents.get_cached(text) or await self._documents.read_fairly(text, address)

    async def _read_trusted(self, text: str, address: str) -> ReadDocument:
        cached = self._documents.get_cached_trusted(text)
        return cached or await self._documents.read_fairly(text, address, trusted=True)

    async def _is_id_of(self, key: str, text: str, resources: Resources) -> bool:
        """Returns whether a client with a manifest sent an id in place of a hash."""
        trusted = await self._trusted(key, resources, needed=False)
        return trusted is not None and trusted.text == text

    async def _trusted(self, key: str, resources: Resources, *, needed: bool) -> TrustedDocument | None:
        """Returns a registered document. Without the database, one that is not `needed` counts as unregistered."""
        try:
            return await resources.documents.find(resources.database, key)
        except Unavailable as error:
            if needed:
                raise reject(error, 503, {"Retry-After": "1"}) from error
            return None

    def _note(self, digest: str, client: Client, mode: TrustMode) -> None:
        """Logs an unregistered document. Raises `RequestError` if registered documents are enforced."""
        self.unregistered.note(digest, client, mode)
        if mode is TrustMode.ENFORCE:
            raise reject(DocumentNotRegistered(_NOT_REGISTERED))


def _has_hash(document: ReadDocument, text: str, digest: str) -> bool:
    """Compares the hash, because another writer of the cache may have stored another text."""
    return (document.hash if isinstance(document, Document) else hash_of(text)) == digest


async def _store(digest: str, text: str, resources: Resources) -> None:
    if resources.cache.get_local(digest) is None:
        await resources.cache.put(digest, text)
