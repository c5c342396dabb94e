"""Lists the features of clients, and marks the tests that prove them."""

import pytest

FEATURES = {
    "query": "A query with variables",
    "mutation": "A mutation whose result is a success or a problem",
    "errors": "Errors with their codes",
    "pages": "Pages of a list, merged in the client's normalized cache",
    "node": "Refetching by `node(id)`, which updates all views of the object",
    "name": "Name and version of the app",
    "refresh": "Token refresh after UNAUTHENTICATED, and a retry of the operation",
    "apq": "Automatic persisted queries: hash, miss, document, hash",
    "apq-get": "Hashes over GET",
    "trusted": "Trusted documents from its own manifest, while others are rejected",
    "batch": "Batches",
    "upload": "File uploads",
    "abort": "Cancelling a request",
    "ws": "Subscriptions over WebSockets",
    "sse": "Subscriptions over server-sent events",
    "multipart": "Subscriptions over multipart HTTP",
    "defer-2022": "`@defer` in the format of 2022",
    "defer": "`@defer` in the format v0.2",
    "reconnect": "Token refresh after close code 4403, and resubscription",
    "drain": "Reconnection after close code 1012, and resubscription",
    "resume": "1,000 live updates, each once and in order, while the connection is lost and the server is replaced",
}
"""Texts of the features by their short names, in the order of the page."""


def proves(client: str, *features: str) -> pytest.MarkDecorator:
    """Marks a test that passes only if the client has all of these features."""
    assert set(features) <= set(FEATURES), features
    return pytest.mark.proves(client, features)
