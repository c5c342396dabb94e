"""Builds ASGI scopes like those of a server."""

from collections.abc import Mapping

from starlette.types import Scope


def posted(headers: Mapping[str, str]) -> Scope:
    """Returns the scope of a POST to `/graphql`."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
