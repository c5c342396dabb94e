"""A copy of a seeded world, for one run, and who publishes in it."""

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg

from bench.world import BenchError, connected, open_world, say
from core.clock import system_clock
from core.settings import Settings
from services.event_log.counts import CountChange, add_to_folded
from services.resources import open_resources

_FOLLOWERS = (
    "SELECT u.id, (SELECT array_agg(f.owner_id) FROM follows f WHERE f.followee_id = u.id "
    "AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.owner_id = f.owner_id AND v.last_at < $1)) AS readers, "
    "COALESCE(c.followers, 0) AS followers FROM users u LEFT JOIN user_counts c ON c.user_id = u.id ORDER BY u.id"
)


@dataclass(frozen=True, slots=True)
class People:
    """Ordinary authors, the readers in whose feeds their posts come, and one author whom everybody follows."""

    authors: Sequence[int]
    readers: Mapping[int, Sequence[int]]
    popular: int
    followers_of_popular: int


@dataclass(frozen=True, slots=True)
class Copy:
    """The database of this run, and whose posts are pushed in it."""

    url: str
    push_followers: int
    people: People


@asynccontextmanager
async def copied(admin_url: str, people: int) -> AsyncGenerator[Copy]:
    """A copy of the seeded world of so many people, gone in the end. Somebody in it has everybody as a follower."""
    world = await open_world(admin_url, people)
    name = f"bff_bench_fan_out_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    push_followers = min(Settings().push_followers, people // 10)
    say(f"{name}: a copy of bff_bench_{people}")
    try:
        await _on(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "bff_bench_{people}"')
        popular = world.asking[-1]
        followers = await have_everybody_follow(url, popular)
        await vacuum(url)
        yield Copy(url, push_followers, await _people(url, push_followers, popular, followers))
    finally:
        await _on(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def vacuum(url: str) -> None:
    """What PostgreSQL does by itself now and then where it is let, and would do in the middle of something else."""
    await _on(url, "VACUUM (ANALYZE)")


async def _on(url: str, statement: str) -> None:
    async with connected(url) as connection:
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            raise BenchError(f"{statement}: {error}") from error


async def have_everybody_follow(url: str, popular: int) -> int:
    """As many followers as there are others; no event tells of them."""
    async with open_resources(Settings(database_url=url)) as resources, resources.database.transaction() as transaction:
        new = await transaction.fetch(
            "SELECT u.id FROM users u WHERE u.id <> $1 "
            "AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.owner_id = u.id AND f.followee_id = $1)",
            popular,
        )
        now, followers = resources.clock(), [row["id"] for row in new]
        rows = [(follower, popular, resources.ids.next(), now) for follower in followers]
        await transaction.copy("follows", ("owner_id", "followee_id", "id", "created_at"), rows)
        following = [CountChange(follower, follower, "following", 1) for follower in followers]
        await add_to_folded(transaction, [CountChange(popular, popular, "followers", len(followers)), *following])
        (row,) = await transaction.fetch("SELECT followers FROM user_counts WHERE user_id = $1", popular)
        return row["followers"]


async def _people(url: str, push_followers: int, popular: int, followers: int) -> People:
    away = timedelta(days=Settings().away_days)
    async with connected(url) as connection:
        rows = await connection.fetch(_FOLLOWERS, system_clock() - away)
    ordinary: dict[int, list[int]] = {
        row["id"]: row["readers"] or [] for row in rows if row["followers"] <= push_followers
    }
    return People(list(ordinary), ordinary, popular, followers)
