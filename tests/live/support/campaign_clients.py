"""Clients of the campaign: each follows a user or a post over a WebSocket, and resumes after its last cursor."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from core.errors import ErrorCode
from core.global_ids import global_id, read_global_id
from core.viewer import SignedIn
from services.event_log.event_streams import RowKey
from services.live import StreamPosition, post_position, user_position
from services.resources import Resources
from tests.live.support.campaign_world import DEVICE
from tests.support.followers import POST_EVENTS, VIEWER_EVENTS
from tests.support.sockets import TRANSPORT_WS

_VIEWER = "{ viewer { liveCursor notificationCounts { unseen unread } } }"
_POST = "query ($id: ID!) { node(id: $id) { ... on Post { liveCursor likeCount commentCount } } }"
_MIN_PAUSE, _MAX_PAUSE = 0.5, 4.0
"""The first and the last maximum of the random seconds before a client connects again. It doubles each time."""

_OPEN_SECONDS = 60.0
_LOST = 1006
_EXPECTED_CODES = {_LOST, 1012, 1013, 4403, 4408}
"""Close codes after which clients connect again: with a new token after 4403, because the last one has expired."""

Counts = tuple[int, int]
"""The likes and comments of a post, or the unseen and unread notifications of a user."""


class Received(NamedTuple):
    """An event: its type, the key of its subject if the event contains it, and the position after it."""

    typename: str
    subject: RowKey | None
    position: StreamPosition


class Identity(NamedTuple):
    """The user of a client, and the followed post; None to follow the user."""

    user_id: int
    post: RowKey | None

    @property
    def stream(self) -> RowKey:
        return self.post or RowKey(self.user_id, self.user_id)


class LiveClient:
    """Reads where the streams of its subject end, and follows them from there until it is cancelled."""

    def __init__(self, identity: Identity, ports: Sequence[str], resources: Resources, chance: Random) -> None:
        self.identity = identity
        self._ports = ports
        self._access_tokens = resources.access_tokens
        self._cursors = resources.cursors
        self._random = chance
        self._cursor: str | None = None
        self._socket: ClientConnection | None = None
        self._present = asyncio.Event()
        self._present.set()
        self.begin: StreamPosition | None = None
        self.received: list[Received] = []
        self.counts: Counts | None = None
        self._must_read = True
        """Whether the counts are not known: before the first subscription, and after a reset."""
        self.is_following = False
        self.subscriptions = 0
        self.codes = Counter[int]()
        self.wrong: list[str] = []

    @property
    def position(self) -> StreamPosition | None:
        """The position after the last event."""
        return self.received[-1].position if self.received else self.begin

    def cut(self) -> bool:
        """Ends the connection without a close frame. Returns whether there was one."""
        if self._socket is None:
            return False
        self._socket.transport.abort()
        return True

    def leave(self) -> None:
        """Disconnects until `come_back` is called."""
        self._present.clear()
        self.cut()

    def come_back(self) -> None:
        self._present.set()

    async def run(self) -> None:
        pause = _MIN_PAUSE
        while True:
            await self._present.wait()
            subscriptions = self.subscriptions
            code = await self._connect()
            pause = _MIN_PAUSE if self.subscriptions > subscriptions else min(2 * pause, _MAX_PAUSE)
            self.codes[code] += 1
            self._socket, self.is_following = None, False
            if code not in _EXPECTED_CODES:
                self.wrong.append(f"closed with {code}")
            await asyncio.sleep(self._random.uniform(0, pause))

    async def _connect(self) -> int:
        """Follows until the connection ends, and returns the close code."""
        url = f"ws://127.0.0.1:{self._random.choice(self._ports)}/graphql"
        protocols = [Subprotocol(TRANSPORT_WS)]
        try:
            async with connect(
                url, subprotocols=protocols, compression=None, ping_interval=None, open_timeout=_OPEN_SECONDS
            ) as socket:
                self._socket = socket
                await self._follow(socket)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else _LOST
        except (OSError, InvalidHandshake, EOFError, TimeoutError):
            return _LOST
        return _LOST

    async def _follow(self, socket: ClientConnection) -> None:
        """Returns when the subscription fails; raises `ConnectionClosed` when the connection ends."""
        token, _ = self._access_tokens.issue(SignedIn(self.identity.user_id, DEVICE))
        await _say(socket, type="connection_init", payload={"authorization": f"Bearer {token}"})
        await socket.recv()
        if self._must_read and not await self._read_screen(socket):
            return
        query, variables = VIEWER_EVENTS, {"after": self._cursor}
        if self.identity.post is not None:
            query, variables = POST_EVENTS, {**variables, "postId": global_id("Post", *self.identity.post)}
        await _say(socket, type="subscribe", id="events", payload={"query": query, "variables": variables})
        self.subscriptions += 1
        self.is_following = True
        while self._on_message(orjson.loads(await socket.recv())):
            pass

    async def _read_screen(self, socket: ClientConnection) -> bool:
        """Reads the counts, and at first the cursor. Returns False if the server cannot answer at the moment."""
        post = self.identity.post
        variables = None if post is None else {"id": global_id("Post", *post)}
        payload = {"query": _VIEWER if post is None else _POST, "variables": variables}
        await _say(socket, type="subscribe", id="screen", payload=payload)
        answer = orjson.loads(await socket.recv())
        if answer["type"] != "next" or answer["payload"].get("errors"):
            self._note_errors(answer)
            return False
        await socket.recv()
        found = answer["payload"]["data"]["viewer" if post is None else "node"]
        self._note_counts(found if post is not None else found["notificationCounts"])
        self._must_read = False
        if self._cursor is None:
            self._cursor = found["liveCursor"]
            self.begin = self._read(found["liveCursor"])
        return True

    def _on_message(self, message: Any) -> bool:
        """Records an event. Returns False when the subscription has ended."""
        if message["type"] == "ping":
            return True
        if message["type"] != "next" or message["payload"].get("errors"):
            self._note_errors(message)
            return False
        ((_, payload),) = message["payload"]["data"].items()
        event, self._cursor = payload["event"], payload["cursor"]
        position = self._read(payload["cursor"])
        self.received.append(Received(event["__typename"], _subject(event), position))
        self._note_counts(event.get("counts") or (event.get("post") if self.identity.post is not None else None))
        self._must_read = event["__typename"] == "StreamReset"
        return not self._must_read

    def _note_counts(self, found: Any) -> None:
        if found is not None:
            names = ("unseen", "unread") if self.identity.post is None else ("likeCount", "commentCount")
            self.counts = (found[names[0]], found[names[1]])

    def _note_errors(self, message: Any) -> None:
        """Records errors, unless the server says that the request may be repeated."""
        payload: Any = message.get("payload") or {}
        errors: list[Any] = payload if message["type"] == "error" else payload.get("errors", [message])
        if any(error.get("extensions", {}).get("code") != ErrorCode.UNAVAILABLE for error in errors):
            self.wrong.append(json.dumps(errors))

    def _read(self, cursor: str) -> StreamPosition:
        user_id, post = self.identity
        if post is None:
            position = user_position(self._cursors, user_id, cursor, "after")
        else:
            position = post_position(self._cursors, post, cursor, "after")
        assert position is not None
        return position


def _subject(event: Any) -> RowKey | None:
    """Returns the key of the post, notification, comment or device of an event, if it is there."""
    found = next((event[name] for name in ("post", "notification", "comment") if event.get(name)), None)
    text = found["id"] if found else event.get("postId") or event.get("deviceId")
    if text is None:
        return None
    read = read_global_id(text, "id")
    return RowKey(read.owner_id, read.id)


async def _say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(orjson.dumps(message).decode())
