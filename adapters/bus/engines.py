"""Opens the bus of an engine URL."""

from adapters.bus.base import Bus
from adapters.bus.connected import ConnectedBus
from adapters.bus.memory import MemoryBus
from adapters.bus.postgres import postgres_driver
from adapters.database.postgres_url import SCHEMES, read_postgres_url
from core.background import Background
from core.errors import SettingsError
from core.settings import Settings


def open_bus(settings: Settings, background: Background | None = None) -> Bus:
    """Returns the bus of `settings.bus_url`, or of the database. It connects when it is first used."""
    background = background or Background()
    url = settings.bus_url or settings.database_url
    scheme = url.partition(":")[0]
    if scheme in SCHEMES:
        variable = "BFF_BUS_URL" if settings.bus_url else "BFF_DATABASE_URL"
        driver = postgres_driver(read_postgres_url(variable, url), f"{settings.bus_name}_", settings.database_deadline)
        return ConnectedBus(driver, background)
    if scheme in {"redis", "rediss", "redis+cluster", "rediss+cluster"}:
        return _open_redis(settings, background)
    if scheme == "memory" or not settings.bus_url:
        return MemoryBus()
    raise SettingsError(
        f"BFF_BUS_URL: no driver for {scheme}://; use memory://, postgres://, redis:// or redis+cluster://"
    )


def _open_redis(settings: Settings, background: Background) -> Bus:
    from adapters.bus.cluster import ClusterBus  # noqa: PLC0415 - redis-py takes 0.3 s to import
    from adapters.bus.redis import redis_driver  # noqa: PLC0415 - as above
    from adapters.redis import check_redis_url  # noqa: PLC0415 - as above

    url, prefix, deadline = settings.bus_url, f"{settings.bus_name}:", settings.database_deadline
    check_redis_url("BFF_BUS_URL", url)
    if "+cluster" in url.partition(":")[0]:
        return ClusterBus(url, prefix, deadline, background)
    return ConnectedBus(redis_driver(url, prefix, deadline), background)
