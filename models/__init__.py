"""Tables. A feature's module holds its Tortoise models (for writes) and the rows and columns that reads select.

Ids are made in `core/ids.py`. A hot table's primary key is (owner, id): whoever looks a row up names the partition
it is in. Tortoise knows only one column of it, so rows are written by `create` and by filters that name the owner.
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
    "models.notifications",
    "models.payments",
    "models.streams",
    "models.usage",
    "models.wallets",
)
"""The modules with Tortoise models."""
