"""From a URL to a bus."""

from typing import Any

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError

from adapters.bus.base import Bus
from adapters.bus.memory import MemoryBus
from adapters.bus.postgres import PostgresBus
from adapters.bus.redis import RedisBus
from core.errors import SettingsError
from core.settings import Settings


def open_bus(settings: Settings) -> Bus:
    """The bus of `settings.bus_url`, by default the database's own. Nothing is connected before it is used."""
    url = settings.bus_url or settings.database_url
    scheme = url.partition(":")[0]
    if scheme in {"postgres", "postgresql", "asyncpg"}:
        try:
            expanded: dict[str, Any] = expand_db_url(url)
        except ConfigurationError as error:
            raise SettingsError(f"BFF_BUS_URL: {error}; write postgres://USER:PASSWORD@HOST:PORT/NAME") from error
        return PostgresBus(expanded["credentials"], settings.database_deadline)
    if scheme in {"redis", "rediss"}:
        return RedisBus(url, settings.bus_name, settings.database_deadline)
    if scheme == "memory" or not settings.bus_url:
        return MemoryBus()
    raise SettingsError(f"BFF_BUS_URL: no driver for {scheme}://; use memory://, postgres:// or redis://")
