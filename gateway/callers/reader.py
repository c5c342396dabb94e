"""Reads the caller of an HTTP request."""

from starlette.types import Scope

from core.client import Client
from gateway.callers.addresses import AddressReader
from gateway.callers.authentication import read_session
from gateway.callers.caller import Caller
from gateway.callers.clients import ClientReader
from gateway.http.headers import header
from services.resources import Resources


class CallerReader:
    """Reads access token, client address, client app and language from the headers of a request."""

    def __init__(self, addresses: AddressReader, clients: ClientReader) -> None:
        self._addresses = addresses
        self._clients = clients

    def read(self, scope: Scope, resources: Resources) -> Caller:
        session = read_session(header(scope, b"authorization"), resources.access_tokens)
        accept_language = header(scope, b"accept-language")
        client = self.read_client(scope)
        return Caller.create(session, self._addresses.read(scope), client, accept_language)

    def read_address(self, scope: Scope) -> str:
        """Returns the client address of a request, or an empty text if it is unknown."""
        return self._addresses.read(scope)

    def read_client(self, scope: Scope) -> Client:
        return self._clients.read_headers(scope["headers"])
