"""Compares every response with what an uncached read could have returned after the request arrived."""

from typing import Any

from tests.response_cache.support.counts import Counts
from tests.response_cache.support.faults import Faults, Read
from tests.response_cache.support.fields import nodes_of, number_of_avatar, number_of_bio
from tests.response_cache.support.history import Comment, History, Post, User, Version, read_version
from tests.response_cache.support.inbox_checks import InboxChecks
from tests.response_cache.support.lists import Absences
from tests.response_cache.support.payment_checks import PaymentChecks
from tests.response_cache.support.payments import Payment
from tests.response_cache.support.projected import Projected

Json = dict[str, Any]
COMPLETE = 20
"""The default length of pages. Lists of blocked users and devices are shorter, so their first page is complete."""


class Checker:
    """Checks responses in the order in which they arrive. What a response has shown, later reads may not undo."""

    def __init__(self, history: History, projected: Projected, max_age: float) -> None:
        self.faults = Faults()
        self.counts = Counts(history, self.faults, max_age)
        self._history = history
        self._projected = projected
        self._absences = Absences(history, projected, self.faults)
        self._inboxes = InboxChecks(history, projected, self._absences, self.faults)
        self.payments = PaymentChecks(history, self._absences, self.faults, self._user, self._content)
        self.facts = 0
        """The number of users, posts and comments in the responses."""

    def check(self, read: Read, data: Json) -> None:
        if "viewer" in data:
            self._viewer(data["viewer"], read)
        if "user" in data:
            self._user_or_none(read.variables["handle"], data["user"], read)
        if "node" in data:
            node_id = read.variables.get("postId") or read.variables["id"]
            self._node(node_id, data["node"], read)
        for node_id, node in zip(read.variables.get("ids", ()), data.get("nodes", ()), strict=True):
            self._node(node_id, node, read)

    def _node(self, node_id: str, node: Json | None, read: Read) -> None:
        subject = self._history.of_id(node_id) or self._history.payments.of_id(node_id)
        if node is not None:
            if node["id"] != node_id:
                self.faults.add("node", node_id, read, node["id"], node_id)
            self._object(node, read)
        elif isinstance(subject, Payment):
            self.payments.absent(subject, read)
        elif isinstance(subject, User):
            self._absent("user", subject.handle, read, possible=self._absences.user_may_be_hidden(subject, read))
        elif isinstance(subject, Post):
            self._absent("post", subject.key, read, possible=self._absences.post_may_be_hidden(subject, read))
        elif isinstance(subject, Comment):
            hidden = self._absences.comment_may_be_hidden(subject, read)
            possible = hidden or self._absences.post_may_be_hidden(subject.post, read)
            self._absent("comment", subject.key, read, possible=possible)

    def _absent(self, kind: str, subject: str, read: Read, *, possible: bool) -> None:
        if not possible:
            self.faults.add(kind, subject, read, "absent", "present")

    def _object(self, node: Json, read: Read) -> None:
        typename = self._history.parts(node["id"]).typename
        if typename == "User":
            self._user(node, read)
        elif typename == "Post":
            self._post(node, read)
        elif typename == "Comment":
            self._comment(node, read)
        elif typename == "Payment":
            self.payments.payment(node, read)

    def _user_or_none(self, handle: str, node: Json | None, read: Read) -> None:
        if node is not None:
            self._user(node, read)
            return
        user = self._history.users[handle]
        self._absent("user", handle, read, possible=self._absences.user_may_be_hidden(user, read))

    def _user(self, node: Json, read: Read) -> User | None:
        """Checks a user wherever one is shown, and returns the one of the history."""
        self.facts += 1
        version = read_version(node["name"]) if "name" in node else None
        key = node.get("handle") or (version.key if version else None)
        user = self._history.users.get(key or "")
        if user is None or ("name" in node and (version is None or version.key != user.handle)):
            self.faults.add("user", str(key), read, node, "a user that was written")
            return None
        if not self._history.bind(user, node["id"]):
            self.faults.add("id of user", user.handle, read, node["id"], user.id)
        self._check_version(user, version, read)
        blocker = self._history.blocked[user.handle].get(read.viewer or "")
        if blocker is not None:
            self.faults.observe("block of the viewer", f"{user.handle} by {read.viewer}", read, blocker, 0)
        self._profile(user, node, read)
        return user

    def _check_version(self, user: User, version: Version | None, read: Read) -> None:
        if version is None:
            self.faults.observe_present("deleted user", user.handle, read, user.register)
        else:
            self.faults.observe("name", user.handle, read, user.register, version.number)

    def _profile(self, user: User, node: Json, read: Read) -> None:
        own = None if read.viewer is None else self._history.blocked[read.viewer].get(user.handle)
        is_reduced = own is not None and own.may_be_present(read.since, read.until)
        if "avatarUrl" in node:
            self._field(user, "avatarUrl", number_of_avatar(node["avatarUrl"]), read)
        if "bio" in node and not (is_reduced and node["bio"] is None):
            self._field(user, "bio", number_of_bio(node["bio"]), read)
        if "followedByViewer" in node:
            self._flag("followedByViewer", user, read, node["followedByViewer"])
        if "blockedByViewer" in node:
            self._flag("blockedByViewer", user, read, node["blockedByViewer"])
        if not is_reduced:
            self._user_counts(user, node, read)
            self._user_lists(user, node, read)
        self._shown_in_lists(user, node, read)

    def _field(self, user: User, name: str, seen: int, read: Read) -> None:
        self.faults.observe(name, user.handle, read, user.register, seen)

    def _flag(self, name: str, user: User, read: Read, seen: object) -> None:
        if read.viewer is None:
            if seen:
                self.faults.add(name, user.handle, read, seen, "false without a viewer")
            return
        pair = self._history.follow if name == "followedByViewer" else self._history.block
        subject = f"{user.handle} by {read.viewer}"
        if not user.deleting:
            self.faults.observe(name, subject, read, pair(read.viewer, user.handle), int(bool(seen)))

    def _user_counts(self, user: User, node: Json, read: Read) -> None:
        if "postCount" in node:
            self.counts.post_count(user.handle, node["postCount"], read)
        if "followingCount" in node:
            self.counts.following_count(user.handle, node["followingCount"], read)
        if "followerCount" in node:
            self.counts.follower_count(user.handle, node["followerCount"], read)

    def _user_lists(self, user: User, node: Json, read: Read) -> None:
        if node.get("posts"):
            required = self._absences.posts_of(user.handle, node["posts"])
            self._absences.posts("post in user.posts", required, node["posts"]["edges"], read)
        if node.get("followers") and not user.deleting:
            self._absences.followers(user.handle, node["followers"], 5, read)

    def _shown_in_lists(self, user: User, node: Json, read: Read) -> None:
        for post in nodes_of(node.get("posts")):
            self._post(post, read, author=user.handle)
        for node_of_follower in nodes_of(node.get("followers")):
            follower = self._user(node_of_follower, read)
            if follower is not None:
                subject, register = (
                    f"{follower.handle} of {user.handle}",
                    self._history.follow(follower.handle, user.handle),
                )
                self.faults.observe_present("follower", subject, read, register)
                self._content("follower", follower.handle, read)

    def _content(self, kind: str, author: str, read: Read) -> None:
        """Checks that content of an author may be shown: the account exists, and there is no block."""
        self.faults.observe_present(f"{kind} of a deleted user", author, read, self._history.users[author].register)
        for block in self._history.blocks_between(read.viewer, author):
            self.faults.observe(f"{kind} in spite of a block", f"{author} for {read.viewer}", read, block, 0)

    def _post(self, node: Json, read: Read, author: str | None = None) -> Post | None:
        self.facts += 1
        version = read_version(node["body"])
        post = self._history.posts.get(version.key) if version else None
        if version is None or post is None or (author is not None and post.author != author):
            self.faults.add("post", str(node["body"]), read, node["body"], "a post that was written")
            return None
        if not self._history.bind(post, node["id"]):
            self.faults.add("id of post", post.key, read, node["id"], post.id)
        self.faults.observe("body", post.key, read, post.register, version.number)
        self._content("post", post.author, read)
        if node.get("author"):
            self._user(node["author"], read)
        self._details(post, node, read)
        return post

    def _details(self, post: Post, node: Json, read: Read) -> None:
        if "likedByViewer" in node:
            liked = post.likes.get(read.viewer or "")
            if liked is not None:
                self.faults.observe(
                    "likedByViewer", f"{post.key} by {read.viewer}", read, liked, int(node["likedByViewer"])
                )
            elif node["likedByViewer"]:
                self.faults.add("likedByViewer", f"{post.key} by {read.viewer}", read, seen=True, expected=False)
        if "likeCount" in node:
            self.counts.like_count(post, node["likeCount"], read)
        if "commentCount" in node:
            self.counts.comment_count(post, node["commentCount"], read)
        if node.get("comments"):
            first = 3 if read.operation == "Home" else COMPLETE
            self._absences.comments(post, node["comments"], first, read)
            for comment in nodes_of(node["comments"]):
                self._comment(comment, read, post)

    def _comment(self, node: Json, read: Read, post: Post | None = None) -> None:
        self.facts += 1
        comment = self._history.comments.get(node["body"])
        if comment is None or (post is not None and comment.post is not post):
            self.faults.add("comment", node["body"], read, node["body"], "a comment that was written")
            return
        if not self._history.bind(comment, node["id"]):
            self.faults.add("id of comment", comment.key, read, node["id"], comment.id)
        self.faults.observe("comment", comment.key, read, comment.register, 1)
        self.faults.observe_present("comment of a deleted post", comment.key, read, comment.post.register)
        self._content("comment", comment.author, read)
        self._content("comment", comment.post.author, read)
        if node.get("author"):
            self._user(node["author"], read)

    def _viewer(self, viewer: Json | None, read: Read) -> None:
        handle = read.viewer
        if handle is None or viewer is None:
            if handle is not None:
                possible = self._history.users[handle].register.may_be_absent(read.since, read.until)
                self._absent("viewer", handle, read, possible=possible)
            elif viewer is not None:
                self.faults.add("viewer", "anonymous", read, viewer["id"], None)
            return
        if viewer.get("user"):
            self._user(viewer["user"], read)
        if viewer.get("feed"):
            self._absences.feed(handle, viewer["feed"], read)
            for post in nodes_of(viewer["feed"]):
                self._feed_post(handle, post, read)
        self._inbox(handle, viewer, read)
        self._own_lists(handle, viewer, read)
        self.payments.viewer(handle, viewer, read)

    def _feed_post(self, viewer: str, node: Json, read: Read) -> None:
        post = self._post(node, read)
        if post is not None and post.author != viewer:
            subject, register = f"{post.key} for {viewer}", self._history.follow(viewer, post.author)
            self.faults.observe_present("post in feed without a follow", subject, read, register)

    def _inbox(self, handle: str, viewer: Json, read: Read) -> None:
        self._inboxes.viewer(handle, viewer, read)
        if viewer.get("notifications"):
            first = 10 if read.operation == "Home" else COMPLETE
            self._absences.notifications(handle, viewer["notifications"], read, first)
            for node in nodes_of(viewer["notifications"]):
                self._inboxes.notification(handle, node, read)
                self._notification(node, read)

    def _notification(self, node: Json, read: Read) -> None:
        if node["actor"]:
            actor = self._user(node["actor"], read)
            if actor is not None:
                self._content("notification", actor.handle, read)
        else:
            row = self._history.parts(node["id"]).id
            possible = self._absences.notification_may_be_hidden(row, read)
            self._absent("actor of a notification", str(row), read, possible=possible)
        if node.get("subject"):
            self._object(node["subject"], read)

    def _own_lists(self, handle: str, viewer: Json, read: Read) -> None:
        if viewer.get("blockedUsers"):
            blocked = [self._user(node, read) for node in nodes_of(viewer["blockedUsers"])]
            shown = {user.handle for user in blocked if user is not None}
            for other in shown:
                self.faults.observe("blocked user", f"{other} of {handle}", read, self._history.block(handle, other), 1)
            self._absences.members("blocked user", self._history.blocked[handle], shown, read)
        if viewer.get("devices"):
            self._devices(self._history.users[handle], nodes_of(viewer["devices"]), read)
        if "dataExport" in viewer:
            register = self._history.users[handle].export
            self.faults.observe("dataExport", handle, read, register, int(viewer["dataExport"] is not None))

    def _devices(self, user: User, nodes: list[Json], read: Read) -> None:
        for node in nodes:
            name = node["name"]
            if name not in user.devices:
                self.faults.add("device", name, read, name, "a device that was signed in")
                continue
            self.faults.observe("device", name, read, user.devices[name], 1)
            if name in user.push:
                self.faults.observe("pushEnabled", name, read, user.push[name], int(node["pushEnabled"]))
        self._absences.members("device in list", user.devices, {node["name"] for node in nodes}, read)
