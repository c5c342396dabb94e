"""Runs Varnish with the configuration of deploy/varnish and the command of docs/caching-http.md."""

import os
import re
import shlex
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from httpx2 import AsyncClient

from tests.support.programs import responding
from tests.support.proxies import PROGRAMS, PROJECT

_COMMAND = re.compile(r"^varnishd (.*?)\n```$", re.MULTILINE | re.DOTALL)


def _options(port: int, file: Path) -> list[str]:
    """Returns the options of the page with another address, file and size."""
    match = _COMMAND.search((PROJECT / "docs/caching-http.md").read_text())
    assert match
    replaced = {":6081": f"127.0.0.1:{port}", "/etc/varnish/bff.vcl": str(file), "malloc,256m": "malloc,16m"}
    words = shlex.split(match[1].replace("\\\n", " "))
    assert replaced.keys() <= set(words)
    return [replaced.get(word, word) for word in words]


@asynccontextmanager
async def varnish(folder: Path, server: str, port: int, token: str = "") -> AsyncGenerator[AsyncClient]:
    """Yields a client of Varnish in front of a server such as `127.0.0.1:8000`."""
    text = (PROJECT / "deploy/varnish/bff.vcl").read_text()
    assert '.port = "8000";' in text
    file = folder / "bff.vcl"
    file.write_text(text.replace('.port = "8000";', f'.port = "{server.rpartition(":")[2]}";'))
    # Without `-j none`, it would run as another user, who cannot read the folder.
    private = ["-j", "none", "-n", str(folder / "varnish"), "-T", "none"]
    command = [PROGRAMS["varnishd"], *private, *_options(port, file)]
    environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "BFF_CDN_TOKEN": token}
    async with responding(
        command, port=port, log=folder / "varnish.log", path="/livez", accepts=lambda _: True, env=environment
    ) as (_, http):
        yield http
