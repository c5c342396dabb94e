"""Projects follows, likes, comments, payments and security events into notifications."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from adapters.database import Queries
from core.ids import Ids
from events import Event
from models.notifications import ALWAYS_SENT, OPEN_GROUP
from models.users import unblocked
from services.event_log.counts import CountChange, add_to_totals
from services.event_log.event_streams import RowKey, StreamEvent
from services.event_log.inbox_locks import lock_inboxes
from services.event_log.log import LogPosition
from services.relay.projections.first_sessions import Fact, Facts, without_first_sessions
from services.relay.projections.new_notifications import FactKey, GroupKey, NewNotification, new_notifications
from services.relay.projections.notification_rows import Told, write_notifications
from services.relay.projections.recorded_event import RecordedEvent

MAX_GROUP_AGE = timedelta(days=28)
"""The time after which a notification does not grow any more. Its deliveries are kept longer."""

_CANDIDATE = {"owner_id": "bigint", "kind": "text", "group_key": "bigint", "actor_id": "bigint"}
_OPEN_GROUPS = (
    "SELECT n.owner_id, n.kind, t.group_key, n.id, g.actor_id, EXISTS (SELECT 1 FROM notification_facts f "  # noqa: S608 - built from constants
    "WHERE f.owner_id = n.owner_id AND f.notification_id = n.id AND f.actor_id = g.actor_id) AS is_known "
    "FROM input_rows g JOIN notification_groups t "
    "ON t.owner_id = g.owner_id AND t.kind = g.kind AND t.group_key = g.group_key "
    "JOIN notifications n ON n.owner_id = t.owner_id AND n.id = t.notification_id "
    f"WHERE {OPEN_GROUP} AND t.opened_at > $1 ORDER BY n.owner_id, n.id FOR UPDATE OF n"
)
"""Finds the groups that may grow and locks them, so that deliveries that end meanwhile notice that they grow."""

_FACT = {
    "owner_id": "bigint",
    "kind": "text",
    "fact_id": "bigint",
    "actor_id": "bigint",
    "subject_owner_id": "bigint",
    "subject_id": "bigint",
    "notification_id": "bigint",
    "acted_at": "timestamptz",
}
_FACT_COLUMNS = ("owner_id", "kind", "fact_id", "actor_id", "notification_id", "acted_at")
_STILL_EXISTS = (
    "CASE g.kind WHEN 'FOLLOW' THEN EXISTS (SELECT 1 FROM follows f "
    "WHERE f.owner_id = g.actor_id AND f.followee_id = g.owner_id) "
    "WHEN 'LIKE' THEN EXISTS (SELECT 1 FROM likes l JOIN posts p ON p.author_id = l.owner_id AND p.id = l.post_id "
    "WHERE l.owner_id = g.subject_owner_id AND l.post_id = g.subject_id AND l.user_id = g.actor_id "
    "AND p.deleted_at IS NULL) "
    "WHEN 'COMMENT' THEN EXISTS (SELECT 1 FROM comments c JOIN posts p ON p.author_id = c.owner_id "
    "AND p.id = c.post_id WHERE c.owner_id = g.subject_owner_id AND c.id = g.subject_id AND c.deleted_at IS NULL "
    "AND p.deleted_at IS NULL) "
    "WHEN 'PAYMENT_RECEIVED' THEN EXISTS (SELECT 1 FROM payments p "
    "WHERE p.owner_id = g.subject_owner_id AND p.id = g.subject_id AND p.kind = 'TRANSFER') "
    "ELSE true END"
)
_ALWAYS = ", ".join(f"'{kind}'" for kind in ALWAYS_SENT)
_WANTED = (
    f"(g.kind IN ({_ALWAYS}) OR NOT EXISTS (SELECT 1 FROM channel_preferences c "  # noqa: S608 - built from constants
    "WHERE c.owner_id = g.owner_id AND c.kind = g.kind AND NOT c.in_app))"
)
_VISIBLE = f"(g.kind IN ('PAYMENT_RECEIVED', 'REFUND') OR {unblocked('g.owner_id', 'g.actor_id')})"
"""A payment is notified even if one of its two users has blocked the other, because the money has moved.

