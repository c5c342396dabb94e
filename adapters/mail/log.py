"""`log://`: logs which mails would be sent."""

import logging

from adapters.mail.base import MailEngine, MailMessage
from adapters.outcomes import Outcome, Sent

logger = logging.getLogger(__name__)


class LogMail(MailEngine):
    """Logs the id of each mail, without address and texts."""

    name = "log"

    async def send(self, message: MailMessage) -> Outcome:
        logger.info("mail", extra={"mail_id": message.mail_id})
        return Sent()
