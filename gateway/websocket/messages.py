"""Messages and close codes of graphql-transport-ws."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Annotated, Any, cast

import msgspec
import orjson
from msgspec import Meta
from starlette.types import Message as ASGIMessage

from gateway.live.subscription import ResultBatch
from gateway.requests.graphql_request import GraphQLRequest
from gateway.server.frames import FrameChunk, frame_chunks

SUBPROTOCOL = "graphql-transport-ws"

Payload = dict[str, Any] | None
Id = Annotated[str, Meta(min_length=1, max_length=256)]


class CloseCode(IntEnum):
    """Close codes of WebSockets. Clients connect again after 1012, 1013, 4403 and 4408, and after no others."""

    GONE = 1006
    """Never sent: the client has disconnected without a close frame."""
    DRAINING = 1012
    MALFORMED = 4400
    UPGRADE_REQUIRED = 4400
    """The version of the app is too old. It has the code of `MALFORMED`: clients connect again after unknown codes."""
    NOT_ACKNOWLEDGED = 4401
    TRY_AGAIN = 1013
    """The client reads too slowly, or has too many connections."""
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE = 4409
    TOO_MANY = 4429


class ProtocolViolation(Exception):
    """A violation of the protocol. Closes the WebSocket with the code and the reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ConnectionInit(msgspec.Struct, tag="connection_init"):
    """The first message of the client. Its payload may contain an access token, and name the app."""

    payload: Payload = None


class Ping(msgspec.Struct, tag="ping"):
    """Requests a pong. Its payload may contain a new access token."""

    payload: Payload = None


class Pong(msgspec.Struct, tag="pong"):
    """Answers a ping, or is sent alone as a heartbeat."""

    payload: Payload = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Requests an operation: a query, a mutation or a subscription."""

    id: Id
    payload: GraphQLRequest


class Complete(msgspec.Struct, tag="complete"):
    """Cancels an operation."""

    id: Id


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def data_of(event: ASGIMessage) -> str | bytes:
    """Returns the text or the bytes of a received ASGI message."""
    text: str | None = event.get("text")
    return event["bytes"] if text is None else text


def read_message(data: str | bytes) -> Message:
    """Returns a client's message. Raises `ProtocolViolation`. Apollo iOS 2 sends the same JSON in binary frames."""
    try:
        return msgspec.convert(orjson.loads(data), Message)
    except (orjson.JSONDecodeError, msgspec.ValidationError):
        raise ProtocolViolation(CloseCode.MALFORMED, "Invalid message of graphql-transport-ws") from None


def authorization(payload: Mapping[str, Any]) -> str | None:
    """Returns the value of an Authorization header from a payload, where clients put it: at the top or in `headers`."""
    headers: Any = payload.get("headers")
    token = payload.get("authToken")
    for value in (
        *_named(payload),
        f"Bearer {token}" if isinstance(token, str) and token and " " not in token else token,
        *(_named(cast(Mapping[str, Any], headers)) if isinstance(headers, dict) else ()),
    ):
        if isinstance(value, str) and value:
            return value
        if value is not None and value != "":
            raise ProtocolViolation(CloseCode.MALFORMED, "Send the access token as text")
    return None


def _named(values: Mapping[str, Any]) -> list[Any]:
    """Returns the values under `authorization`. Names of headers are case-insensitive."""
    return [value for name, value in values.items() if name.lower() == "authorization"]


def next_frames(operation_id: str, batch: ResultBatch) -> list[FrameChunk]:
    """Returns the frames of the `next` messages of results, which are written once for equal ids."""
    written: list[FrameChunk] | None = batch.written.get(operation_id)
    if written is None:
        written = list(frame_chunks(write_next(operation_id, payload) for payload in batch.payloads))
        batch.written[operation_id] = written
    return written


def write_next(operation_id: str, payload: bytes) -> bytes:
    """Returns the `next` message of a result that is already serialized."""
    return b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(operation_id), payload)


def write_message(message_type: str, operation_id: str, payload: object = None) -> str:
    """Returns a message of the server about an operation, as text, because clients do not read binary frames."""
    message = {"id": operation_id, "type": message_type}
    return orjson.dumps(message if payload is None else {**message, "payload": payload}).decode()
