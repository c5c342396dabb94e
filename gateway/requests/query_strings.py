"""GET: the parameters of a request in its address."""

from typing import Any
from urllib.parse import unquote_to_bytes

from gateway.errors.request_error import malformed
from gateway.requests.bodies import read_json

_JSON = frozenset({"variables", "extensions"})


def read_query_string(text: bytes) -> dict[str, Any]:
    """Parameters by their names; `RequestError` when one is there twice or cannot be read."""
    found: dict[str, Any] = {}
    for pair in text.split(b"&"):
        if not pair:
            continue
        name, _, value = (_decode(part) for part in pair.partition(b"="))
        if name in found:
            raise malformed("A parameter stands in the address twice.")
        found[name] = read_json(value.encode(), name) if name in _JSON else value
    if found.get("operationName") == "null":
        found["operationName"] = None  # Dart's gql_http_link writes so when there is no name
    return found


def _decode(text: bytes) -> str:
    try:
        return unquote_to_bytes(text.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise malformed("The address is not in UTF-8.") from None
