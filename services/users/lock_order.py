"""The order in which transactions lock rows of accounts."""

LOCK_ORDER = (
    "credentials",
    "handles",
    "email_addresses",
    "users",
    "payments",
    "wallets",
    "refresh_families",
    "devices",
    "push_tokens",
    "revoked_devices",
    "visits",
    "data_export_parts",
    "data_exports",
    "channel_preferences",
    "quiet_hours",
    "email_preferences",
    "notification_counts",
    "notifications",
    "inbox_marks",
)
"""A transaction locks, changes or inserts rows of these tables in this order, and never goes back.

Within a table it locks several rows in the order of their primary key: a statement that changes several rows selects
them in a subquery with `ORDER BY … FOR UPDATE`. So no two transactions deadlock. `docs/decisions/0020-lock-order.md`
gives the reasons.
"""
