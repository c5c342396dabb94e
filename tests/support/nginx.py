"""Runs nginx with the configuration of docs/caching-http.md, and purges its cache by tags."""

import re
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from httpx2 import AsyncClient

from tests.support.programs import free_port, responding
from tests.support.proxies import PROGRAMS

_BLOCK = re.compile(r"^```nginx\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TAGS = re.compile(rb"\r\ncache-tag: ([^\r]*)\r\n", re.IGNORECASE)
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


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
    port = free_port()
    _configure(folder, page, {"127.0.0.1:8000": upstream, "127.0.0.1:8080": f"127.0.0.1:{port}"}, bypasses=bypasses)
    command = [PROGRAMS["nginx"], "-p", folder, "-c", folder / "nginx.conf"]
    async with responding(command, port=port, log=folder / "log", path="/livez") as (_, http):
        yield Nginx(folder, http)
