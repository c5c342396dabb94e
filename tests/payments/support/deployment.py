"""The processes of a campaign: the database behind a proxy, the sandbox, servers and worker."""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from core.settings import Settings
from services.maintenance.migrations import migrate
from services.resources import open_resources
from tests.campaign.support.roles import Role
from tests.chaos.proxy import Proxy
from tests.payments.support.sandbox import Sandbox
from tests.payments.support.scale import Scale
from tests.support.postgres_server import PostgresServer, running_postgres
from tests.support.programs import free_port

_MEMORY = Path("/dev/shm")  # noqa: S108 - its files get a folder with a random name
_ENOUGH_BYTES = 2 * 1024**3
_LARGE = ",".join(f"{currency}=1000000000" for currency in ("USD", "EUR", "GBP", "JPY", "INR"))
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""The settings with which PostgreSQL recovers all that it has acknowledged from a crash."""


class Deployment(NamedTuple):
    """Holds the processes, which are not started, and the addresses of the database.

    Servers and worker connect through the proxy; the campaign itself reads at `url`.
    """

    url: str
    environment: dict[str, str]
    servers: Sequence[Role]
    worker: Role
    sandbox: Sandbox
    ports: Sequence[str]
    proxy: Proxy | None = None
    postgres: PostgresServer | None = None

    @property
    def killed(self) -> list[Role]:
        """The processes that are killed. The sandbox lies, and is never killed."""
        return [*self.servers, self.worker]


def _parent() -> Path | None:
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES else None


@asynccontextmanager
async def folder_of(kind: str) -> AsyncGenerator[Path]:
    """Yields a folder that an unprivileged user can access, in memory if there is enough."""
    folder = Path(tempfile.mkdtemp(prefix=f"bff-bank-{kind}-{os.getpid()}-", dir=_parent()))
    folder.chmod(0o755)  # noqa: ASYNC240 - nothing waits for it
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def deployed(scale: Scale, folder: Path) -> AsyncGenerator[Deployment]:
    """Starts the database with its tables, and yields the other processes, which are not started."""
    async with AsyncExitStack() as stack:
        postgres = proxy = None
        if scale.engine == "postgres":
            postgres = await stack.enter_async_context(running_postgres(folder, _DURABLE))
            proxy = await stack.enter_async_context(Proxy("127.0.0.1", postgres.port).running())
            url = postgres.url
            path = urlsplit(url)._replace(netloc=f"postgres@127.0.0.1:{proxy.port}").geturl()
        else:
            url = path = f"sqlite://{folder / 'bank.sqlite3'}"
        async with open_resources(Settings(database_url=url, bus_url="memory://")) as resources:
            await migrate(resources.database, lambda _name: None)
        ports = [str(free_port()) for _ in range(scale.servers)]
        sandbox = Sandbox(folder, str(free_port()), f"http://127.0.0.1:{ports[0]}", scale.seed)
        environment = _environment(path, sandbox)
        servers = [
            Role(["-m", "cli.main", "serve"], {**environment, "PORT": port}, folder / f"server{port}.log")
            for port in ports
        ]
        worker = Role(["-m", "cli.main", "worker"], environment, folder / "worker.log")
        direct = {**environment, "BFF_DATABASE_URL": url}
        yield Deployment(url, direct, servers, worker, sandbox, ports, proxy, postgres)


def _environment(database_url: str, sandbox: Sandbox) -> dict[str, str]:
    """Returns settings without limits of attempts and amounts, and with short deadlines."""
    return {
        "BFF_DATABASE_URL": database_url,
        "BFF_DATABASE_DEADLINE": "5",
        "BFF_WORK_DEADLINE": "10",
        "BFF_JOB_PAUSE": "0.05",
        "BFF_SECRET_KEYS": f"campaign:{secrets.token_hex(32)}",
        "BFF_ACCESS_TOKEN_SECONDS": "3600",
        "BFF_SIGN_UP_PER_ADDRESS": "1000000",
        "BFF_PAYMENTS_MAX_AMOUNT": _LARGE,
        "BFF_PAYMENTS_MAX_DAILY": _LARGE,
        "BFF_STEP_UP_AMOUNT": _LARGE,
        **sandbox.environment,
    }
