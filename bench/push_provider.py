"""A server on this machine that answers as Firebase does, and records when requests arrive."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_TOKEN = b'{"access_token": "bench", "expires_in": 3600}'
_SENT = b'{"name": "projects/bench/messages/1"}'


class PushProvider:
    """Accepts every message. `arrivals` has the time of each, by `time.perf_counter`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "account.json"
        self.url = ""
        self.arrivals = asyncio.Queue[float]()

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[None]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._write_account(address)
        self.url = f"fcm://{address}{self._file}"
        try:
            yield
        finally:
            server.close()

    def _write_account(self, address: str) -> None:
        key = generate_private_key(65537, 2048)
        account = {
            "project_id": "bench",
            "client_email": "push@bench.example",
            "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "private_key_id": "bench",
            "token_uri": f"http://{address}/token",
        }
        self._file.write_text(json.dumps(account))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                arrived_at = time.perf_counter()
                await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
                is_token = head.startswith(b"post /token ")
                if not is_token:
                    self.arrivals.put_nowait(arrived_at)
                body = _TOKEN if is_token else _SENT
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
