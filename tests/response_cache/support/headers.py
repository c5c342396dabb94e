"""Requests with headers that must not make a response for one client reach another."""

from typing import Any

from hypothesis import strategies as st

from tests.response_cache.support.stage import LIKED, ME, POST, TEXT, Stage
from tests.support.timing import no_hang

_HEADERS = {
    "Accept": ["application/json", "application/graphql-response+json", "*/*"],
    "Accept-Encoding": ["gzip", "br", "identity", "gzip;q=0, *"],
    "Authorization": ["Bearer poison-token", "0", "Basic cG9pc29u"],
    "Cache-Control": ["no-cache", "only-if-cached"],
    "Content-Type": ["application/json"],
    "Cookie": ["session=poison-cookie", "0"],
    "Forwarded": ["for=1.2.3.4;host=poison.example"],
    "If-None-Match": ['"poison-tag"'],
    "Origin": ["https://listed.example", "https://poison.example"],
    "Range": ["bytes=0-3"],
    "User-Agent": ["node", "poison-agent"],
    "X-Forwarded-Host": ["poison.example"],
    "X-Forwarded-Proto": ["https"],
    "X-Http-Method-Override": ["POST"],
    "X-Request-Id": ["poison-request-id"],
    "Apollographql-Client-Name": ["poison-client"],
}
Request = tuple[str, str | None, list[tuple[str, str]]]
"""A query, the handle of the viewer, and headers."""

requests: st.SearchStrategy[Request] = st.tuples(
    st.sampled_from([POST, LIKED, ME]),
    st.sampled_from([None, "ana", "ben"]),
    st.lists(st.sampled_from([(name, value) for name, values in _HEADERS.items() for value in values]), max_size=2),
)


def _expected_of(text: str, handle: str | None) -> dict[str, Any]:
    if text == ME:
        return {"viewer": handle and {"user": {"handle": handle}}}
    return {"node": {"body": TEXT.strip()} if text == POST else {"likedByViewer": handle == "ben"}}


async def check_that_responses_do_not_leak(stage: Stage, sent: list[Request]) -> None:
    """Sends requests, and then those of a client without headers of its own."""
    post = await stage.publish()
    await stage.mutate("LikePost", "ben", postId=post)
    async with no_hang():
        for text, handle, chosen in sent:
            headers = dict(chosen)
            if handle is not None:
                headers["Authorization"] = f"Bearer {await stage.token(handle)}"
            answer = await stage.get(text, post, **headers)
            if "Authorization" in headers and handle is None:
                assert (answer.headers["cache-control"], "errors" in answer.json()) == ("no-store", True)
            elif answer.status_code == 200:
                assert answer.json() == {"data": _expected_of(text, handle)}
            if "Authorization" in headers:
                assert not answer.headers["cache-control"].startswith("public")
            mine = {value for name, value in headers.items() if name in {"X-Request-Id", "Origin"}}
            leaked = [value for value in answer.headers.values() if "poison" in value and value not in mine]
            assert leaked == []
        for text in (POST, LIKED, ME):
            answer = await stage.get(text, post)
            assert answer.json() == {"data": _expected_of(text, None)}
            assert "poison" not in str(answer.headers.raw)
