"""Mails: engines that send them to the addresses of users."""

from adapters.mail.base import MailEngine, MailMessage
from adapters.mail.engines import Mail, open_mail

__all__ = ["Mail", "MailEngine", "MailMessage", "open_mail"]
