"""A session is a device that is signed in."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from core import text
from core.errors import invalid_input
from core.viewer import SignedIn
from events import SessionBegan
from models.users import Device, DeviceRow, RefreshFamily
from services.refresh_tokens import hash_of
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.visits import note_visit

LONGEST_NAME = 100
LONGEST_APP_VERSION = 32
_LANGUAGE_TAG = re.compile(r"(?=.{2,35}$)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What a device says of itself; `platform` is one of IOS, ANDROID, WEB."""

    name: str
    platform: str
    app_version: str
    locale: str | None = None
    time_zone: str | None = None


class SessionRow(TypedDict):
    """Tokens of one device; the access token ends at `expires_at`."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    device: DeviceRow


def check_device(device: NewDevice) -> NewDevice:
    """The device as it is kept; `Refusal` names the input that is wrong."""
    name = text.line(device.name, longest=LONGEST_NAME)
    if name is None:
        raise invalid_input("input.device.name", f"Name the device in one line of 1 to {LONGEST_NAME} letters.")
    if text.line(device.app_version, longest=LONGEST_APP_VERSION) != device.app_version:
        raise invalid_input("input.device.appVersion", f"Send a version of 1 to {LONGEST_APP_VERSION} letters.")
    if device.locale is not None and not _LANGUAGE_TAG.fullmatch(device.locale):
        raise invalid_input("input.device.locale", "Send a language tag like 'en-GB'.")
    if device.time_zone is not None and not _is_time_zone(device.time_zone):
        raise invalid_input("input.device.timeZone", "Send an IANA time zone like 'Europe/Lisbon'.")
    return replace(device, name=name)


def _is_time_zone(name: str) -> bool:
    try:
        return ZoneInfo(name).key == name
    except (LookupError, ValueError, OSError):
        return False


async def open_session(work: UnitOfWork, resources: Resources, user_id: int, device: NewDevice) -> SessionRow:
    """Writes a device and its first refresh token, and notes that its person is there."""
    client = (await work.writing()).client
    now = resources.clock()
    device_id, family_id = resources.ids.next(), resources.ids.next()
    refresh_token = resources.refresh_tokens.first(user_id, family_id)
    await RefreshFamily.create(
        using_db=client,
        owner_id=user_id,
        id=family_id,
        device_id=device_id,
        token_hash=hash_of(refresh_token),
        created_at=now,
        expires_at=now + timedelta(days=resources.settings.refresh_token_days),
    )
    await Device.create(
        using_db=client,
        owner_id=user_id,
        id=device_id,
        name=device.name,
        platform=device.platform,
        app_version=device.app_version,
        locale=device.locale,
        time_zone=device.time_zone,
        created_at=now,
        last_seen_at=now,
    )
    await note_visit(work, resources, user_id)
    work.emit(SessionBegan(actor_id=user_id, device_id=device_id))
    access_token, expires_at = resources.access_tokens.issue(SignedIn(user_id, device_id))
    return {
        "access_token": access_token,
        "refresh_token": refresh_token,
        "expires_at": expires_at,
        "device": _fresh_row(user_id, device_id, device, now),
    }


def _fresh_row(user_id: int, device_id: int, device: NewDevice, now: datetime) -> DeviceRow:
    """A device as it is read when it has just signed in."""
    return {
        "__typename": "Device",
        "owner_id": user_id,
        "id": device_id,
        "name": device.name,
        "platform": device.platform,
        "app_version": device.app_version,
        "last_seen_at": now,
        "current": True,
        "push_enabled": False,
    }
