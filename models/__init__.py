"""Tables. A module contains the Tortoise models (`…Model`) of a feature, and rows (`…Row`) and columns of its reads.

Models are for writes only. `core/ids.py` creates ids. The primary key of a partitioned table is (owner, id), so a read
by key always selects one partition. Tortoise supports only one key column, so rows are written with `create` and with
filters on the owner.
"""

MODULES = (
    "models.users",
    "models.audit",
    "models.counts",
    "models.exports",
    "models.documents",
    "models.feed",
    "models.heartbeats",
    "models.idempotency",
    "models.jobs",
    "models.keys",
    "models.log",
    "models.notification_deliveries",
    "models.notification_digests",
    "models.notifications",
    "models.payment_differences",
    "models.payments",
    "models.streams",
    "models.usage",
    "models.wallets",
)
"""The modules with Tortoise models."""
