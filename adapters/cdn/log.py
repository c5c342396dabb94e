"""`log://`: logs what would be purged."""

import logging
from collections.abc import Sequence

from adapters.cdn.base import Cdn

logger = logging.getLogger(__name__)


class LogCdn(Cdn):
    """Logs the tags of each purge."""

    async def purge(self, tags: Sequence[str]) -> None:
        logger.info("purge of the CDN", extra={"tags": list(tags)})
