"""Reads the parameters of a GET request from its query string."""

from typing import Any
from urllib.parse import unquote_to_bytes

from gateway.errors.request_error import malformed
from gateway.requests.bodies import read_json

_JSON = frozenset({"variables", "extensions"})


def read_query_string(text: bytes) -> dict[str, Any]:
    """Returns the parameters by name. Raises `RequestError` for a repeated or invalid one."""
    parameters: dict[str, Any] = {}
    for pair in text.split(b"&"):
        if not pair:
            continue
        name, _, value = (_decode(part) for part in pair.partition(b"="))
        if name in parameters:
            raise malformed("A parameter occurs twice in the query string.")
        parameters[name] = read_json(value.encode(), name) if name in _JSON else value
    if parameters.get("operationName") == "null":
        parameters["operationName"] = None  # sent by Dart's gql_http_link without a name
    return parameters


def _decode(text: bytes) -> str:
    try:
        return unquote_to_bytes(text.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise malformed("The query string is not in UTF-8.") from None
