"""Everything that the campaign has written, by the names that responses contain.

A user's name is `<handle> v<version>`, the body of a post `<author>-<number> v<version>`, and the body of a comment is
its key.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.global_ids import GlobalId, read_global_id
from tests.response_cache.support.payments import Payments
from tests.response_cache.support.registers import Register


class Version(NamedTuple):
    """The key and the version in a text."""

    key: str
    number: int


def read_version(text: str) -> Version | None:
    """Returns the key and the version of a name or a body, or None if the text contains none."""
    key, separator, number = text.rpartition(" v")
    return Version(key, int(number)) if separator and number.isdecimal() else None


@dataclass(slots=True, eq=False)
class Post:
    """A post: its version, and who likes and comments on it. `row_id` is 0 until a response has contained the id."""

    key: str
    author: str
    register: Register = field(default_factory=Register)
    row_id: int = 0
    id: str = ""
    likes: dict[str, Register] = field(default_factory=dict[str, Register])
    comments: "list[Comment]" = field(default_factory=list["Comment"])
    ordered: "list[tuple[int, Comment]]" = field(default_factory=list[tuple[int, "Comment"]])
    """The comments with known row ids, oldest first."""


@dataclass(slots=True, eq=False)
class Comment:
    """A comment. `row_id` is 0 until a response has contained the id."""

    key: str
    author: str
    post: Post
    register: Register = field(default_factory=Register)
    row_id: int = 0
    id: str = ""

    def __lt__(self, other: "Comment") -> bool:
        return self.key < other.key


@dataclass(slots=True, eq=False)
class Told:
    """A notification: whether it is seen, read, and in the list of its owner."""

    seen: Register = field(default_factory=Register)
    read: Register = field(default_factory=Register)
    listed: Register = field(default_factory=lambda: Register(1))


@dataclass(slots=True, eq=False)
class User:
    """A user: the version of the profile, posts, cards, devices, the inbox, and whether an export was requested."""

    handle: str
    register: Register = field(default_factory=Register)
    row_id: int = 0
    id: str = ""
    posts: list[Post] = field(default_factory=list[Post])
    ordered: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Row ids and keys of the posts with known row ids, oldest first."""

    cards: dict[str, Register] = field(default_factory=dict[str, Register])
    """The payment methods, by their last four digits."""

    devices: dict[str, Register] = field(default_factory=dict[str, Register])
    push: dict[str, Register] = field(default_factory=dict[str, Register])
    export: Register = field(default_factory=Register)
    inbox: list[int] = field(default_factory=list[int])
    """The row ids of the notifications that a direct read of the database has seen, oldest first."""

    notifications: dict[int, Told] = field(default_factory=dict[int, Told])
    """The notifications that the user has marked or archived, by row id."""

    marked_up_to: int = 0
    """The highest row id up to which a mark was sent. It may include notifications that are not known yet."""

    push_of_likes: Register = field(default_factory=Register)
    deleting: bool = False
    """Whether the deletion of the account has been sent."""

    def told(self, row_id: int) -> Told | None:
        """Returns a notification to write. None if an earlier mark may have included it, unknown at that time."""
        if row_id not in self.notifications and row_id <= self.marked_up_to:
            return None
        return self.notifications.setdefault(row_id, Told())

    def may_be_listed(self, row_id: int) -> bool:
        """Returns whether no archiving of a notification was sent."""
        return row_id not in self.notifications or self.notifications[row_id].listed.is_settled(1)


class History:
    """Holds all subjects. `follows` and `blocks` have a register for each pair: the acting user, then the other."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.payments = Payments()
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.follows: dict[str, dict[str, Register]] = defaultdict(dict)
        self.followers: dict[str, dict[str, Register]] = defaultdict(dict)
        self._blocks: dict[tuple[str, str], Register] = {}
        self.blocked: dict[str, dict[str, Register]] = defaultdict(dict)
        self._by_id: dict[str, User | Post | Comment] = {}
        self.users_by_row: dict[int, User] = {}
        self.posts_by_row: dict[int, Post] = {}
        self._parts: dict[str, GlobalId] = {}

    def parts(self, text: str) -> GlobalId:
        """Returns the parts of a global id."""
        if text not in self._parts:
            self._parts[text] = read_global_id(text, "id")
        return self._parts[text]

    def add_user(self, handle: str) -> User:
        return self.users.setdefault(handle, User(handle))

    def add_post(self, key: str, author: User) -> Post:
        post = self.posts[key] = Post(key, author.handle)
        author.posts.append(post)
        return post

    def add_comment(self, key: str, author: str, post: Post) -> Comment:
        comment = self.comments[key] = Comment(key, author, post)
        post.comments.append(comment)
        return comment

    def bind(self, subject: User | Post | Comment, text: str) -> bool:
        """Notes the id of a subject. Returns whether it has no other id."""
        if subject.id:
            return subject.id == text
        subject.id, subject.row_id = text, self.parts(text).id
        self._by_id[text] = subject
        if isinstance(subject, User):
            self.users_by_row[subject.row_id] = subject
        elif isinstance(subject, Post):
            self.posts_by_row[subject.row_id] = subject
            insort(self.users[subject.author].ordered, (subject.row_id, subject.key))
        else:
            insort(subject.post.ordered, (subject.row_id, subject))
        return True

    def of_id(self, text: str) -> User | Post | Comment | None:
        return self._by_id.get(text)

    def follow(self, follower: str, author: str) -> Register:
        found = self.follows[follower].get(author)
        if found is None:
            found = self.follows[follower][author] = self.followers[author][follower] = Register()
        return found

    def block(self, blocker: str, other: str) -> Register:
        found = self._blocks.get((blocker, other))
        if found is None:
            found = self._blocks[blocker, other] = self.blocked[blocker][other] = Register()
        return found

    def like(self, user: str, post: Post) -> Register:
        if user not in post.likes:
            post.likes[user] = Register()
        return post.likes[user]

    def blocks_between(self, viewer: str | None, other: str) -> Iterator[Register]:
        """Yields the blocks between two users that were written, in both directions."""
        for pair in ((viewer, other), (other, viewer)):
            if pair in self._blocks:
                yield self._blocks[pair]  # type: ignore[index] - a pair with None is not in it

    def may_be_blocked(self, viewer: str | None, other: str, since: float, until: float) -> bool:
        """Returns whether a read may find a block between the two."""
        return any(block.may_be_present(since, until) for block in self.blocks_between(viewer, other))
