"""A simple model of the inbox of one user: facts in lists, without statements and counts."""

from dataclasses import dataclass, field
from typing import NamedTuple

from tests.support.notifications import Shown


class Fact(NamedTuple):
    """A follow, a like or a comment: the key of its group, its actor, and the subject that is shown for it."""

    kind: str
    group: str
    actor: str
    subject: str


@dataclass
class Notification:
    """A notification with its facts, the latest last."""

    facts: list[Fact] = field(default_factory=list)
    is_seen: bool = False


@dataclass
class InboxModel:
    """Holds what exists, what waits for the relay, and what was told."""

    existing: set[Fact] = field(default_factory=set)
    waiting: list[Fact] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    told: set[Fact] = field(default_factory=set)
    notifications: list[Notification] = field(default_factory=list)

    def happen(self, fact: Fact) -> None:
        self.existing.add(fact)
        self.waiting.append(fact)

    def undo(self, fact: Fact) -> None:
        self.existing.discard(fact)

    def block(self, other: str) -> None:
        """Blocks a user in one of the two directions, which ends the follow."""
        self.blocked.add(other)
        self.existing = {fact for fact in self.existing if (fact.kind, fact.actor) != ("FOLLOW", other)}

    def relay(self) -> None:
        """Tells the facts that wait, in the order of their last occurrence."""
        last = dict.fromkeys(reversed(self.waiting))
        for fact in reversed(last):
            if fact in self.existing and fact.actor not in self.blocked and fact not in self.told:
                self._open_group(fact).facts.append(fact)
                self.told.add(fact)
        self.waiting.clear()

    def _open_group(self, fact: Fact) -> Notification:
        for notification in self.notifications:
            first = notification.facts[0]
            if (first.kind, first.group) == (fact.kind, fact.group) and not notification.is_seen:
                return notification
        self.notifications.append(Notification())
        return self.notifications[-1]

    def see(self) -> None:
        for notification in self.notifications:
            notification.is_seen = True

    def shown(self) -> list[Shown]:
        """Returns the notifications of which a fact is visible, newest first."""
        found = [visible for each in reversed(self.notifications) if (visible := self._visible(each))]
        return [
            Shown(facts[-1].kind, facts[-1].actor, len({fact.actor for fact in facts}), facts[-1].subject)
            for facts in found
        ]

    def badge(self) -> tuple[int, int]:
        visible = [each for each in self.notifications if self._visible(each)]
        return sum(not each.is_seen for each in visible), len(visible)

    def _visible(self, notification: Notification) -> list[Fact]:
        return [fact for fact in notification.facts if fact.actor not in self.blocked]
