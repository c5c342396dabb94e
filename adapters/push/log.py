"""`log://`: logs which notifications would be sent."""

import logging

from adapters.outcomes import Outcome, Sent
from adapters.push.base import PROVIDERS, PushEngine, PushMessage

logger = logging.getLogger(__name__)


class LogPush(PushEngine):
    """Logs the id of each notification and its provider, without token and texts."""

    name = "log"
    providers = PROVIDERS

    async def send(self, message: PushMessage) -> Outcome:
        facts = {"notification_id": message.notification_id, "provider": message.provider}
        logger.info("push notification", extra=facts)
        return Sent()
