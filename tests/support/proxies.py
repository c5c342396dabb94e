"""Runs HAProxy and nginx with the configurations of deploy/, in front of servers on this machine."""

import asyncio
import os
import re
import shutil
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from httpx2 import AsyncClient

from tests.support.certificates import Certificate, self_signed
from tests.support.programs import free_port, responding
from tests.support.timing import HANG_SECONDS, no_hang

PROJECT = Path(__file__).parent.parent.parent
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
PROGRAMS = {name: shutil.which(name, path=_PATH) or "" for name in ("haproxy", "nginx", "varnishd")}
INSTALLED = {name: bool(program) for name, program in PROGRAMS.items()}
INSTALLED["varnishd"] &= any(Path("/usr/lib").glob("*/varnish/vmods/libvmod_xkey.so"))
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def required(name: str) -> None:
    """Skips the test if the program is not installed. Fails in CI, which installs it."""
    if not INSTALLED[name]:
        assert not os.environ.get("TEST_REQUIRE_PROXIES"), f"{name} is not installed"
        pytest.skip(f"{name} is not installed")


class Proxy(NamedTuple):
    """A running proxy, with its ports of HTTPS, of plain HTTP and of its metrics, and the file of its certificate."""

    https: int
    http: int
    metrics: int
    certificate: Path
    process: asyncio.subprocess.Process

    @property
    def tls(self) -> ssl.SSLContext:
        """A new context that verifies the certificate: a client of HTTP/2 adds its protocols to the one it gets."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https}"

    def client(self, **options: object) -> AsyncClient:
        """Returns a client that speaks HTTP/2."""
        given: dict[str, object] = {"http2": True, "timeout": HANG_SECONDS, "verify": self.tls, **options}
        return AsyncClient(base_url=self.url, **given)  # type: ignore[arg-type]

    async def until_server(self, name: str, state: str) -> None:
        """Waits until HAProxy has a server in a state, UP or DOWN."""
        wanted = f'haproxy_server_status{{proxy="servers",server="{name}",state="{state}"}} 1\n'
        async with no_hang(), AsyncClient(base_url=f"http://127.0.0.1:{self.metrics}", timeout=HANG_SECONDS) as http:
            while wanted not in (await http.get("/metrics")).text:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.1)


class Ports(NamedTuple):
    """The ports of a proxy: of HTTPS, of plain HTTP, and of its metrics."""

    https: int
    http: int
    metrics: int


Configure = Callable[[Path, Ports, Certificate, Sequence[str], int | None], tuple[list[str], Mapping[str, str]]]
"""Writes what a proxy needs to a folder. Returns its command and its environment."""


def _haproxy(
    folder: Path, ports: Ports, certificate: Certificate, servers: Sequence[str], requests: int | None
) -> tuple[list[str], Mapping[str, str]]:
    """The configuration of the repository is not changed: HAProxy takes the rest from its environment."""
    pem = folder / "both.pem"
    pem.write_bytes(certificate.certificate.read_bytes() + certificate.key.read_bytes())
    environment = {
        "BFF_HTTPS": f"127.0.0.1:{ports.https}",
        "BFF_HTTP": f"127.0.0.1:{ports.http}",
        "BFF_METRICS_BIND": f"127.0.0.1:{ports.metrics}",
        "BFF_CERTIFICATE": str(pem),
        "BFF_SERVER_1": servers[0],
        "BFF_SERVER_2": servers[1],
        **({} if requests is None else {"BFF_ADDRESS_REQUESTS": str(requests)}),
    }
    return [PROGRAMS["haproxy"], "-db", "-f", str(PROJECT / "deploy/haproxy/haproxy.cfg")], environment


def _nginx(
    folder: Path, ports: Ports, certificate: Certificate, servers: Sequence[str], requests: int | None
) -> tuple[list[str], Mapping[str, str]]:
    """Addresses, files and rates are replaced in a copy, because nginx reads no environment."""
    shutil.copytree(PROJECT / "deploy/nginx/bff", folder / "bff", dirs_exist_ok=True)
    text = (PROJECT / "deploy/nginx/bff.conf").read_text()
    for old, new in {
        "127.0.0.1:8001": servers[0],
        "127.0.0.1:8002": servers[1],
        "listen 443": f"listen 127.0.0.1:{ports.https}",
        "listen 80;": f"listen 127.0.0.1:{ports.http};",
        "/etc/nginx/certificate.crt": str(certificate.certificate),
        "/etc/nginx/certificate.key": str(certificate.key),
    }.items():
        assert old in text
        text = text.replace(old, new)
    if requests is not None:
        _limit(folder / "bff", requests)
    return _nginx_command(folder, text), {}


def _nginx_command(folder: Path, text: str) -> list[str]:
    """Writes a complete configuration with the text in its block `http`."""
    paths = "".join(f"{name}_temp_path {folder / name};\n" for name in _TEMPORARY)
    main = f"daemon off;\nmaster_process off;\npid {folder / 'pid'};\nerror_log stderr;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{main}http {{\naccess_log off;\n{paths}{text}}}\n")
    return [PROGRAMS["nginx"], "-p", str(folder), "-c", str(folder / "nginx.conf")]


def compose_command(folder: Path) -> list[str]:
    """Returns the command by which nginx checks its configuration of deploy/compose.yaml."""
    shutil.copytree(PROJECT / "deploy/nginx/bff", folder / "bff")
    text = (PROJECT / "deploy/nginx/compose.conf").read_text()
    assert "server server:8000" in text
    return [*_nginx_command(folder, text.replace("server server:8000", "server 127.0.0.1:8000")), "-t"]


def _limit(folder: Path, requests: int) -> None:
    shared, locations = folder / "shared.conf", folder / "locations.conf"
    shared.write_text(re.sub(r"rate=\d+r/s", "rate=1r/m", shared.read_text()))
    locations.write_text(re.sub(r"burst=\d+", f"burst={requests - 1}", locations.read_text()))


_CONFIGURE: dict[str, Configure] = {"haproxy": _haproxy, "nginx": _nginx}


def _configured(
    name: str, folder: Path, servers: Sequence[str], requests: int | None
) -> tuple[Ports, Certificate, list[str], Mapping[str, str]]:
    certificate = self_signed(folder)
    ports = Ports(free_port(), free_port(), free_port())
    command, environment = _CONFIGURE[name](folder, ports, certificate, servers, requests)
    return ports, certificate, command, {"PATH": os.environ["PATH"], **environment}


async def check(name: str, folder: Path) -> tuple[int, str]:
    """Has the program check its configuration. Returns its status and output."""
    _, _, command, environment = _configured(name, folder, ["127.0.0.1:1", "127.0.0.1:2"], None)
    option = ["-c"] if name == "haproxy" else ["-t"]
    process = await asyncio.create_subprocess_exec(
        *command, *option, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), HANG_SECONDS)
    return process.returncode or 0, output.decode()


@asynccontextmanager
async def running(
    name: str, folder: Path, servers: Sequence[str], *, requests: int | None = None
) -> AsyncGenerator[Proxy]:
    """Runs a proxy, `haproxy` or `nginx`, in front of two servers such as `127.0.0.1:8001`.

    `requests` replaces the number of requests that an address may send at once.
    """
    ports, certificate, command, environment = _configured(name, folder, servers, requests)
    async with responding(
        command, port=ports.http, log=folder / f"{name}.log", path="/livez", accepts=lambda _: True, env=environment
    ) as (process, _):
        yield Proxy(*ports, certificate.certificate, process)
