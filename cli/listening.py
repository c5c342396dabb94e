"""Binds the ports of servers."""

import socket

from core.errors import SettingsError

_BACKLOG = 2048


def listen(host: str, port: int, variable: str) -> socket.socket:
    """Binds the port before anything else starts. Raises `SettingsError`, which names the variable of the port.

    The socket names its protocol, TCP. asyncio needs this to disable Nagle's algorithm; otherwise the body of a
    response would wait 40 ms until the client acknowledges the head. uvloop does not need it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(f"{variable}: cannot listen on {host}:{port} ({error.strerror}); choose another") from error
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def address_of(listener: socket.socket) -> str:
    """Returns the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
