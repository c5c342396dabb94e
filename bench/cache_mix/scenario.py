"""The sequence of requests: which person sends which operation about whom. It is the same for each server.

People and subjects follow a power law: the first ones are drawn far more often than the last.
"""

import json
import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from graphql import OperationDefinitionNode, parse, print_ast

from bench.cache_mix.database import Subject
from bench.world import PROJECT

SHARES: Mapping[str, float] = {
    "Home": 60,
    "Thread": 15,
    "Profile": 10,
    "Inbox": 10,
    "LikePost": 2,
    "AddComment": 1,
    "PublishPost": 0.5,
    "UnlikePost": 0.5,
    "FollowUser": 0.5,
    "UnfollowUser": 0.3,
    "UpdateProfile": 0.2,
}
"""The operations, in per cent of all requests."""

READS = ("Home", "Thread", "Profile", "Inbox")

_STEEPNESS = 3
_FILES = ("home", "feed", "notifications", "account")


class Sent(NamedTuple):
    """A request: the index of the person who sends it, the operation and the body."""

    person: int
    operation: str
    body: bytes


class Scenario:
    """Draws requests. Two scenarios with the same seed draw the same ones."""

    def __init__(self, people: int, subjects: Sequence[Subject], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - not for secrets
        self._people = people
        self._subjects = subjects
        self._liked: dict[int, list[str]] = {}
        self._followed: dict[int, list[str]] = {}
        self._number = 0

    def pause(self, rate: float) -> float:
        """Returns the seconds to the next request, of `rate` requests per second at random instants."""
        return self._chance.expovariate(rate)

    def draw(self) -> Sent:
        self._number += 1
        (operation,) = self._chance.choices(list(SHARES), list(SHARES.values()))
        person, subject = self._power_law(self._people), self._subjects[self._power_law(len(self._subjects))]
        return self._sent(person, operation, subject)

    def _power_law(self, count: int) -> int:
        return int(count * self._chance.random() ** _STEEPNESS)

    def _sent(self, person: int, operation: str, subject: Subject) -> Sent:
        post, text = self._chance.choice(subject.posts), f"Number {self._number} of the measurement."
        liked, followed = self._liked.setdefault(person, []), self._followed.setdefault(person, [])
        # A person can only unlike or unfollow what the same person has liked or followed before.
        if operation == "UnlikePost":
            operation, post = (operation, liked.pop()) if liked else ("LikePost", post)
        user = subject.node
        if operation == "UnfollowUser":
            operation, user = (operation, followed.pop()) if followed else ("FollowUser", user)
        if operation == "LikePost":
            liked.append(post)
        if operation == "FollowUser":
            followed.append(user)
        given = _variables(operation, {"postId": post, "userId": user, "handle": subject.handle, "text": text})
        message = {"query": _documents()[operation], "operationName": operation, "variables": given}
        return Sent(person, operation, json.dumps(message).encode())


_ARGUMENTS: Mapping[str, Mapping[str, str]] = {"Thread": {"postId": "postId"}, "Profile": {"handle": "handle"}}
_INPUTS: Mapping[str, Mapping[str, str]] = {
    "LikePost": {"postId": "postId"},
    "UnlikePost": {"postId": "postId"},
    "AddComment": {"postId": "postId", "body": "text"},
    "PublishPost": {"body": "text"},
    "FollowUser": {"userId": "userId"},
    "UnfollowUser": {"userId": "userId"},
    "UpdateProfile": {"bio": "text"},
}
"""The variables of reads and the fields of the inputs of writes, with the name of their value."""


def _variables(operation: str, values: Mapping[str, str]) -> Mapping[str, Any]:
    if operation in _INPUTS:
        return {"input": {field: values[value] for field, value in _INPUTS[operation].items()}}
    return {name: values[value] for name, value in _ARGUMENTS.get(operation, {}).items()}


@cache
def _documents() -> Mapping[str, str]:
    """Returns the text of each operation, as an app sends it."""
    found: dict[str, str] = {}
    for file in _FILES:
        for definition in parse((PROJECT / f"schema-operations/{file}.graphql").read_text()).definitions:
            if isinstance(definition, OperationDefinitionNode) and definition.name and definition.name.value in SHARES:
                found[definition.name.value] = print_ast(definition)
    return found
