"""Accounts of the campaign: sign-up, sign-in, devices, passwords, exports and deletion."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.response_cache.support.history import History, User
from tests.response_cache.support.reading import Session
from tests.response_cache.support.registers import GONE
from tests.response_cache.support.writing import Effect, Mutations

_MAX_DEVICES = 5


def password(handle: str, number: int) -> str:
    return f"a long password of {handle} {number}"


def device(handle: str, number: int) -> dict[str, str]:
    return {"name": f"{handle} d{number}", "platform": "WEB", "appVersion": "1.0"}


async def sign_up(history: History, mutations: Mutations, handle: str) -> Session | None:
    """Creates an account, and returns the session of its first device."""
    user, described = history.add_user(handle), device(handle, 0)
    credentials = {"email": f"{handle}@example.com", "password": password(handle, 0)}
    sent = {**credentials, "handle": handle, "name": f"{handle} v1", "device": described}
    effects = [Effect(user.register, 1), *_device_effects(user, described["name"], 1)]
    result = await mutations.send("SignUp", sent, None, effects)
    if result is None:
        return None
    history.bind(user, result["user"]["id"])
    return Session(handle, result["session"], described["name"])


def _device_effects(user: User, name: str, value: int) -> list[Effect]:
    """Returns the effects of signing a device in (1) or out: no push token belongs to it."""
    for registers in (user.devices, user.push):
        if name not in registers:
            registers[name] = type(user.register)()
    return [Effect(user.devices[name], value), Effect(user.push[name], 0)]


class AccountActs:
    """Writes the account of a session. The session itself is never signed out."""

    def __init__(self, session: Session, mutations: Mutations, history: History, chance: Random) -> None:
        self._main = session
        self._mutations = mutations
        self._history = history
        self._random = chance
        self._devices = 0
        self._passwords = [0]
        """The numbers of the possible passwords: more than one after a change without a response."""
        self._others: list[Session] = []

    @property
    def me(self) -> User:
        return self._history.users[self._main.handle]

    async def log_in(self) -> None:
        if len(self._others) >= _MAX_DEVICES:
            await self.revoke()
            return
        self._devices += 1
        described = device(self.me.handle, self._devices)
        effects = _device_effects(self.me, described["name"], 1)
        for number in self._passwords:
            credentials = {"email": f"{self.me.handle}@example.com", "password": password(self.me.handle, number)}
            result = await self._mutations.send("LogIn", {**credentials, "device": described}, None, effects)
            if result is not None:
                self._passwords = [number]
                self._others.append(Session(self.me.handle, result["session"], described["name"]))
                return

    async def log_out(self) -> None:
        if self._others:
            session = self._others.pop()
            await self._mutations.send("LogOut", None, session, _device_effects(self.me, session.device, GONE))

    async def revoke(self) -> None:
        if self._others:
            session = self._others.pop(0)
            effects = _device_effects(self.me, session.device, GONE)
            await self._mutations.send("RevokeDevice", {"deviceId": session.device_id}, self._main, effects)

    async def revoke_others(self) -> None:
        await self._mutations.send("RevokeOtherDevices", None, self._main, self._end_of_others())

    async def change_password(self) -> None:
        number = self._passwords[-1] + 1
        sent = {
            "currentPassword": password(self.me.handle, self._passwords[0]),
            "newPassword": password(self.me.handle, number),
        }
        result = await self._mutations.send("ChangePassword", sent, self._main, self._end_of_others())
        if result is not None:
            self._passwords = [number]
        elif self._mutations.was_refused:
            self._passwords.append(self._passwords.pop(0))
        else:
            self._passwords.append(number)

    def _end_of_others(self) -> list[Effect]:
        """Returns the effects of signing all other devices out, also those whose sign-in had no response."""
        self._others.clear()
        names = [name for name in self.me.devices if name != self._main.device]
        alive = [name for name in names if self.me.devices[name].writes[-1].value > 0 or self._is_unsure(name)]
        return [effect for name in alive for effect in _device_effects(self.me, name, GONE)]

    def _is_unsure(self, name: str) -> bool:
        return not self.me.devices[name].writes[-1].certain

    async def register_push(self) -> None:
        """Registers the account's push token on one of its devices. No other device has it then."""
        session = self._random.choice([self._main, *self._others])
        effects = [
            Effect(register, int(name == session.device))
            for name, register in self.me.push.items()
            if name == session.device or register.writes[-1].value > 0 or not register.writes[-1].certain
        ]
        sent = {"provider": "FCM", "token": f"push-token-of-{self.me.handle}"}
        await self._mutations.send("RegisterPushToken", sent, session, effects)

    async def refresh(self) -> None:
        """Renews the tokens of the session that all readers use. A lost response is repeated, as apps do."""
        for _ in range(3):
            sent = {"refreshToken": self._main.tokens["refreshToken"]}
            result = await self._mutations.send("RefreshSession", sent, None, [])
            if result is not None:
                tokens: Mapping[str, Any] = result["session"]
                self._main.tokens = tokens
                return

    async def export(self) -> None:
        if self.me.export.writes[-1].value <= 0:
            sent = {"password": password(self.me.handle, self._passwords[0])}
            await self._mutations.send("RequestDataExport", sent, self._main, [Effect(self.me.export, 1)])

    async def delete(self) -> None:
        """Deletes the account. Its user and everything that it wrote are not visible from then on."""
        self.me.deleting = True
        sent = {"password": password(self.me.handle, self._passwords[0]), "giveUpBalance": True}
        await self._mutations.send("DeleteAccount", sent, self._main, [Effect(self.me.register, GONE)])
