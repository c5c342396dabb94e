"""A process that publishes posts through the product's services: `python -m bench.fan_out.publisher`.

Reads what to do as one JSON on its input. Writes a line for each post when it is published.
"""

import asyncio
import sys
import time

import msgspec
import uvloop

from cli.serve import rest_garbage_collection
from core.settings import Settings
from core.viewer import SignedIn
from services.feed import PublishPost, publish_post
from services.resources import Resources, open_resources
from services.unit_of_work import unit_of_work

_SOON = 0.2


class Order(msgspec.Struct, frozen=True):
    """What to publish: at which second, and by whom; and how many at a time, however late they are then."""

    database_url: str
    push_followers: int
    posts: list[tuple[float, int]]
    at_most: int


class Published(msgspec.Struct, frozen=True, array_like=True):
    """Which post of the order it was, its id, and when it was due, begun and answered, by the system's clock."""

    number: int
    post_id: int
    due: float
    begun: float
    answered: float


async def main(order: Order) -> None:
    # The process stands for `bff serve`: its loop, its pool, and its garbage collection.
    settings = Settings(database_url=order.database_url, push_followers=order.push_followers)
    async with open_resources(settings) as resources:
        connecting = (
            resources.database.fetch("SELECT 1 AS one FROM pg_sleep(0.1)") for _ in range(settings.database_pool)
        )
        await asyncio.gather(*connecting)
        rest_garbage_collection()
        start, room = time.perf_counter() + _SOON, asyncio.Semaphore(order.at_most)
        async with asyncio.TaskGroup() as tasks:
            for number, (offset, author) in enumerate(order.posts):
                await asyncio.sleep(max(start + offset - time.perf_counter(), 0))
                await room.acquire()
                tasks.create_task(_publish(resources, room, number, author, start + offset))


async def _publish(resources: Resources, room: asyncio.Semaphore, number: int, author: int, due: float) -> None:
    begun = time.perf_counter()
    async with unit_of_work(resources) as work:
        made = await publish_post(SignedIn(author, device_id=1), work, resources, PublishPost(f"Number {number}."))
    published = Published(number, made["post"]["id"], due, begun, time.perf_counter())
    sys.stdout.buffer.write(msgspec.json.encode(published) + b"\n")
    sys.stdout.buffer.flush()
    room.release()


if __name__ == "__main__":
    try:
        uvloop.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Order)))
    except* Exception as errors:
        sys.exit(repr(errors.exceptions[0]))
