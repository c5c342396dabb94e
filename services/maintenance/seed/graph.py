"""Makes users, their follows and blocks, devices, preferences and inboxes."""

from collections.abc import Iterator

from core.ids import time_of
from services.maintenance.seed.texts import BIOS, DEMO_HANDLES
from services.maintenance.seed.world import NOW, Chunk, World, instant
from services.search import index_of_user

_PICTURED = 0.8
_FOLLOWED_AT_MOST = 40
_CROWD = 44
_BLOCKS = {place: _CROWD - 1 - place for place in range(len(DEMO_HANDLES))}
"""The index of the user whom each demo user has blocked."""

_USER_COLUMNS = ("id", "handle", "name", "bio", "avatar_url", "created_at", "words", "words_key")


def make_people(world: World) -> Iterator[Chunk]:
    users = [
        (
            user_id,
            handle,
            name,
            world.one_of(BIOS),
            f"https://pictures.example.com/{handle}.jpg" if world.chance() < _PICTURED else None,
            time_of(user_id),
            *index_of_user(handle, name),
        )
        for user_id, (handle, name) in zip(world.user_ids, world.people, strict=True)
    ]
    yield Chunk("users", _USER_COLUMNS, users)
    yield Chunk("handles", ("handle", "user_id"), [(row[1], row[0]) for row in users])


def make_follows(world: World) -> Iterator[Chunk]:
    """Yields the follows. Demo users follow each other.

    The first users of the world get far more followers than the last.

    A block ends the follows between two users. Such a follow is drawn like the others and left out, so that the rest of
    the data does not depend on blocks.
    """
    demo = range(len(DEMO_HANDLES))
    max_followed = min(_FOLLOWED_AT_MOST, world.size // 2)
    rows = []
    for person, user_id in enumerate(world.user_ids):
        chosen = {world.popular() for _ in range(world.between(0, max_followed))} | set(demo if person in demo else ())
        chosen.discard(person)
        for followee in sorted(chosen):
            followee_id, milliseconds = world.user_ids[followee], world.moment()
            follow_id = world.id_at(milliseconds)
            if followee in (_BLOCKS.get(person), *_blockers_of(person)):
                world.id_at(milliseconds)  # as its notification would have taken
                continue
            world.followees[person].append(followee)
            rows.append((user_id, followee_id, follow_id, instant(milliseconds)))
            world.followers[followee] += 1
            world.note(followee_id, "FOLLOW", user_id, milliseconds, ("User", user_id, user_id))
    yield Chunk("follows", ("owner_id", "followee_id", "id", "created_at"), rows)


def _blockers_of(person: int) -> list[int]:
    return [blocker for blocker, blocked in _BLOCKS.items() if blocked == person]


def make_blocks(world: World) -> Iterator[Chunk]:
    """Yields the blocks. Each demo user has blocked one of the other users, and is blocked by none."""
    rows = []
    for place, other_place in _BLOCKS.items():
        blocker, blocked = world.user_ids[place], world.user_ids[other_place]
        milliseconds = world.moment()
        for owner, other, outgoing in ((blocker, blocked, True), (blocked, blocker, False)):
            rows.append((owner, other, outgoing, world.id_at(milliseconds), instant(milliseconds)))
    yield Chunk("blocks", ("owner_id", "other_id", "outgoing", "id", "created_at"), rows)


def make_devices(world: World) -> Iterator[Chunk]:
    devices = (("phone", "IOS", "4.2.0"), ("old phone", "ANDROID", "3.9.1"), ("browser", "WEB", "1.0.0"))
    rows = []
    for place in range(len(DEMO_HANDLES)):
        name = world.people[place][1].split(" ")[0]
        for kind, platform, version in devices:
            milliseconds = world.moment()
            seen = instant(world.moment(milliseconds))
            rows.append(
                (
                    world.user_ids[place],
                    world.id_at(milliseconds),
                    f"{name}'s {kind}",
                    platform,
                    version,
                    "en-GB",
                    instant(milliseconds),
                    seen,
                )
            )
    columns = ("owner_id", "id", "name", "platform", "app_version", "locale", "created_at", "last_seen_at")
    yield Chunk("devices", columns, rows)


def make_preferences(world: World) -> Iterator[Chunk]:
    """The first user has quiet hours at night and no e-mails about likes."""
    first = world.user_ids[0]
    yield Chunk(
        "quiet_hours",
        ("owner_id", "starts_at_minute", "ends_at_minute", "time_zone"),
        [(first, 22 * 60, 7 * 60, "Europe/Lisbon")],
    )
    columns = ("owner_id", "kind", "in_app", "push", "email")
    yield Chunk("channel_preferences", columns, [(first, "LIKE", True, False, False)])


def make_inboxes(world: World) -> Iterator[Chunk]:
    """The newest notifications of each user. Those of the last two days are unseen."""
    rows, counts = [], []
    seen_until = (NOW - instant(0)).total_seconds() * 1000 - 2 * 86_400_000
    for owner_id, inbox in world.inboxes():
        unseen = unread = 0
        for noted in inbox:
            seen = noted.milliseconds < seen_until
            read = seen and world.chance() < 0.9  # noqa: PLR2004 - most are
            unseen, unread = unseen + (not seen), unread + (not read)
            rows.append(
                (
                    owner_id,
                    noted.id,
                    noted.kind,
                    noted.actor_id,
                    1,
                    *noted.subject,
                    instant(noted.milliseconds),
                    instant(world.soon(noted.milliseconds, 3600)) if seen else None,
                    instant(world.soon(noted.milliseconds, 7200)) if read else None,
                )
            )
        counts.append((owner_id, unseen, unread))
    columns = ("owner_id", "id", "kind", "actor_id", "actor_count", "subject_type", "subject_owner_id", "subject_id")
    yield Chunk("notifications", (*columns, "created_at", "seen_at", "read_at"), rows)
    yield Chunk("notification_counts", ("owner_id", "unseen", "unread"), counts)
