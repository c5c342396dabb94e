"""Copies a seeded database for one run, and selects its authors."""

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
from services.event_log.counts import CountChange, add_to_totals
from services.resources import open_resources

_FOLLOWERS = (
    "SELECT u.id, (SELECT array_agg(f.owner_id) FROM follows f WHERE f.followee_id = u.id "
    "AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.owner_id = f.owner_id AND v.last_at < $1)) AS readers, "
    "COALESCE(c.followers, 0) AS followers FROM users u LEFT JOIN user_counts c ON c.user_id = u.id ORDER BY u.id"
)


@dataclass(frozen=True, slots=True)
class People:
    """Holds ordinary authors, the readers whose feeds receive their posts, and one author whom all others follow."""

    authors: Sequence[int]
    readers: Mapping[int, Sequence[int]]
    popular: int
    followers_of_popular: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Describes the database of a run, and the maximum followers of authors whose posts are pushed."""

    url: str
    push_followers: int
    people: People


@asynccontextmanager
async def copied(admin_url: str, people: int) -> AsyncGenerator[Copy]:
    """Yields a copy of the seeded database in which all users follow one author. Drops it at the end."""
    world = await open_world(admin_url, people)
    name = f"bff_bench_fan_out_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    push_followers = min(Settings().push_followers, people // 10)
    say(f"{name}: a copy of bff_bench_{people}")
    try:
        await _on(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "bff_bench_{people}"')
        popular = world.callers[-1]
        followers = await make_all_follow(url, popular)
        await vacuum(url)
        yield Copy(url, push_followers, await _people(url, push_followers, popular, followers))
    finally:
        await _on(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def vacuum(url: str) -> None:
    """Vacuums the database, so that autovacuum does not run during a measurement."""
    await _on(url, "VACUUM (ANALYZE)")


async def _on(url: str, statement: str) -> None:
    async with connected(url) as connection:
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            raise BenchError(f"{statement}: {error}") from error


async def make_all_follow(url: str, popular: int) -> int:
    """Makes all other users follow the author, without events. Returns the number of followers."""
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
        await add_to_totals(transaction, [CountChange(popular, popular, "followers", len(followers)), *following])
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
