"""Languages of texts, and the messages of each language."""

from core.i18n.languages import DEFAULT_LANGUAGE, LANGUAGES, language_of
from core.i18n.messages import Messages, messages

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "Messages", "language_of", "messages"]
