"""Checks the version of the app of HTTP requests to `/graphql`."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import AppUpgradeRequired
from gateway.callers.clients import CLIENT_HEADERS, ClientReader
from gateway.callers.version_gate import VersionGate
from gateway.errors.request_error import reject
from gateway.http.headers import varying
from gateway.http.responses import RESPOND, error_response, preferred_media_type
from gateway.request_facts import note_client
from gateway.streaming.negotiation import accept_header, read_accept

HEADER = b"app-upgrade"
_CLIENT_HEADERS = b", ".join(CLIENT_HEADERS)


class GatedEndpoint:
    """Rejects requests of versions that are too old, and passes others to the endpoint.

    It is there only if the settings name versions. It reads nothing but headers, so a rejected request is not parsed
    and no stored response answers it. Stored responses are the same for all versions: the header is added when they
    are sent.
    """

    def __init__(self, endpoint: ASGIApp, gate: VersionGate, clients: ClientReader) -> None:
        self._endpoint = endpoint
        self._gate = gate
        self._clients = clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await self._endpoint(scope, receive, send)
            return
        client = self._clients.read_headers(scope["headers"])
        try:
            recommendation = self._gate.check(client)
        except AppUpgradeRequired as error:
            note_client(client)
            await _rejection(error, scope)(scope, receive, send)
            return
        if recommendation is not None:
            scope[RESPOND] = None  # it sends no other headers than those of all responses
            send = _with_header(send, (HEADER, recommendation))
        if scope["method"] != "POST":
            send = _varying_by_client(send)
        await self._endpoint(scope, receive, send)


def _rejection(error: AppUpgradeRequired, scope: Scope) -> Response:
    accept = accept_header(scope)
    return error_response(reject(error), preferred_media_type(accept), reads_json=read_accept(accept).whole)


def _with_header(send: Send, header: tuple[bytes, bytes]) -> Send:
    async def send_with_header(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], header]
        await send(message)

    return send_with_header


def _varying_by_client(send: Send) -> Send:
    """Says that responses to GET depend on the version, so that shared caches do not send them to other versions."""

    async def send_varying(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = varying(message["headers"], _CLIENT_HEADERS)
        await send(message)

    return send_varying
