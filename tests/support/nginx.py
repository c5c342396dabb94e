"""Runs nginx with the configuration of docs/caching-http.md, and purges its cache by tags."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from httpx2 import AsyncClient, TransportError

from tests.support.timing import HANG_SECONDS, no_hang

_NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
INSTALLED = bool(_NGINX)
_BLOCK = re.compile(r"^```nginx\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TAGS = re.compile(rb"\r\ncache-tag: ([^\r]*)\r\n", re.IGNORECASE)
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Nginx:
    """Has a cache in a folder."""

    def __init__(self, folder: Path, http: AsyncClient) -> None:
        self.cache = folder / "cache"
        self.http = http

    def files(self) -> list[Path]:
        """Returns the files of stored responses."""
        return [file for file in self.cache.rglob("*") if file.is_file()]

    def purge(self, tags: Collection[str]) -> None:
        """Deletes the files of responses that have one of the tags."""
        for file in self.files():
            found = _TAGS.search(file.read_bytes())
            if found and not set(found[1].decode().split(",")).isdisjoint(tags):
                file.unlink()


def _configure(folder: Path, page: Path, addresses: Mapping[str, str], *, bypasses: bool) -> None:
    """Writes the configuration of the page with other addresses."""
    match = _BLOCK.search(page.read_text())
    assert match
    block = match[1].replace("/var/cache/nginx/bff", str(folder / "cache"))
    for old, new in addresses.items():
        block = block.replace(old, new)
    if not bypasses:
        block = re.sub(r"^ *(proxy_cache_bypass|proxy_no_cache) .*\n", "", block, flags=re.MULTILINE)
    paths = "".join(f"{name}_temp_path {folder / name};\n" for name in _TEMPORARY)
    main = f"daemon off;\nmaster_process off;\npid {folder / 'pid'};\nerror_log stderr;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{main}http {{\naccess_log off;\n{paths}{block}}}\n")


@asynccontextmanager
async def nginx(folder: Path, page: Path, upstream: str, *, bypasses: bool = True) -> AsyncGenerator[Nginx]:
    """Runs nginx in front of a server. Without `bypasses`, only `Vary` separates requests with credentials."""
    port = _free_port()
    _configure(folder, page, {"127.0.0.1:8000": upstream, "127.0.0.1:8080": f"127.0.0.1:{port}"}, bypasses=bypasses)
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            _NGINX, "-p", folder, "-c", folder / "nginx.conf", stdout=log, stderr=log
        )
    try:
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=HANG_SECONDS) as http:
            await _until_answering(http, process)
            yield Nginx(folder, http)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), HANG_SECONDS)


async def _until_answering(http: AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with no_hang():
        while True:
            assert process.returncode is None, "nginx has ended"
            with suppress(TransportError):
                if (await http.get("/livez")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
