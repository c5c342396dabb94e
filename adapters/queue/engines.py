"""Opens the queue of an engine URL."""

from adapters.queue.base import Queue
from adapters.queue.memory import MemoryQueue
from core.errors import SettingsError
from core.settings.jobs import JobSettings

DOCKET = "pydocket>=0.27,<0.28"
"""The requirement of the extra `queue`."""


def open_queue(settings: JobSettings) -> Queue:
    """Returns the queue of `settings.queue_url`. It connects when it is first used."""
    url = settings.queue_url
    scheme = url.partition(":")[0]
    if scheme in {"", "memory"}:
        return MemoryQueue()
    if scheme in {"redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel"}:
        from adapters.redis import check_redis_url  # noqa: PLC0415 - redis-py takes 0.3 s to import

        check_redis_url("BFF_QUEUE_URL", url)
        try:
            from adapters.queue.docket import DocketQueue  # noqa: PLC0415 - a package of an extra, which may not be installed
        except ImportError as error:
            raise SettingsError(f"BFF_QUEUE_URL: {error}; install it: pip install '{DOCKET}'") from error
        return DocketQueue(url, settings.queue_name, settings.queue_deadline, settings.job_concurrency)
    raise SettingsError(f"BFF_QUEUE_URL: no driver for {scheme}://; use redis:// or an empty value")
