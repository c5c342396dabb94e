"""Opens sessions. A session is a device that is signed in."""

from datetime import datetime, timedelta
from typing import TypedDict

from core.viewer import SignedIn
from events import SessionBegan
from models.users import DeviceModel, DeviceRow, RefreshFamilyModel
from services.resources import Resources
from services.security.refresh_tokens import hash_of
from services.unit_of_work import UnitOfWork
from services.users.device_description import NewDevice
from services.users.visits import record_visit


class SessionRow(TypedDict):
    """The tokens of a device; the access token ends at `expires_at`."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    device: DeviceRow


async def open_session(work: UnitOfWork, resources: Resources, user_id: int, device: NewDevice) -> SessionRow:
    """Writes a device and its first refresh token, and records the visit."""
    client = (await work.transaction()).client
    now = resources.clock()
    device_id, family_id = resources.ids.next(), resources.ids.next()
    refresh_token = resources.refresh_tokens.first(user_id, family_id)
    await RefreshFamilyModel.create(
        using_db=client,
        owner_id=user_id,
        id=family_id,
        device_id=device_id,
        token_hash=hash_of(refresh_token),
        created_at=now,
        expires_at=now + timedelta(days=resources.settings.refresh_token_days),
    )
    await DeviceModel.create(
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
    await record_visit(work, resources, user_id)
    work.emit(SessionBegan(actor_id=user_id, device_id=device_id))
    access_token, expires_at = resources.access_tokens.issue(SignedIn(user_id, device_id), device.locale)
    return {
        "access_token": access_token,
        "refresh_token": refresh_token,
        "expires_at": expires_at,
        "device": _fresh_row(user_id, device_id, device, now),
    }


def _fresh_row(user_id: int, device_id: int, device: NewDevice, now: datetime) -> DeviceRow:
    """Returns the row of a device that has just signed in."""
    return {
        "owner_id": user_id,
        "id": device_id,
        "name": device.name,
        "platform": device.platform,
        "app_version": device.app_version,
        "last_seen_at": now,
        "current": True,
        "push_enabled": False,
    }
