"""Makes the rows of the seeded world. Nothing in here knows a database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from core.ids import SEQUENCE_BITS, id_at
from services.seed.people import BIOS, DEMO_HANDLES, NAMES, NOTES, OPENINGS, REPLIES, THINGS

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
"""The world's present: fixed, so that a seed number always gives the same answers."""

HISTORY = timedelta(days=60)
FEED_LENGTH = 100

Row = dict[str, Any]


class World:
    """The rows of each table, in an order in which they can be written."""

    def __init__(self, seed_number: int) -> None:
        self._random = Random(seed_number)  # noqa: S311 - not for secrets
        self.tables: Mapping[str, list[Row]] = defaultdict(list)
        self.user_ids: dict[str, int] = {}
        self._followees: dict[int, list[int]] = {}
        self._people()
        self._follows()
        self._posts()
        self._feeds()
        self._payments()
        self._inbox_counts()

    def _moment(self, since: datetime = NOW - HISTORY) -> tuple[datetime, int]:
        """An instant between `since` and now, and an id of it."""
        seconds = self._random.uniform(0, (NOW - since).total_seconds())
        instant = since + timedelta(milliseconds=int(seconds * 1000))
        return instant, self._id(instant)

    def _id(self, instant: datetime) -> int:
        return id_at(instant) | self._random.getrandbits(SEQUENCE_BITS - 1)

    def _others(self, person: int, most: int) -> list[int]:
        others = [other for other in self.user_ids.values() if other != person]
        return self._random.sample(others, self._random.randint(0, most))

    def _people(self) -> None:
        joined = NOW - HISTORY - timedelta(days=1)
        for place, (handle, name) in enumerate(NAMES.items()):
            instant = joined + timedelta(minutes=place)
            user_id = self.user_ids[handle] = self._id(instant)
            picture = f"https://pictures.example.com/{handle}.jpg" if self._random.random() < 0.8 else None  # noqa: PLR2004 - most have one
            self.tables["users"].append(
                {
                    "id": user_id,
                    "handle": handle,
                    "name": name,
                    "bio": self._random.choice(BIOS),
                    "avatar_url": picture,
                    "created_at": instant,
                }
            )
            self.tables["handles"].append({"handle": handle, "user_id": user_id})

    def _follows(self) -> None:
        demo = [self.user_ids[handle] for handle in DEMO_HANDLES]
        followers: dict[int, int] = defaultdict(int)
        for person in self.user_ids.values():
            wanted = [other for other in demo if other != person] if person in demo else []
            self._followees[person] = list(dict.fromkeys([*wanted, *self._others(person, 20)]))
            for followee in self._followees[person]:
                instant, _ = self._moment()
                self.tables["follows"].append({"owner_id": person, "followee_id": followee, "created_at": instant})
                self._notify(followee, "FOLLOW", person, instant, ("User", person, person))
                followers[followee] += 1
        self._follower_counts = followers

    def _posts(self) -> None:
        for person in self.user_ids.values():
            count = self._random.randint(3, 9)
            self.tables["user_counts"].append(
                {
                    "user_id": person,
                    "followers": self._follower_counts[person],
                    "following": len(self._followees[person]),
                    "posts": count,
                }
            )
            for _ in range(count):
                self._post(person)

    def _post(self, author: int) -> None:
        instant, post_id = self._moment()
        body = f"{self._random.choice(OPENINGS)} {self._random.choice(THINGS)}."
        edited = min(instant + timedelta(minutes=5), NOW) if self._random.random() < 0.1 else None  # noqa: PLR2004 - a tenth
        self.tables["posts"].append(
            {"author_id": author, "id": post_id, "body": body, "created_at": instant, "edited_at": edited}
        )
        commenters, likers = self._others(author, 7), self._others(author, 20)
        for person in commenters:
            self._comment(author, post_id, person, instant)
        for person in likers:
            liked, _ = self._moment(instant)
            self.tables["likes"].append(
                {"owner_id": author, "post_id": post_id, "user_id": person, "created_at": liked}
            )
            self._notify(author, "LIKE", person, liked, ("Post", author, post_id))
        self.tables["post_counts"].append(
            {"author_id": author, "post_id": post_id, "likes": len(likers), "comments": len(commenters)}
        )

    def _comment(self, owner: int, post_id: int, author: int, posted: datetime) -> None:
        instant, comment_id = self._moment(posted)
        self.tables["comments"].append(
            {
                "owner_id": owner,
                "post_id": post_id,
                "id": comment_id,
                "author_id": author,
                "body": self._random.choice(REPLIES),
                "created_at": instant,
            }
        )
        self._notify(owner, "COMMENT", author, instant, ("Comment", owner, comment_id))

    def _notify(self, owner: int, kind: str, actor: int, instant: datetime, subject: tuple[str, int, int]) -> None:
        seen = instant < NOW - timedelta(days=2)
        read = seen and self._random.random() < 0.9  # noqa: PLR2004 - most are read
        self.tables["notifications"].append(
            {
                "owner_id": owner,
                "id": self._id(instant),
                "kind": kind,
                "actor_id": actor,
                "actor_count": 1,
                "subject_type": subject[0],
                "subject_owner_id": subject[1],
                "subject_id": subject[2],
                "created_at": instant,
                "seen_at": instant + timedelta(hours=1) if seen else None,
                "read_at": instant + timedelta(hours=2) if read else None,
            }
        )

    def _feeds(self) -> None:
        by_author: dict[int, list[int]] = defaultdict(list)
        for post in self.tables["posts"]:
            by_author[post["author_id"]].append(post["id"])
        for person, followees in self._followees.items():
            posts = sorted(
                ((post, author) for author in (person, *followees) for post in by_author[author]), reverse=True
            )
            self.tables["feed_entries"].extend(
                {"owner_id": person, "post_id": post, "author_id": author} for post, author in posts[:FEED_LENGTH]
            )

    def _inbox_counts(self) -> None:
        unseen, unread = (_count(self.tables["notifications"], column) for column in ("seen_at", "read_at"))
        self.tables["notification_counts"].extend(
            {"owner_id": person, "unseen": unseen[person], "unread": unread[person]}
            for person in self.user_ids.values()
        )

    def _payments(self) -> None:
        for handle in DEMO_HANDLES:
            person = self.user_ids[handle]
            self._payment(person, "TOP_UP", 50_000, None)
            for other in DEMO_HANDLES:
                if other != handle:
                    self._payment(person, "TRANSFER", self._random.randint(300, 4_000), self.user_ids[other])
            self._payment(person, "TOP_UP", 20_000, None, failure="DECLINED")

    def _payment(self, owner: int, kind: str, amount: int, recipient: int | None, failure: str | None = None) -> None:
        instant, payment_id = self._moment()
        self.tables["payments"].append(
            {
                "owner_id": owner,
                "id": payment_id,
                "kind": kind,
                "status": "FAILED" if failure else "SUCCEEDED",
                "amount": amount,
                "refunded_amount": 0,
                "currency": "EUR",
                "note": self._random.choice(NOTES) if recipient else None,
                "failure_code": failure,
                "created_at": instant,
                "updated_at": min(instant + timedelta(seconds=2), NOW),
            }
        )
        party = {"payment_id": payment_id, "payment_owner_id": owner}
        direction = "OUT" if recipient else "IN"
        parties = self.tables["payment_parties"]
        parties.append({"owner_id": owner, "direction": direction, "counterparty_id": recipient, **party})
        if recipient:
            parties.append({"owner_id": recipient, "direction": "IN", "counterparty_id": owner, **party})
            self._notify(recipient, "PAYMENT_RECEIVED", owner, instant, ("Payment", owner, payment_id))


def _count(notifications: Iterable[Row], column: str) -> dict[int, int]:
    """Per owner, the notifications in which a column is empty."""
    counts: dict[int, int] = defaultdict(int)
    for notification in notifications:
        counts[notification["owner_id"]] += notification[column] is None
    return counts
