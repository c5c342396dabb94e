"""Copies of the seeded database, its readers, and the users and posts that they read and write about."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.fan_out.copy import vacuum
from bench.world import BenchError, World, connected, say
from core.global_ids import global_id

_POSTS = 3
_SUBJECTS = (
    "SELECT u.id, u.handle, ARRAY(SELECT p.id FROM posts p WHERE p.author_id = u.id AND p.deleted_at IS NULL "
    "ORDER BY p.id DESC LIMIT $1) AS posts FROM users u ORDER BY u.id"
)


class Subject(NamedTuple):
    """A user, the global id of the user, and those of the user's newest posts."""

    user_id: int
    handle: str
    node: str
    posts: Sequence[str]


@asynccontextmanager
async def copies(admin_url: str, world: World, names: Sequence[str]) -> AsyncGenerator[list[str]]:
    """Yields the URLs of copies of a seeded database. Drops them at the end."""
    template = urlsplit(world.url).path.removeprefix("/")
    databases = [f"{template}_{name}_{os.getpid()}" for name in names]
    urls = [urlsplit(admin_url)._replace(path=f"/{database}").geturl() for database in databases]
    async with connected(admin_url) as connection:
        try:
            for database, url in zip(databases, urls, strict=True):
                say(f"{database}: a copy of {template}")
                await connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
                await vacuum(url)
            yield urls
        finally:
            for database in databases:
                await connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


async def read_subjects(url: str) -> list[Subject]:
    """Returns all users. The first have the most followers."""
    async with connected(url) as connection:
        rows = await connection.fetch(_SUBJECTS, _POSTS)
    if not all(row["posts"] for row in rows):
        raise BenchError("a user of the seeded database has no posts")
    return [
        Subject(
            row["id"],
            row["handle"],
            global_id("User", row["id"], row["id"]),
            [global_id("Post", row["id"], post_id) for post_id in row["posts"]],
        )
        for row in rows
    ]
