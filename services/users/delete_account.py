"""Deletes an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from adapters.database import DialectSQL
from core.errors import invalid_input
from core.viewer import SignedIn
from events import AccountDeleted
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.end_sessions import end_all_sessions
from services.users.password_confirmation import CheckedPassword, confirm_password, lock_password, wrong_password

_PASSWORD = "input.password"  # noqa: S105 - the name of a field
_TAKE_CREDENTIAL = "DELETE FROM credentials WHERE user_id = $1 AND password_hash = $2 RETURNING user_id"
_MONEY = (
    "SELECT w.id FROM wallets w WHERE w.owner_id = $1 AND (w.available + w.pending > 0 OR EXISTS "
    "(SELECT 1 FROM open_payments o WHERE o.owner_id = w.owner_id)) FOR UPDATE OF w"
)
"""Finds a wallet with money, or with a payment that may return money to it."""

_FREE_ADDRESS = "DELETE FROM email_addresses WHERE blind_index = ANY($1) AND user_id = $2"
_FREE_HANDLE = "DELETE FROM handles WHERE handle = $1 AND user_id = $2"
_HIDE = DialectSQL(
    postgres="WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock($1)) "
    "DELETE FROM users WHERE id = $1 AND (SELECT COUNT(*) FROM turn) > 0",
    sqlite="DELETE FROM users WHERE id = $1",
)
"""Deletes the row after the payments that have begun. Later ones wait: see `services/payments/accounts.py`."""

DeleteAccountSuccessRow = TypedDict(
    "DeleteAccountSuccessRow", {"__typename": Literal["DeleteAccountSuccess"], "user_id": int}
)


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """The input of `deleteAccount`: the password, and whether money in the wallet may be lost."""

    password: str
    give_up_balance: bool = False


async def delete_account(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, deletion: DeleteAccount
) -> Mapping[str, Any]:
    """Signs all devices out and deletes the identifying data. The job `erase_account` deletes the rest soon.

    After the commit the account's data is not visible. A wrong password is returned as a problem. Raises `ProblemError`
    if money is left.
    """
    account = await confirm_password(viewer, work, resources, deletion.password)
    if account is None:
        return wrong_password(_PASSWORD)
    user_id = viewer.user_id
    if not await _take_credential(work, resources, CheckedPassword(user_id, deletion.password, account.password_hash)):
        return wrong_password(_PASSWORD)
    transaction = await work.transaction()
    await transaction.fetch(_FREE_HANDLE, account.handle, user_id)
    await transaction.fetch(_FREE_ADDRESS, resources.vault.email_indexes(account.email), user_id)
    await transaction.fetch(_HIDE, user_id)
    if await transaction.fetch(_MONEY, user_id) and not deletion.give_up_balance:
        raise invalid_input(
            "input.giveUpBalance", "There is money in the wallet. Use it first, or send true to give it up."
        )
    await end_all_sessions(work, resources, user_id)
    work.emit(AccountDeleted(actor_id=user_id))
    return _deleted(user_id)


async def _take_credential(work: UnitOfWork, resources: Resources, checked: CheckedPassword) -> bool:
    """Deletes the credentials. Returns False if the password is wrong by now, or the account was deleted."""
    if await (await work.transaction()).fetch(_TAKE_CREDENTIAL, checked.user_id, checked.password_hash):
        return True
    current_hash = await lock_password(work, resources, checked)
    if current_hash is None:
        return False
    await (await work.transaction()).fetch(_TAKE_CREDENTIAL, checked.user_id, current_hash)
    return True


def _deleted(user_id: int) -> DeleteAccountSuccessRow:
    return {"__typename": "DeleteAccountSuccess", "user_id": user_id}