Reads of the inbox hide the actor then.
"""

_UNTOLD = (
    "NOT EXISTS (SELECT 1 FROM notifications o WHERE o.owner_id = g.owner_id AND o.kind = g.kind "
    "AND o.subject_id = g.subject_id AND o.actor_id = g.actor_id AND o.kind IN ('FOLLOW', 'LIKE') "
    "AND o.archived_at IS NULL)"
)
"""Notifications that were written before there were facts. Those that are not archived have an index by actor."""

_ADD_FACTS = (
    f"INSERT INTO notification_facts ({', '.join(_FACT_COLUMNS)}) "  # noqa: S608 - built from constants
    f"SELECT {', '.join(f'g.{column}' for column in _FACT_COLUMNS)} FROM input_rows g WHERE {_STILL_EXISTS} "
    f"AND EXISTS (SELECT 1 FROM users u WHERE u.id = g.owner_id) AND {_VISIBLE} AND {_WANTED} AND {_UNTOLD} "
    "ON CONFLICT DO NOTHING RETURNING owner_id, kind, fact_id, actor_id"
)


class _OpenGroups(NamedTuple):
    """The notifications of groups that may grow, and the candidates' actors whom they contain already."""

    ids: dict[GroupKey, int]
    actors: set[tuple[GroupKey, int]]


class InboxChanges(NamedTuple):
    """The stream events of new notifications, and the position of the latest fact of each that has grown."""

    stream_events: Sequence[StreamEvent]
    grown: Mapping[RowKey, LogPosition]


async def project_inboxes(
    transaction: Queries, events: Sequence[RecordedEvent[Event]], ids: Ids, now: datetime
) -> InboxChanges:
    """Writes the notifications of events, and returns what has to be announced.

    It writes none for acts that were undone, for deleted accounts, for facts that were told before, and for kinds that
    the recipient has turned off. Failed payments and security events cannot be turned off. A follow, a like or a
    comment joins the notification of its group while the recipient has not seen it, for at most `MAX_GROUP_AGE`.
    Inboxes are locked first, so that
    no notification is older than a mark, and no group is seen before the batch has ended.
    """
    found = await without_first_sessions(transaction, _facts(events))
    seen_up_to = await lock_inboxes(transaction, {key.owner_id for key in found})
    facts = {key: fact for key, fact in found.items() if key.owner_id in seen_up_to}
    groups = await _open_groups(transaction, [new for new, _ in facts.values()], now)
    targets = _targets((new for new, _ in facts.values()), groups.ids, seen_up_to, ids)
    rows = await transaction.fetch_with_rows(
        _ADD_FACTS, _FACT, [_fact_row(new, targets[key]) for key, (new, _) in facts.items()]
    )
    told: dict[int, Told] = {}
    added = {FactKey(row["owner_id"], row["kind"], row["fact_id"], row["actor_id"]) for row in rows}
    for key, (new, recorded) in facts.items():
        if key in added:
            is_known = new.group is not None and (new.group, key.actor_id) in groups.actors
            told.setdefault(targets[key], Told(targets[key])).add(new, recorded, is_known=is_known)
    opened = {*groups.ids.values()}
    created = [each for each in told.values() if each.id not in opened]
    grown = [each for each in told.values() if each.id in opened]
    await write_notifications(transaction, created, grown)
    await add_to_totals(transaction, _badges(each.latest.key.owner_id for each in created))
    return InboxChanges([each.stream_event() for each in created], {each.row_key: each.position for each in grown})


def _facts(events: Iterable[RecordedEvent[Event]]) -> Facts:
    """Returns the facts of events in the order of the log. Of a fact that was undone and repeated, it is the last."""
    facts: dict[FactKey, Fact] = {}
    for recorded in events:
        for new in new_notifications(recorded):
            facts.pop(new.key, None)
            facts[new.key] = Fact(new, recorded)
    return facts


async def _open_groups(transaction: Queries, facts: Iterable[NewNotification], now: datetime) -> _OpenGroups:
    groups = _OpenGroups({}, set())
    candidates = [(*new.group, new.key.actor_id) for new in facts if new.group]
    for row in await transaction.fetch_with_rows(_OPEN_GROUPS, _CANDIDATE, candidates, now - MAX_GROUP_AGE):
        group = GroupKey(row["owner_id"], row["kind"], row["group_key"])
        groups.ids[group] = row["id"]
        if row["is_known"]:
            groups.actors.add((group, row["actor_id"]))
    return groups


def _targets(
    facts: Iterable[NewNotification], opened: Mapping[GroupKey, int], seen_up_to: Mapping[int, int], ids: Ids
) -> dict[FactKey, int]:
    """Returns the id of the notification that tells each fact: that of its open group, or a new, unseen one."""
    groups, targets, last = dict(opened), dict[FactKey, int](), dict(seen_up_to)
    for new in facts:
        key = groups.get(new.group) if new.group else None
        if key is None:
            key = last[new.key.owner_id] = ids.next(above=last[new.key.owner_id])
        if new.group:
            groups[new.group] = key
        targets[new.key] = key
    return targets


def _fact_row(new: NewNotification, notification_id: int) -> tuple[object, ...]:
    return (*new.key, new.subject.owner_id, new.subject.id, notification_id, new.occurred_at)


def _badges(owners: Iterable[int]) -> list[CountChange]:
    return [CountChange(owner, owner, counter, 1) for owner in owners for counter in ("unseen", "unread")]
