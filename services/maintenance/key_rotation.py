"""Seals personal data again with the first key, while requests are served."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from adapters.database import Queries
from services.resources import Resources
from services.security.vault import Vault

AT_ONCE = 200
"""The number of accounts or devices per transaction. Their sign-ins wait for it, some tens of milliseconds."""
PARTS_AT_ONCE = 10
"""The number of parts of exports per transaction; one may have a megabyte."""

Key = tuple[int, ...]
Batch = Callable[[Queries, Vault, Key], Awaitable[tuple[int, Key | None]]]
"""Seals the rows after a key again. It returns the number of changed rows and the last key, None at the end."""

_CREDENTIALS = "SELECT user_id, email FROM credentials WHERE user_id > $1 ORDER BY user_id LIMIT $2 FOR UPDATE"
_SEAL_EMAIL = "UPDATE credentials SET email = $2 WHERE user_id = $1"
_INDEX = {"blind_index": "text", "user_id": "bigint"}
_ADD_INDEX = (
    "INSERT INTO email_addresses (blind_index, user_id) SELECT blind_index, user_id FROM input_rows WHERE true "
    "ON CONFLICT DO NOTHING"
)
_DROP_INDEX = (
    "DELETE FROM email_addresses WHERE (blind_index, user_id) IN (SELECT blind_index, user_id FROM input_rows)"
)
_DEVICES = (
    "SELECT d.owner_id, d.id FROM devices d JOIN push_tokens p ON p.user_id = d.owner_id AND p.device_id = d.id "
    "WHERE (d.owner_id, d.id) > ($1, $2) ORDER BY d.owner_id, d.id LIMIT $3 FOR UPDATE OF d"
)
_TOKENS = (
    "SELECT p.push_index, p.user_id, p.token FROM input_rows g "
    "JOIN push_tokens p ON p.user_id = g.user_id AND p.device_id = g.device_id ORDER BY p.push_index FOR UPDATE OF p"
)
_DEVICE = {"user_id": "bigint", "device_id": "bigint"}
_SEAL_TOKEN = "UPDATE push_tokens SET push_index = $2, token = $3 WHERE push_index = $1"  # noqa: S105 - a statement
_PARTS = (
    "SELECT owner_id, export_id, place, content FROM data_export_parts WHERE (owner_id, export_id, place) > "
    "($1, $2, $3) AND substr(content, 1, $4) <> $5 ORDER BY owner_id, export_id, place LIMIT $6 FOR UPDATE"
)
_SEAL_PART = "UPDATE data_export_parts SET content = $4 WHERE owner_id = $1 AND export_id = $2 AND place = $3"


async def rotate_keys(resources: Resources, announce: Callable[[int], object]) -> int:
    """Seals addresses, push tokens and exports again and returns the number. `announce` gets the number so far.

    Each batch is read and written in one transaction that locks its rows in the order of `LOCK_ORDER`, so it restores
    no deleted row. A reader looks for an address under every key, so it finds the address at any time.
    """
    sealed = 0
    batches: Iterable[tuple[Batch, Key]] = (
        (_seal_emails, (0,)),
        (_seal_tokens, (0, 0)),
        (_seal_parts, (0, 0, -1)),
    )
    for batch, start in batches:
        after: Key | None = start
        while after is not None:
            async with resources.database.transaction() as transaction:
                changed, after = await batch(transaction, resources.vault, after)
            sealed += changed
            announce(sealed)
    return sealed


async def _seal_emails(transaction: Queries, vault: Vault, after: Key) -> tuple[int, Key | None]:
    rows = await transaction.fetch(_CREDENTIALS, *after, AT_ONCE)
    emails = {row["user_id"]: vault.open(row["user_id"], bytes(row["email"])) for row in rows}
    old = [row["user_id"] for row in rows if not vault.is_current(bytes(row["email"]))]
    for user_id in old:
        await transaction.fetch(_SEAL_EMAIL, user_id, vault.seal(user_id, emails[user_id]))
    await _index_emails(transaction, {user_id: vault.email_indexes(email) for user_id, email in emails.items()})
    return len(old), (rows[-1]["user_id"],) if rows else None


async def _index_emails(transaction: Queries, indexes: dict[int, list[str]]) -> None:
    """Indexes addresses under the first key only. Both indexes change together, so an address is never free."""
    first = sorted((each[0], user_id) for user_id, each in indexes.items())
    others = sorted((index, user_id) for user_id, each in indexes.items() for index in each[1:])
    if others:
        await transaction.fetch_with_rows(_ADD_INDEX, _INDEX, first)
        await transaction.fetch_with_rows(_DROP_INDEX, _INDEX, others)


async def _seal_tokens(transaction: Queries, vault: Vault, after: Key) -> tuple[int, Key | None]:
    devices = [(row["owner_id"], row["id"]) for row in await transaction.fetch(_DEVICES, *after, AT_ONCE)]
    rows: list[dict[str, Any]] = await transaction.fetch_with_rows(_TOKENS, _DEVICE, devices)
    old = [row for row in rows if not vault.is_current(bytes(row["token"]))]
    for row in old:
        token = vault.open(row["user_id"], bytes(row["token"]))
        index, sealed = vault.push_token_indexes(token)[0], vault.seal(row["user_id"], token)
        await transaction.fetch(_SEAL_TOKEN, row["push_index"], index, sealed)
    return len(old), devices[-1] if devices else None


async def _seal_parts(transaction: Queries, vault: Vault, after: Key) -> tuple[int, Key | None]:
    current = vault.prefix
    rows = await transaction.fetch(_PARTS, *after, len(current), current, PARTS_AT_ONCE)
    for row in rows:
        key = (row["owner_id"], row["export_id"], row["place"])
        await transaction.fetch(_SEAL_PART, *key, vault.seal(key[0], vault.open(key[0], bytes(row["content"]))))
    return len(rows), (rows[-1]["owner_id"], rows[-1]["export_id"], rows[-1]["place"]) if rows else None
