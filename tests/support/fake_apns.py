"""A server that speaks HTTP/2 with TLS as Apple's push service does."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import jwt
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

from tests.support.certificates import Certificate, ec_key, ec_pem, self_signed

_FRAME = 16_000
"""Bytes of a frame of data, less than the maximum of HTTP/2."""

KEY_ID, TEAM_ID, TOPIC = "ABC123DEFG", "DEF123GHIJ", "com.example.app"


class Pushed(NamedTuple):
    """A request: its path, its headers, and its payload."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def claims(self) -> dict[str, Any]:
        """Verifies the token of the provider, and returns its claims."""
        token = self.headers["authorization"].removeprefix("bearer ")
        assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}
        return jwt.decode(token, ec_key().public_key(), algorithms=["ES256"], options={"verify_iat": False})


class Answer(NamedTuple):
    status: int
    reason: str | None = None
    headers: Mapping[str, str] = {}
    hangs: bool = False


class Stream(NamedTuple):
    """A request that waits for its answer."""

    connection: H2Connection
    number: int
    writer: asyncio.StreamWriter

    def answer(self, answer: Answer) -> None:
        """Sends an answer, unless the client has given the request up."""
        if answer.hangs or self.writer.transport.is_closing():
            return
        body = b"" if answer.reason is None else json.dumps({"reason": answer.reason}).encode()
        try:
            headers = [(":status", str(answer.status)), *answer.headers.items()]
            self.connection.send_headers(self.number, headers, end_stream=not body)
            frames = [body[start : start + _FRAME] for start in range(0, len(body), _FRAME)]
            for number, frame in enumerate(frames, start=1):
                self.connection.send_data(self.number, frame, end_stream=number == len(frames))
        except ProtocolError:
            return
        self.writer.write(self.connection.data_to_send())


class FakeApns:
    """Keeps the requests that it got, and answers the next ones as it is told to."""

    def __init__(self, folder: Path) -> None:
        self.certificate: Certificate = self_signed(folder, "apns")
        self.key = folder / "AuthKey.p8"
        self.key.write_bytes(ec_pem())
        self.port = 0
        self.requests: list[Pushed] = []
        self.answers = deque[Answer]()
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        names = f"key_id={KEY_ID}&team_id={TEAM_ID}&topic={TOPIC}&ca={self.certificate.certificate}"
        return f"apns://localhost:{self.port}{self.key}?{names}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        streams: dict[int, tuple[dict[str, str], bytearray]] = {}
        try:
            while True:
                writer.write(connection.data_to_send())
                await writer.drain()
                if not (data := await reader.read(65_536)):
                    return
                for event in connection.receive_data(data):
                    self._receive(connection, streams, event, writer)
        except (OSError, ProtocolError):
            return
        finally:
            writer.close()

    def _receive(
        self,
        connection: H2Connection,
        streams: dict[int, tuple[dict[str, str], bytearray]],
        event: Event,
        writer: asyncio.StreamWriter,
    ) -> None:
        match event:
            case RequestReceived(headers=headers, stream_id=int(stream)):
                streams[stream] = ({str(name): str(value) for name, value in headers or ()}, bytearray())
            case DataReceived(data=bytes(data), stream_id=int(stream)):
                streams[stream][1].extend(data)
                connection.acknowledge_received_data(len(data), stream)
            case StreamEnded(stream_id=int(stream)):
                headers, body = streams.pop(stream)
                pushed = Pushed(headers[":path"], headers, bytes(body))
                self.requests.append(pushed)
                self._answer(Stream(connection, stream, writer), pushed)
            case _:
                return

    def _answer(self, stream: Stream, pushed: Pushed) -> None:
        stream.answer(self.answers.popleft() if self.answers else _usual_answer(pushed))

    def cut(self) -> None:
        """Closes all connections."""
        while self.writers:
            self.writers.pop().close()


def _usual_answer(pushed: Pushed) -> Answer:
    """Checks the token of the provider and the path, as Apple does."""
    try:
        assert pushed.claims["iss"] == TEAM_ID
    except (jwt.InvalidTokenError, AssertionError):
        return Answer(403, "InvalidProviderToken")
    return Answer(400, "MissingDeviceToken") if pushed.path == "/3/device/" else Answer(200)


@asynccontextmanager
async def fake_apns(folder: Path) -> AsyncGenerator[FakeApns]:
    apns = FakeApns(folder)
    async with serving_apns(apns):
        yield apns


@asynccontextmanager
async def serving_apns(apns: FakeApns) -> AsyncGenerator[None]:
    tls = apns.certificate.server_tls()
    tls.set_alpn_protocols(["h2"])
    server = await asyncio.start_server(apns.serve, "127.0.0.1", 0, ssl=tls)
    apns.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        apns.cut()
        server.close()
        await server.wait_closed()
