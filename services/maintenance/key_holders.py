"""Records which processes have which keys, so that a key rotation does not make data unreadable."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

from adapters.database import Queries
from core.errors import SettingsError, Unavailable
from core.keys import KeyRing
from core.wording import count_of
from services.database_time import NOW, ago, at
from services.resources import Resources

ANNOUNCED_EVERY = 15.0
"""Seconds. A process that was not seen for a minute counts as stopped."""
_LEAVE_SECONDS = 1.0

_MINUTE_AGO = ago(60)

_STATE = {"key_id": "text", "fingerprint": "text", "is_first": "boolean"}
_NOTE = at(
    "INSERT INTO key_states (key_id, fingerprint, first_at) SELECT key_id, fingerprint, "
    "CASE WHEN is_first THEN {} END FROM input_rows WHERE true ON CONFLICT (key_id) DO UPDATE "
    "SET fingerprint = COALESCE(NULLIF(key_states.fingerprint, ''), excluded.fingerprint), "
    "first_at = COALESCE(key_states.first_at, excluded.first_at), "
    "rotated_at = CASE WHEN excluded.first_at IS NULL THEN key_states.rotated_at END",
    NOW,
)
_STATES = "SELECT key_id, fingerprint, first_at, rotated_at FROM key_states ORDER BY key_id"
_ANNOUNCE = at(
    "INSERT INTO key_holders (process_id, name, key_ids, seen_at) VALUES ($1, $2, $3, {}) "
    "ON CONFLICT (process_id) DO UPDATE SET seen_at = excluded.seen_at",
    NOW,
)
_LEAVE = "DELETE FROM key_holders WHERE process_id = $1"
_RUNNING = at("SELECT name, key_ids FROM key_holders WHERE seen_at > {} ORDER BY name", _MINUTE_AGO)
_FORGET = at("DELETE FROM key_holders WHERE seen_at <= {}", _MINUTE_AGO)
_DISCARD = "DELETE FROM key_states WHERE key_id = $1 RETURNING key_id"
_ROTATED = at(
    "UPDATE key_states SET rotated_at = {} WHERE key_id <> $1 AND key_id = ANY($2) AND rotated_at IS NULL", NOW
)
_PAGE = "docs/settings.md describes key rotation"


async def check_keys(resources: Resources) -> None:
    """Raises `SettingsError` if a required key is missing, or running processes could not read each other's data."""
    ring = resources.keys
    for state in await resources.database.fetch(_STATES):
        _check_state(ring, state)
    await _check_running(
        resources,
        lambda first, ids: ring.first not in ids or first not in ring.ids,
        f"The first key '{ring.first}' is missing there, or the first key there is not given here. "
        "Give all processes both keys, the new one last, before one has it first",
    )


async def check_rotation(resources: Resources) -> None:
    """Raises `SettingsError` if a running process would continue to seal with another key."""
    first = resources.keys.first
    await _check_running(
        resources,
        lambda theirs, _: theirs != first,
        f"The first key there is not '{first}'. Put '{first}' first on all processes, restart them, and try again",
    )


async def _check_running(resources: Resources, is_wrong: Callable[[str, list[str]], bool], problem: str) -> None:
    rows = await resources.database.fetch(_RUNNING)
    affected = [row["name"] for row in rows if is_wrong((ids := row["key_ids"].split())[0], ids)]
    if affected:
        names = ", ".join(affected[:3]) + (" …" if len(affected) > 3 else "")  # noqa: PLR2004 - enough names to find them
        processes = count_of(len(affected), "process", "processes")
        raise SettingsError(
            f"BFF_SECRET_KEYS: the first key differs from that of {processes} that ran "
            f"within the last minute ({names}). {problem}; {_PAGE}"
        )


def _check_state(ring: KeyRing, state: dict[str, Any]) -> None:
    key_id = state["key_id"]
    known = ring.fingerprints.get(key_id)
    if known is None and state["first_at"] is not None:
        raise SettingsError(
            f"BFF_SECRET_KEYS: key '{key_id}' is missing, and data is sealed with it. Put it back behind the first "
            f"key, or, when it was rotated, into BFF_RETIRED_KEYS; {_PAGE}. When it is lost for good, run "
            f"'bff keys forget {key_id}'"
        )
    if known is not None and state["fingerprint"] not in ("", known):
        raise SettingsError(
            f"BFF_SECRET_KEYS: key '{key_id}' has another secret than it had. Give a new secret a new id; {_PAGE}"
        )
    if key_id in ring.retired and state["first_at"] is not None and state["rotated_at"] is None:
        raise SettingsError(
            f"BFF_RETIRED_KEYS: personal data is sealed with key '{key_id}'. Put it back into BFF_SECRET_KEYS, behind "
            f"the first key, and run 'bff keys rotate'; {_PAGE}"
        )


async def note_keys(queries: Queries, ring: KeyRing) -> None:
    """Keeps which keys there are, and that the first one seals from now on."""
    states = [(key_id, ring.fingerprints[key_id], key_id == ring.first) for key_id in ring.ids]
    await queries.fetch_with_rows(_NOTE, _STATE, states)


async def forget_key(resources: Resources, key_id: str) -> None:
    """Permits processes to start without a lost key. Raises `SettingsError` if the key is configured or unknown."""
    if key_id in resources.keys.fingerprints:
        raise SettingsError(f"key '{key_id}' is not lost: it is given in BFF_SECRET_KEYS or BFF_RETIRED_KEYS")
    if not await resources.database.fetch(_DISCARD, key_id):
        raise SettingsError(f"there is no key '{key_id}'")


async def record_rotation(resources: Resources) -> None:
    """Records that all personal data is sealed with the first key."""
    await resources.database.fetch(_ROTATED, resources.keys.first, resources.keys.ids)


async def announce_keys(resources: Resources) -> None:
    """Records the keys of this process before it serves. A failure raises an alarm, and the next round repeats it."""
    try:
        await note_keys(resources.database, resources.keys)
        await _announce(resources)
    except Exception as error:  # noqa: BLE001 - it is counted, and the next round repeats it
        resources.background.report_failure("keys", error)


async def keep_announcing_keys(resources: Resources) -> None:
    """Records the keys of this process until it is cancelled, then deletes the record."""

    async def hold() -> None:
        while True:
            await asyncio.sleep(ANNOUNCED_EVERY)
            await resources.database.fetch(_FORGET)
            await _announce(resources)

    try:
        await resources.background.supervise("keys", hold)
    finally:
        await _leave(resources)


async def _announce(resources: Resources) -> None:
    name = f"{socket.gethostname()}:{os.getpid()}"
    await resources.database.fetch(_ANNOUNCE, resources.process_id, name, " ".join(resources.keys.ids))


async def _leave(resources: Resources) -> None:
    """Deletes the record, which would otherwise count for another minute."""
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await resources.database.fetch(_LEAVE, resources.process_id)
    except (TimeoutError, Unavailable) as error:
        resources.background.report_failure("keys", error)
