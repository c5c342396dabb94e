"""What is said over a socket."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Annotated, Any, cast

import msgspec
import orjson
from msgspec import Meta

from gateway.requests.graphql_request import GraphQLRequest

SUBPROTOCOL = "graphql-transport-ws"

Payload = dict[str, Any] | None
Id = Annotated[str, Meta(min_length=1, max_length=256)]


class CloseCode(IntEnum):
    """Why a socket is closed. Clients connect again after 4403, 4408 and 1012, and give up after the others."""

    GONE = 1006
    """Never sent: the client went without a word."""
    DRAINING = 1012
    MALFORMED = 4400
    NOT_ACKNOWLEDGED = 4401
    REFUSED = 4403
    SUBPROTOCOL = 4406
    TOO_LATE = 4408
    DUPLICATE = 4409
    TOO_MANY = 4429


class ProtocolViolation(Exception):
    """Something that the protocol does not allow; `reason` is what the client is told."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ConnectionInit(msgspec.Struct, tag="connection_init"):
    """The first message. Its payload may have a token, and say which app it is."""

    payload: Payload = None


class Ping(msgspec.Struct, tag="ping"):
    """Asks for a pong. Its payload may have a fresh token."""

    payload: Payload = None


class Pong(msgspec.Struct, tag="pong"):
    """Answers a ping, or says unasked that the client is there."""

    payload: Payload = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Asks for an operation of any kind."""

    id: Id
    payload: GraphQLRequest


class Complete(msgspec.Struct, tag="complete"):
    """The client wants no more answers."""

    id: Id


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def read_message(said: str | bytes) -> Message:
    """`ProtocolViolation` when it is none. Apollo iOS 2 sends the same JSON in binary frames."""
    try:
        return msgspec.convert(orjson.loads(said), Message)
    except (orjson.JSONDecodeError, msgspec.ValidationError):
        raise ProtocolViolation(CloseCode.MALFORMED, "This is no message of graphql-transport-ws") from None


def authorization(payload: Mapping[str, Any]) -> str | None:
    """What an Authorization header would be, as clients write it into a payload, at the top or under `headers`."""
    inner: Any = payload.get("headers")
    token = payload.get("authToken")
    for given in (
        *_named(payload),
        f"Bearer {token}" if isinstance(token, str) and token and " " not in token else token,
        *(_named(cast(Mapping[str, Any], inner)) if isinstance(inner, dict) else ()),
    ):
        if isinstance(given, str) and given:
            return given
        if given is not None and given != "":
            raise ProtocolViolation(CloseCode.MALFORMED, "Send the access token as text")
    return None


def _named(values: Mapping[str, Any]) -> list[Any]:
    """Returns the values under `authorization`, in any letter case: names of headers have none."""
    return [value for name, value in values.items() if name.lower() == "authorization"]


def write_message(kind: str, operation_id: str, payload: object = None) -> str:
    """A message of the server's about an operation; text, since clients take no binary frames."""
    message = {"id": operation_id, "type": kind}
    return orjson.dumps(message if payload is None else {**message, "payload": payload}).decode()
