"""Publishes posts through the product's services, in a process of its own: `python -m bench.fan_out.publisher`.

Reads an `Order` as JSON from standard input. Writes one line for each published post.
"""

import asyncio
import sys
import time
from collections.abc import Sequence

import msgspec
import uvloop

from bench.fan_out.bulk import publish_together
from cli.runtime import tune_garbage_collection
from core.errors import Unavailable
from core.settings import Settings
from core.viewer import SignedIn
from services.feed import PublishPost, publish_post
from services.resources import Resources, open_resources
from services.unit_of_work import unit_of_work

REJECTED = 0

_SOON = 0.2


class Order(msgspec.Struct, frozen=True):
    """Lists the posts by offset in seconds and author, and the maximum of concurrent publications.

    One transaction writes `together` posts, when the last of them is due.
    """

    database_url: str
    push_followers: int
    posts: list[tuple[float, int]]
    at_most: int
    together: int


class Published(msgspec.Struct, frozen=True, array_like=True):
    """Holds the number of a post in the order, its id, and the instants at which it was due, begun and answered.

    The id is `REJECTED` when the product was unavailable.
    """

    number: int
    post_id: int
    due: float
    begun: float
    answered: float


async def main(order: Order) -> None:
    # The process has the event loop, pool and garbage collection of `bff serve`.
    settings = Settings(database_url=order.database_url, push_followers=order.push_followers)
    async with open_resources(settings) as resources:
        connecting = (
            resources.database.fetch("SELECT 1 AS one FROM pg_sleep(0.1)") for _ in range(settings.database_pool)
        )
        await asyncio.gather(*connecting)
        tune_garbage_collection()
        start, room = time.perf_counter() + _SOON, asyncio.Semaphore(order.at_most)
        async with asyncio.TaskGroup() as tasks:
            for number in range(0, len(order.posts), order.together):
                posts = order.posts[number : number + order.together]
                due = start + posts[-1][0]
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                await room.acquire()
                tasks.create_task(_publish(resources, room, number, [author for _, author in posts], due))


async def _publish(
    resources: Resources, room: asyncio.Semaphore, first: int, authors: Sequence[int], due: float
) -> None:
    begun = time.perf_counter()
    try:
        post_ids = await (_one(resources, *authors) if len(authors) == 1 else publish_together(resources, authors))
    except Unavailable:
        post_ids = [REJECTED] * len(authors)
    answered = time.perf_counter()
    for number, post_id in enumerate(post_ids, first):
        published = Published(number, post_id, due, begun, answered)
        sys.stdout.buffer.write(msgspec.json.encode(published) + b"\n")
    sys.stdout.buffer.flush()
    room.release()


async def _one(resources: Resources, author: int) -> list[int]:
    async with unit_of_work(resources) as work:
        result = await publish_post(SignedIn(author, device_id=1), work, resources, PublishPost("A post."))
    return [result["post"]["id"]]


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Order)))
