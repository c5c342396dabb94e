"""From a URL to a bus."""

from adapters.bus.base import Bus
from adapters.bus.memory import MemoryBus
from adapters.bus.postgres import PostgresBus
from core.errors import SettingsError
from core.settings import Settings


def open_bus(settings: Settings) -> Bus:
    """The bus of `settings.bus_url`, by default the database's own. Nothing is connected before it is used."""
    url = settings.bus_url or settings.database_url
    scheme = url.partition(":")[0]
    if scheme in {"postgres", "postgresql", "asyncpg"}:
        return PostgresBus(f"postgres{url.removeprefix(scheme)}", settings.database_deadline)
    if scheme == "memory" or not settings.bus_url:
        return MemoryBus()
    raise SettingsError(f"BFF_BUS_URL: no driver for {scheme}://; use memory:// or postgres://")
