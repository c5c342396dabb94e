"""Contains apps that write, and repeat requests without a response."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from httpx2 import AsyncClient, TransportError

from core.global_ids import global_id, read_global_id
from tests.support.client import operation
from tests.support.feed import field_of

_AGAIN_AFTER = 0.05
_RETRYABLE = {"UNAVAILABLE", "OVERLOADED"}

WEIGHTS = {"PublishPost": 4, "AddComment": 4, "LikePost": 5, "UnlikePost": 3, "FollowUser": 2, "UnfollowUser": 2} | {
    "DeletePost": 1
}
DOCUMENTS = {name: operation("feed.graphql", name) for name in WEIGHTS}


class Row(NamedTuple):
    """Holds an owner and an id."""

    owner_id: int
    id: int


@dataclass
class Acknowledged:
    """Holds the acknowledged writes. `likes` and `follows` hold the last action of each person per post and person.

    A comment is `unsure` when the app repeated it, and its post was gone by then: it may be there, under that post.
    """

    posts: dict[str, Row] = field(default_factory=dict[str, Row])
    comments: dict[str, Row] = field(default_factory=dict[str, Row])
    unsure: set[str] = field(default_factory=set[str])
    deleted: set[Row] = field(default_factory=set[Row])
    likes: dict[tuple[int, Row], bool] = field(default_factory=dict[tuple[int, Row], bool])
    follows: dict[tuple[int, int], bool] = field(default_factory=dict[tuple[int, int], bool])
    acknowledged: int = 0
    repeated: int = 0
    wrong: list[str] = field(default_factory=list[str])


class Person:
    """Sends one request at a time, and repeats it until there is a response."""

    def __init__(self, http: AsyncClient, user_id: int, token: str, chance: Random) -> None:
        self._http = http
        self.user_id = user_id
        self._headers = {"Authorization": f"Bearer {token}"}
        self._chance = chance
        self._number = 0

    async def write(self, told: Acknowledged, people: Sequence[int], stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            (name,) = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            sent = self._input(name, told, people)
            if sent is not None:
                answer = await self._send(name, sent, told)
                self._note(name, sent, answer, told)
            await asyncio.sleep(self._chance.random() * 0.02)

    def _input(self, name: str, told: Acknowledged, people: Sequence[int]) -> dict[str, Any] | None:
        self._number += 1
        key = f"{self.user_id}-{self._number}"
        if name == "PublishPost":
            return {"body": key, "idempotencyKey": key}
        if name in ("FollowUser", "UnfollowUser"):
            other = self._chance.choice([person for person in people if person != self.user_id])
            return {"userId": global_id("User", other, other)}
        mine = [row for row in told.posts.values() if name != "DeletePost" or row.owner_id == self.user_id]
        posts = [row for row in mine if row not in told.deleted]
        if not posts:
            return None
        post = global_id("Post", *self._chance.choice(posts))
        return {"postId": post, "body": key, "idempotencyKey": key} if name == "AddComment" else {"postId": post}

    async def _send(self, name: str, sent: dict[str, Any], told: Acknowledged) -> dict[str, Any]:
        body = {"query": DOCUMENTS[name], "variables": {"input": sent}}
        while True:
            try:
                answer: dict[str, Any] = (await self._http.post("/graphql", json=body, headers=self._headers)).json()
            except (TransportError, ValueError):
                answer = {"errors": [{"extensions": {"code": "UNAVAILABLE"}}]}
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            if not codes:
                told.acknowledged += 1
                return answer["data"][field_of(name)]
            if codes - _RETRYABLE:
                told.wrong.append(f"{name}: {answer['errors']}")
            told.repeated += 1
            await asyncio.sleep(_AGAIN_AFTER)

    def _note(self, name: str, sent: dict[str, Any], answer: dict[str, Any], told: Acknowledged) -> None:
        """A post may be deleted by its author while another comments on it or likes it."""
        if answer["__typename"] == "NotFoundProblem" and name in ("AddComment", "LikePost", "UnlikePost"):
            if name == "AddComment":
                told.unsure.add(sent["body"])
            return
        if answer["__typename"] != f"{name}Success":
            told.wrong.append(f"{name}: {answer}")
        elif name == "PublishPost":
            told.posts[sent["body"]] = _row(answer["post"]["id"])
        elif name == "AddComment":
            told.comments[sent["body"]] = _row(answer["comment"]["id"])
        elif name == "DeletePost":
            told.deleted.add(_row(sent["postId"]))
        elif name in ("LikePost", "UnlikePost"):
            told.likes[self.user_id, _row(sent["postId"])] = name == "LikePost"
        else:
            told.follows[self.user_id, _row(sent["userId"]).id] = name == "FollowUser"


def _row(text: str) -> Row:
    found = read_global_id(text, "id")
    return Row(found.owner_id, found.id)
