"""What a server receives of a document: clients take their own directives, fields and arguments out of it."""

from schema_check.clients.sending import Sending
from schema_check.clients.sent import sent_of

__all__ = ["Sending", "sent_of"]
