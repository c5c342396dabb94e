"""Links in mails that turn off e-mails."""

from services.resources import Resources

UNSUBSCRIBE_PATH = "/unsubscribe/"
"""The beginning of the path of the page. A token follows."""

ALL_KINDS = "ALL"
"""Names the e-mails of all kinds of notifications that digests contain."""


def unsubscribe_url(resources: Resources, owner_id: int, kind: str = ALL_KINDS) -> str | None:
    """Returns the link that turns off e-mails. None if the public address of the server is unknown."""
    base = resources.settings.public_url.rstrip("/")
    return f"{base}{UNSUBSCRIBE_PATH}{resources.unsubscribe_tokens.issue(owner_id, kind)}" if base else None
