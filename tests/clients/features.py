"""What clients can do, and which tests prove that they do it here."""

import pytest

FEATURES = {
    "query": "A query with variables",
    "mutation": "A mutation, whose result is a success or a problem",
    "errors": "Errors with their codes",
    "pages": "Pages of a list, joined in the client's own store",
    "node": "Refetching by `node(id)`, seen by what shows the same object",
    "name": "Name and version of the app",
    "refresh": "A new token after UNAUTHENTICATED, and the operation again",
    "apq": "Automatic persisted queries: hash, miss, text, hash",
    "apq-get": "Hashes over GET",
    "trusted": "Trusted documents, from its own manifest, where others are refused",
    "batch": "Several operations in a request",
    "upload": "Files",
    "abort": "Leaving a request",
    "ws": "Subscriptions over WebSockets",
    "sse": "Subscriptions over server-sent events",
    "multipart": "Subscriptions over multipart HTTP",
    "defer-2022": "`@defer` in the format of 2022",
    "defer": "`@defer` in the format v0.2",
    "reconnect": "A new token after close code 4403, and the subscriptions again",
    "drain": "Another server after close code 1012, and the subscriptions again",
}
"""By their short names, in the order of the page."""


def proves(client: str, *features: str) -> pytest.MarkDecorator:
    """A test that passes only when the client does all of that."""
    assert set(features) <= set(FEATURES), features
    return pytest.mark.proves(client, features)
