"""Requests to switch to a protocol that the server does not speak: RFC 9110, section 7.8, lets a server ignore them."""

from collections.abc import Sequence


def head_without_upgrade(method: bytes, url: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The same head without the header Upgrade, and without the option `upgrade` of the header Connection.

    httptools takes everything behind a head with both for another protocol, the request's own body included. Parsed
    from this head, the request ends where Content-Length or Transfer-Encoding says, as it does for a proxy.
    """
    kept = (
        (name, _options(value) if name == b"connection" else value) for name, value in headers if name != b"upgrade"
    )
    lines = b"".join(b"%b: %b\r\n" % each for each in kept)
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode(), lines)


def _options(connection: bytes) -> bytes:
    return b", ".join(each for each in map(bytes.strip, connection.split(b",")) if each.lower() != b"upgrade")
