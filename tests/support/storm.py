"""Sends all pairs of account mutations concurrently, as apps send them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from httpx2 import AsyncClient

from core.global_ids import global_id
from services.resources import Resources
from services.security.passwords import hash_password
from services.unit_of_work import unit_of_work
from services.users import NewDevice, open_session
from services.users.sessions import SessionRow

PASSWORD = "a password of the storm"
NEW_PASSWORD = "another password of the storm"
DEVICE = {"name": "A phone", "platform": "IOS", "appVersion": "4.2.0"}
SESSIONS = 3
PREFERRED = [{"kind": kind, "inApp": True, "push": True, "email": False} for kind in ("FOLLOW", "LIKE", "SECURITY")]
PASSWORD_HASH = hash_password(PASSWORD)


@dataclass(frozen=True)
class Person:
    """Holds an account that is signed in on `SESSIONS` devices."""

    number: int
    user_id: int
    sessions: list[SessionRow]

    @property
    def email(self) -> str:
        return f"storm{self.number}@example.com"

    @property
    def notification_id(self) -> str:
        return global_id("Notification", self.user_id, self.user_id)

    def device_id(self, place: int) -> str:
        session = self.sessions[place % SESSIONS]
        return global_id("Device", self.user_id, session["device"]["id"])


class Sent(NamedTuple):
    """Describes a mutation with its input, and the index of its session, or None without one."""

    mutation: str
    sent: Mapping[str, Any] | None = None
    session: int | None = None


Action = Callable[[Person, int], Sent]
"""The operations on an account. The number distinguishes concurrent ones."""

ACTIONS: Mapping[str, Action] = {
    "signUp": lambda person, number: Sent(
        "signUp",
        {
            "email": person.email,
            "password": PASSWORD,
            "handle": f"s{person.number}_{number}",
            "name": "Storm",
            "device": DEVICE,
        },
    ),
    "logIn": lambda person, _: Sent("logIn", {"email": person.email, "password": PASSWORD, "device": DEVICE}),
    "refreshSession": lambda person, number: Sent(
        "refreshSession", {"refreshToken": person.sessions[number % SESSIONS]["refresh_token"]}
    ),
    "logOut": lambda _, number: Sent("logOut", None, number),
    "revokeDevice": lambda person, number: Sent("revokeDevice", {"deviceId": person.device_id(number + 1)}, number),
    "revokeOtherDevices": lambda _, number: Sent("revokeOtherDevices", None, number),
    "registerPushToken": lambda person, number: Sent(
        "registerPushToken", {"token": f"token-{person.number}-{number % 2}", "provider": "FCM"}, number
    ),
    "updateProfile": lambda _, number: Sent("updateProfile", {"name": f"Storm {number}"}, number),
    **{
        name: lambda person, number, name=name, field=field: Sent(name, {field: person.notification_id}, number)
        for name, field in (
            ("markNotificationsSeen", "upTo"),
            ("markAllNotificationsRead", "upTo"),
            ("markNotificationRead", "notificationId"),
            ("archiveNotification", "notificationId"),
        )
    },
    "updateNotificationPreferences": lambda _, number: Sent(
        "updateNotificationPreferences",
        {
            "channels": PREFERRED[:: 1 - 2 * (number % 2)],
            "quietHours": None,
            "emailFrequency": ("DAILY", "WEEKLY")[number % 2],
        },
        number,
    ),
    "changePassword": lambda _, number: Sent(
        "changePassword", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}, number
    ),
    "requestDataExport": lambda _, number: Sent("requestDataExport", {"password": PASSWORD}, number),
    "deleteAccount": lambda _, number: Sent("deleteAccount", {"password": PASSWORD, "giveUpBalance": True}, number),
}
"""Every mutation of an account, by its name."""


async def make_person(resources: Resources, number: int) -> Person:
    async with unit_of_work(resources) as work:
        transaction, user_id, now = await work.transaction(), resources.ids.next(), resources.clock()
        person = Person(number, user_id, [])
        email = resources.vault.seal(user_id, person.email)
        (index, *_) = resources.vault.email_indexes(person.email)
        await transaction.fetch("INSERT INTO credentials VALUES ($1, $2, $3, $4)", user_id, email, PASSWORD_HASH, now)
        await transaction.fetch("INSERT INTO handles VALUES ($1, $2)", f"storm{number}", user_id)
        await transaction.fetch("INSERT INTO email_addresses VALUES ($1, $2)", index, user_id)
        await transaction.fetch(
            "INSERT INTO users (id, handle, name, created_at) VALUES ($1, $2, 'Storm', $3)",
            user_id,
            f"storm{number}",
            now,
        )
        await transaction.fetch(
            "INSERT INTO notifications (owner_id, id, kind, actor_count, created_at) "
            "VALUES ($1, $1, 'SECURITY', 1, $2)",
            user_id,
            now,
        )
        await transaction.fetch("INSERT INTO notification_counts (owner_id, unseen, unread) VALUES ($1, 1, 1)", user_id)
        for _ in range(SESSIONS):
            device = NewDevice("A phone", "IOS", "4.2.0")
            person.sessions.append(await open_session(work, resources, user_id, device))
    return person


async def send(http: AsyncClient, person: Person, sent: Sent) -> dict[str, Any]:
    """Returns the whole response, with errors."""
    name, headers = sent.mutation, dict[str, str]()
    if sent.session is not None:
        headers["Authorization"] = f"Bearer {person.sessions[sent.session % SESSIONS]['access_token']}"
    if sent.sent is None:
        query = f"mutation {{ {name} {{ __typename }} }}"
    else:
        kind = f"{name[0].upper()}{name[1:]}Input!"
        query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ __typename }} }}"
    answer = await http.post("/graphql", json={"query": query, "variables": {"input": sent.sent}}, headers=headers)
    return answer.json()
