"""Who asks, of a request over HTTP."""

from starlette.requests import Request

from core.client import Client
from gateway.callers.addresses import AddressReader
from gateway.callers.authentication import authenticate
from gateway.callers.caller import Caller
from gateway.callers.clients import ClientReader
from gateway.http.headers import header
from services.resources import Resources


class CallerReader:
    """Reads from a request's headers what they say of its sender."""

    def __init__(self, addresses: AddressReader, clients: ClientReader) -> None:
        self._addresses = addresses
        self._clients = clients

    def of(self, request: Request, resources: Resources) -> Caller:
        viewer = authenticate(header(request.scope, b"authorization"), resources.access_tokens)
        return Caller(viewer, self._addresses.of(request), self.client_of(request))

    def client_of(self, request: Request) -> Client:
        return self._clients.of_headers(request.scope["headers"])
