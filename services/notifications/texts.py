"""The texts of notifications."""

from models.notifications import NotificationRow

_TEXTS = {
    "FOLLOW": "{who} started following you.",
    "LIKE": "{who} liked your post.",
    "COMMENT": "{who} commented on your post.",
    "PAYMENT_RECEIVED": "{who} sent you a payment.",
    "PAYMENT_FAILED": "Your payment did not go through.",
    "REFUND": "{who} refunded your payment.",
    "SECURITY": "A new device signed in to your account.",
}


def text_of(notification: NotificationRow) -> str:
    """Returns a sentence in English to show to the recipient."""
    actor, others = notification["actor"], notification["actor_count"] - 1
    if notification["kind"] == "REFUND" and actor is None:
        return "Your payment was refunded."
    who = actor["name"] if actor else "Someone"
    if others > 0:
        who += f" and {others} {'other' if others == 1 else 'others'}"
    return _TEXTS[notification["kind"]].format(who=who)
