"""Personal data under the first key, wherever it is under another; while requests are served."""

from collections.abc import Callable
from typing import Any

from adapters.database import Queries
from services.resources import Resources

AT_ONCE = 200

_CREDENTIALS = "SELECT user_id, email FROM credentials WHERE user_id > $1 ORDER BY user_id LIMIT $2"
_SEAL_EMAIL = "UPDATE credentials SET email = $3 WHERE user_id = $1 AND email = $2"
_INDEX = {"blind_index": "text", "user_id": "bigint"}
_ADD_INDEX = (
    "INSERT INTO email_addresses (blind_index, user_id) SELECT blind_index, user_id FROM given WHERE true "
    "ON CONFLICT DO NOTHING"
)
_DROP_INDEX = "DELETE FROM email_addresses WHERE (blind_index, user_id) IN (SELECT blind_index, user_id FROM given)"
_DEVICES = (
    "SELECT owner_id, id, push_token FROM devices WHERE (owner_id, id) > ($1, $2) AND push_token IS NOT NULL "
    "ORDER BY owner_id, id LIMIT $3"
)
_SEAL_PUSH = "UPDATE devices SET push_token = $4, push_index = $5 WHERE owner_id = $1 AND id = $2 AND push_token = $3"


async def rotate_keys(resources: Resources, announce: Callable[[int], object]) -> int:
    """Seals addresses and push tokens anew, some at a time; `announce` gets how many it were so far. Returns how many.

    A row that somebody changes meanwhile is left as they make it, which is under the first key already. Whoever looks
    an address up asks for it under every key, so it is found at any moment.
    """
    sealed, after = 0, 0
    while rows := await resources.database.fetch(_CREDENTIALS, after, AT_ONCE):
        sealed += await _seal_emails(resources, rows)
        after = rows[-1]["user_id"]
        announce(sealed)
    place = (0, 0)
    while rows := await resources.database.fetch(_DEVICES, *place, AT_ONCE):
        sealed += await _seal_tokens(resources, rows)
        place = (rows[-1]["owner_id"], rows[-1]["id"])
        announce(sealed)
    return sealed


async def _seal_emails(resources: Resources, rows: list[dict[str, Any]]) -> int:
    vault = resources.vault
    old = [row for row in rows if not vault.is_current(bytes(row["email"]))]
    emails = {row["user_id"]: vault.open(row["user_id"], bytes(row["email"])) for row in rows}
    indexes = {user_id: vault.email_indexes(email) for user_id, email in emails.items()}
    async with resources.database.transaction() as transaction:
        for row in old:
            user_id = row["user_id"]
            await transaction.fetch(_SEAL_EMAIL, user_id, row["email"], vault.seal(user_id, emails[user_id]))
        await _index_emails(transaction, indexes)
    return len(old)


async def _index_emails(transaction: Queries, indexes: dict[int, list[str]]) -> None:
    """Under the first key alone; the two change together, so an address is never free for anybody else."""
    first = sorted((each[0], user_id) for user_id, each in indexes.items())
    others = sorted((index, user_id) for user_id, each in indexes.items() for index in each[1:])
    if others:
        await transaction.fetch_given(_ADD_INDEX, _INDEX, first)
        await transaction.fetch_given(_DROP_INDEX, _INDEX, others)


async def _seal_tokens(resources: Resources, rows: list[dict[str, Any]]) -> int:
    vault = resources.vault
    old = [row for row in rows if not vault.is_current(bytes(row["push_token"]))]
    async with resources.database.transaction() as transaction:
        for row in old:
            token = vault.open(row["owner_id"], bytes(row["push_token"]))
            sealed, index = vault.seal(row["owner_id"], token), vault.push_token_indexes(token)[0]
            await transaction.fetch(_SEAL_PUSH, row["owner_id"], row["id"], row["push_token"], sealed, index)
    return len(old)
