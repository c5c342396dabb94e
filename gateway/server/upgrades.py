"""Removes requests to switch to an unsupported protocol. RFC 9110, section 7.8, lets a server ignore them."""

from collections.abc import Sequence


def head_without_upgrade(method: bytes, url: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Returns the head of a request without the header Upgrade, and without `upgrade` in the header Connection.

    After a head with both, httptools assigns all data to the other protocol, the body of the request included. After
    this head, the request ends where Content-Length or Transfer-Encoding says, as it does for a proxy.
    """
    remaining = (
        (name, _options(value) if name == b"connection" else value) for name, value in headers if name != b"upgrade"
    )
    lines = b"".join(b"%b: %b\r\n" % header for header in remaining)
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode(), lines)


def _options(connection: bytes) -> bytes:
    return b", ".join(option for option in map(bytes.strip, connection.split(b",")) if option.lower() != b"upgrade")
