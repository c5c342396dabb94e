"""The release before runs beside this one: servers and workers of both on the tables of this release and one Redis."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient

from services.maintenance.migrations import migrate, pending_migrations
from services.relay import measure_lag
from services.resources import Resources, open_resources
from tests.support.engines import Engine
from tests.support.jobs import rows
from tests.support.redis_servers import redis_server
from tests.support.timing import no_hang, settings_for
from tests.upgrades.support.app import PASSWORD, App, shipped_operations
from tests.upgrades.support.releases import (
    Deployment,
    Release,
    deployed,
    environment_of,
    present_release,
    previous_release,
)

READS = ["Home", "Devices", "SecurityHistory", "Inbox", "WalletScreen", "BlockedUsers", "Sync", "DataExport"]


def posts_of(data: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in data["viewer"]["feed"]["edges"]]


def kinds_of(data: dict[str, Any]) -> list[str]:
    return sorted(edge["node"]["kind"] for edge in data["viewer"]["notifications"]["edges"])


async def acts(write: AsyncClient, read: AsyncClient, people: Sequence[App]) -> None:
    """Writes on one server what the running workers project, and reads it on another one."""
    author, reader, leaver = people
    for person in people:
        await person.signs_up(write)
    await reader.does(read, "FollowUser", userId=author.id)
    post = (await author.does(write, "PublishPost", body="Hello"))["post"]["id"]
    await reader.until(read, lambda data: post in posts_of(data), "FeedPage", first=50)
    await reader.does(read, "LikePost", postId=post)
    await reader.does(write, "AddComment", postId=post, body="Nice")
    await author.does(write, "EditPost", postId=post, body="Hello again")
    await author.until(read, lambda data: kinds_of(data) == ["COMMENT", "FOLLOW", "LIKE"], "Inbox")
    await author.does(read, "MarkNotificationsSeen", upTo=await newest(author, write))
    thread = (await reader.reads(read, "Thread", postId=post))["node"]
    assert (thread["body"], thread["likeCount"], thread["commentCount"]) == ("Hello again", 1, 1)
    await author.does(write, "UpdateProfile", bio="Writes")
    assert (await reader.reads(read, "Profile", handle=author.handle))["user"]["bio"] == "Writes"
    await author.does(read, "BlockUser", userId=leaver.id)
    await author.does(write, "UnblockUser", userId=leaver.id)
    await reader.does(write, "RequestDataExport", password=PASSWORD)
    await reader.until(read, lambda data: data["viewer"]["dataExport"]["status"] == "READY", "DataExport")
    await leaver.does(write, "DeleteAccount", password=PASSWORD)


async def newest(person: App, server: AsyncClient) -> str:
    return (await person.reads(server, "Inbox"))["viewer"]["notifications"]["edges"][0]["node"]["id"]


def people_of(operations: dict[str, str], name: str) -> list[App]:
    return [App(operations, f"{name}_{role}") for role in ("author", "reader", "leaver")]


async def projected(resources: Resources) -> None:
    """Waits until all events are projected, and all jobs that are due are done."""
    async with no_hang():
        while await waiting(resources):  # noqa: ASYNC110 - tables are watched
            await asyncio.sleep(0.05)


async def waiting(resources: Resources) -> bool:
    if (await measure_lag(resources.database, resources.clock())).events:
        return True
    return any(job["due_at"] <= resources.clock() for job in await rows(resources, "jobs"))


async def side_by_side(deployment: Deployment, previous: Release, present: Release) -> None:
    """Lets each release's worker alone project what the other's server wrote, and both together what both wrote."""
    operations = shipped_operations(previous.folder)
    old, new = deployment.servers[previous.name], deployment.servers[present.name]
    first, second, third, fourth = (people_of(operations, name) for name in ("first", "second", "third", "fourth"))
    async with AsyncExitStack() as newer:
        async with deployment.worker(previous):
            await acts(new, old, first)
            await newer.enter_async_context(deployment.worker(present))
            await asyncio.gather(acts(old, new, second), acts(new, old, third))
        await acts(old, new, fourth)
        for person, server in itertools.product([first[0], second[1], third[0], fourth[1]], (old, new)):
            await asyncio.gather(*(person.reads(server, name) for name in READS))
        async with open_resources(settings_for(deployment.environment["BFF_DATABASE_URL"])) as resources:
            await projected(resources)


async def test_servers_and_workers_of_two_releases_work_on_the_same_tables(engine: Engine, tmp_path: Path) -> None:
    previous, present = previous_release(tmp_path / "previous"), present_release()
    async with engine.empty() as url, redis_server(tmp_path) as redis:
        environment = environment_of(url, redis.url)
        previous.run(environment, "-m", "cli.main", "migrate")
        async with open_resources(settings_for(url)) as resources:
            await migrate(resources.database, lambda _name: None)
            assert await pending_migrations(resources.database) == []
        async with deployed([previous, present], environment, tmp_path) as deployment:
            await side_by_side(deployment, previous, present)
        async with open_resources(settings_for(url)) as resources:
            assert [await rows(resources, table) for table in ("dead_events", "dead_jobs")] == [[], []]
            log = [row["type"] for row in await rows(resources, "event_log")]
            assert [log.count(kind) for kind in ("PersonJoined", "PostPublished", "AccountDeleted")] == [12, 4, 4]
