"""The texts of notifications, for the inbox, push notifications and e-mails."""

from core.i18n import messages
from models.notifications import NotificationRow

_GROUPED = frozenset({"FOLLOW", "LIKE", "COMMENT"})
_SECURITY_CAUSES = frozenset({"DEVICE_SIGNED_IN", "PASSWORD_CHANGED", "TOKEN_REUSED", "DATA_EXPORT"})


def notification_text(
    kind: str, language: str, *, actor: str | None = None, actor_count: int = 1, cause: str | None = None
) -> str:
    """Returns a sentence in one of the languages of `core.i18n`, without markup.

    `actor` is the name of the user who is shown, or None if that user is not visible. `actor_count` counts all users
    who caused the notification. `cause` is the column `cause` of a notification. The name is isolated for bidirectional
    text where that is necessary.
    """
    of_language, others = messages(language), actor_count - 1
    if kind == "SECURITY":
        return of_language.text(f"SECURITY_{cause}" if cause in _SECURITY_CAUSES else "SECURITY")
    if kind == "REFUND" and actor is None:
        return of_language.text("REFUND_TO_CARD")
    who = of_language.text("SOMEONE") if actor is None else of_language.text("ACTOR", name=of_language.isolated(actor))
    if kind in _GROUPED and others > 0:
        return of_language.counted(f"{kind}_GROUP", others, actor=who)
    return of_language.text(kind, actor=who)


def text_of(notification: NotificationRow, language: str) -> str:
    """Returns `notification_text` for a row, with the actor and the number of actors as its recipient sees them."""
    actor = notification["actor"]
    return notification_text(
        notification["kind"],
        language,
        actor=actor and actor["name"],
        actor_count=notification["actor_count"],
        cause=notification["cause"],
    )
