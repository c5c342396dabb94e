"""Checks the counts, the marks and the preferences of inboxes."""

from typing import Any

from tests.response_cache.support.faults import Faults, Read
from tests.response_cache.support.history import History
from tests.response_cache.support.lists import Absences
from tests.response_cache.support.projected import Projected

Json = dict[str, Any]


class InboxChecks:
    """Adds faults for an inbox that is older than a write of its owner, or than a direct read of the database."""

    def __init__(self, history: History, projected: Projected, absences: Absences, faults: Faults) -> None:
        self._history = history
        self._projected = projected
        self._absences = absences
        self._faults = faults

    def viewer(self, handle: str, viewer: Json, read: Read) -> None:
        if viewer.get("notificationCounts"):
            rows, counts = self._projected.unmarked_notifications(handle, read.since), viewer["notificationCounts"]
            least = sum(not self._absences.notification_may_be_hidden(row, read) for row in rows)
            if min(counts.values()) < least:
                self._faults.add("projected notificationCounts", handle, read, counts, f"at least {least}")
        if viewer.get("notificationPreferences"):
            (push,) = [each["push"] for each in viewer["notificationPreferences"]["channels"] if each["kind"] == "LIKE"]
            self._faults.observe("push of likes", handle, read, self._history.users[handle].push_of_likes, int(push))

    def notification(self, handle: str, node: Json, read: Read) -> None:
        row_id = self._history.parts(node["id"]).id
        told, subject = self._history.users[handle].notifications.get(row_id), f"{row_id} of {handle}"
        if told is None:
            return
        self._faults.observe_present("archived notification", subject, read, told.listed)
        for name, register in (("seenAt", told.seen), ("readAt", told.read)):
            if name in node:
                self._faults.observe(name, subject, read, register, int(node[name] is not None))
