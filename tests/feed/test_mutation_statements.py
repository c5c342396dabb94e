"""Tests the number of statements of each mutation, at first and when it is repeated."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from tests.support.client import Client
from tests.support.feed import act, comment, document, field_of, person, post_of


class Write(NamedTuple):
    """Describes a mutation that ben sends repeatedly. `POST` and the like are placeholders for ids."""

    name: str
    sent: dict[str, Any]
    statements: tuple[int, ...]
    before: Mapping[str, dict[str, Any]] = {}
    """Mutations of ben's that come first and are not counted."""
    succeeds: bool = True


KEY = {"idempotencyKey": "a-key"}

WRITES = [
    # The post, its place in the feed, the count, the post as it is read, the log.
    Write("PublishPost", {"body": "New"}, (5, 5)),
    # The key is one more; then the key, what it made, and that as it is read; then it is only compared.
    Write("PublishPost", {"body": "New", **KEY}, (6, 3, 3)),
    Write("PublishPost", {"body": "Other", **KEY}, (2, 2), {"PublishPost": {"body": "New", **KEY}}, succeeds=False),
    Write("PublishPost", {"body": " "}, (0, 0), succeeds=False),
    # The post, as it is read, the log; without the log when it has the text already.
    Write("EditPost", {"postId": "BENS", "body": "Edited"}, (3, 2)),
    # Whether it can be seen.
    Write("EditPost", {"postId": "ANAS", "body": "Edited"}, (1, 1), succeeds=False),
    # The post, the count, the log; then the post, and whether it was there.
    Write("DeletePost", {"postId": "BENS"}, (3, 2)),
    Write("DeletePost", {"postId": "ANAS"}, (1, 1), succeeds=False),
    # The comment, the count, as it is read, the log; its post and blocks, for the answer.
    Write("AddComment", {"postId": "ANAS", "body": "New"}, (6, 6)),
    Write("AddComment", {"postId": "ANAS", "body": "New", **KEY}, (7, 5, 5)),
    # The comment, the count, its post as it is read, the log; then the comment, whether it was there, its post.
    Write("DeleteComment", {"commentId": "COMMENT"}, (4, 3)),
    # The like, the count, the post as it is read, the log; then the like and the post.
    Write("LikePost", {"postId": "ANAS"}, (4, 2)),
    Write("UnlikePost", {"postId": "ANAS"}, (4, 2), {"LikePost": {"postId": "ANAS"}}),
    # Being alone, the person, the follow, the counts, the log; the counts as they are read, for the answer.
    Write("FollowUser", {"userId": "ANA"}, (6, 4), {"UnfollowUser": {"userId": "ANA"}}),
    # The same without being alone.
    Write("UnfollowUser", {"userId": "ANA"}, (5, 3)),
    # Being alone, the person, the block, a follow each way, the counts, the log; blocks, for the answer.
    Write("BlockUser", {"userId": "ANA"}, (8, 4)),
    # The person, the block, the log; blocks, for the answer.
    Write("UnblockUser", {"userId": "ANA"}, (5, 4), {"BlockUser": {"userId": "ANA"}}),
]


async def ids(client: Client) -> dict[str, str]:
    anas = await post_of(client, "ana", unliked_by="ben")
    return {
        "ANA": (await person(client, "ana")).id,
        "ANAS": anas.id,
        "BENS": (await post_of(client, "ben")).id,
        "COMMENT": (await comment(client, "ben", anas)).id,
    }


@pytest.mark.parametrize("write", WRITES, ids=[f"{write.name}-{number}" for number, write in enumerate(WRITES)])
async def test_a_mutation_takes_the_same_statements_on_every_engine(
    client: Client, statements: list[str], write: Write
) -> None:
    known = await ids(client)

    def filled(sent: dict[str, Any]) -> dict[str, Any]:
        return {name: known.get(value, value) for name, value in sent.items()}

    for name, sent in write.before.items():
        await act(client, name, "ben", **filled(sent))
    token = await client.token("ben")
    taken: list[int] = []
    for _ in write.statements:
        statements.clear()
        answer = (await client.post(document(write.name), {"input": filled(write.sent)}, token=token)).json()
        succeeded = answer["data"][field_of(write.name)]["__typename"] == f"{write.name}Success"
        assert succeeded is write.succeeds, answer
        taken.append(len(statements))
    assert tuple(taken) == write.statements, statements
