import time

import pytest

from adapters.database import engines
from core.errors import SettingsError
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.maintenance.seed.world import World
from services.maintenance.seed.write import MIN_USERS, chunks
from services.resources import Resources, open_resources
from tests.support.engines import Engine
from tests.support.timing import settings_for


async def rows(resources: Resources, sql: str) -> list[dict[str, int]]:
    return await resources.database.fetch(sql)


async def test_a_seed_number_always_makes_the_same_world() -> None:
    assert list(chunks(World(1, 60))) == list(chunks(World(1, 60)))
    assert list(chunks(World(1, 60))) != list(chunks(World(2, 60)))


async def test_the_demo_people_follow_each_other_and_have_something_of_everything(resources: Resources) -> None:
    demo = "(SELECT id FROM users WHERE handle IN ('ana', 'ben', 'chi', 'dia'))"
    (follows,) = await rows(
        resources, f"SELECT COUNT(*) AS n FROM follows WHERE owner_id IN {demo} AND followee_id IN {demo}"
    )
    assert follows["n"] == 12
    for table, owner in (("posts", "author_id"), ("comments", "author_id"), ("notifications", "owner_id")):
        found = await rows(resources, f"SELECT DISTINCT {owner} AS id FROM {table} WHERE {owner} IN {demo}")
        assert len(found) == 4, table
    found = await rows(
        resources, f"SELECT owner_id, COUNT(*) AS n FROM payment_parties WHERE owner_id IN {demo} GROUP BY owner_id"
    )
    assert all(row["n"] >= 8 for row in found)
    assert len(found) == 4


async def test_counts_equal_a_recount(resources: Resources) -> None:
    assert await rows(resources, """
        SELECT p.id FROM posts p LEFT JOIN post_counts c ON c.author_id = p.author_id AND c.post_id = p.id
        WHERE c.post_id IS NULL
        OR c.likes <> (SELECT COUNT(*) FROM likes l WHERE l.owner_id = p.author_id AND l.post_id = p.id)
        OR c.comments <> (SELECT COUNT(*) FROM comments m WHERE m.owner_id = p.author_id AND m.post_id = p.id)
    """) == []  # fmt: skip
    assert await rows(resources, """
        SELECT u.id FROM users u LEFT JOIN user_counts c ON c.user_id = u.id
        WHERE c.user_id IS NULL
        OR c.followers <> (SELECT COUNT(*) FROM follows f WHERE f.followee_id = u.id)
        OR c.following <> (SELECT COUNT(*) FROM follows f WHERE f.owner_id = u.id)
        OR c.posts <> (SELECT COUNT(*) FROM posts p WHERE p.author_id = u.id)
    """) == []  # fmt: skip
    assert await rows(resources, """
        SELECT u.id FROM users u LEFT JOIN notification_counts c ON c.owner_id = u.id
        WHERE c.owner_id IS NULL
        OR c.unseen <> (SELECT COUNT(*) FROM notifications n WHERE n.owner_id = u.id AND n.seen_at IS NULL)
        OR c.unread <> (SELECT COUNT(*) FROM notifications n WHERE n.owner_id = u.id AND n.read_at IS NULL)
    """) == []  # fmt: skip


@pytest.mark.parametrize(("number", "size"), [(1, 44), (2, 44), (3, 60), (1, 300), (4, 2000)])
async def test_no_follow_crosses_a_block_and_each_block_stands_on_both_sides(number: int, size: int) -> None:
    tables: dict[str, list[tuple[object, ...]]] = {}
    for chunk in chunks(World(number, size)):
        tables.setdefault(chunk.table, []).extend(chunk.rows)
    blocks = {(row[0], row[1]): row[2] for row in tables["blocks"]}
    assert len(blocks) == 8
    assert all(blocks[other, owner] is not outgoing for (owner, other), outgoing in blocks.items())
    assert [row for row in tables["follows"] if (row[0], row[1]) in blocks] == []
    assert [row for row in tables["feed_entries"] if (row[0], row[2]) in blocks] == []


async def test_a_seeded_database_follows_the_rules_of_the_product(resources: Resources) -> None:
    for broken in (
        "SELECT f.owner_id FROM follows f JOIN blocks b ON b.owner_id = f.owner_id AND b.other_id = f.followee_id",
        "SELECT e.owner_id FROM feed_entries e JOIN blocks b ON b.owner_id = e.owner_id AND b.other_id = e.author_id",
        "SELECT owner_id FROM follows WHERE owner_id = followee_id",
        "SELECT owner_id FROM blocks WHERE owner_id = other_id",
        (
            "SELECT c.id FROM comments c LEFT JOIN posts p ON p.author_id = c.owner_id AND p.id = c.post_id "
            "WHERE p.id IS NULL OR c.created_at < p.created_at"
        ),
        (
            "SELECT l.post_id FROM likes l LEFT JOIN posts p ON p.author_id = l.owner_id AND p.id = l.post_id "
            "WHERE p.id IS NULL OR l.created_at < p.created_at"
        ),
        (
            "SELECT n.id FROM notifications n WHERE n.kind = 'FOLLOW' AND NOT EXISTS (SELECT 1 FROM follows f "
            "WHERE f.owner_id = n.actor_id AND f.followee_id = n.owner_id)"
        ),
    ):
        assert await rows(resources, broken) == [], broken


@pytest.mark.parametrize("limit", ["200"])
async def test_rows_may_take_longer_than_a_transaction_may_idle(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setitem(engines.SERVER_SETTINGS, "idle_in_transaction_session_timeout", limit)
    paused: list[str] = []

    def slow(table: str, _rows: int) -> None:
        if not paused:
            paused.append(table)
            time.sleep(1)

    async with engine.empty() as url, open_resources(settings_for(url)) as resources:
        await migrate(resources.database, lambda _name: None)
        await seed(resources, 1, progress=slow)
        assert await rows(resources, "SELECT COUNT(*) AS n FROM users") == [{"n": MIN_USERS}]
        assert paused == ["users"]


async def test_feeds_hold_the_newest_posts_of_those_followed_and_ones_own(resources: Resources) -> None:
    assert await rows(resources, """
        SELECT e.owner_id FROM feed_entries e JOIN posts p ON p.author_id = e.author_id AND p.id = e.post_id
        WHERE e.author_id <> e.owner_id AND NOT EXISTS
        (SELECT 1 FROM follows f WHERE f.owner_id = e.owner_id AND f.followee_id = e.author_id)
    """) == []  # fmt: skip
    ((most,),) = [(row["n"],) for row in await rows(
        resources, "SELECT MAX(n) AS n FROM (SELECT COUNT(*) AS n FROM feed_entries GROUP BY owner_id) counted"
    )]  # fmt: skip
    assert 50 < most <= 100


async def test_a_database_with_people_in_it_is_not_seeded_over(resources: Resources) -> None:
    await resources.database.fetch("UPDATE users SET name = 'Someone' WHERE handle = 'ana'")
    with pytest.raises(SettingsError, match="--force"):
        await seed(resources, 2)
    assert await rows(resources, "SELECT id FROM users WHERE name = 'Someone'")
    await seed(resources, 1, force=True)
    assert not await rows(resources, "SELECT id FROM users WHERE name = 'Someone'")


async def test_the_ledger_balances(resources: Resources) -> None:
    assert await rows(resources, """
        SELECT payment_id FROM ledger_entries GROUP BY payment_owner_id, payment_id HAVING SUM(amount) <> 0
    """) == []  # fmt: skip
    assert await rows(resources, """
        SELECT w.owner_id FROM wallets w WHERE w.available <> COALESCE((SELECT SUM(e.amount) FROM ledger_entries e
        WHERE e.owner_id = w.owner_id AND e.account = 'WALLET'), 0)
    """) == []  # fmt: skip
    assert await rows(resources, """
        SELECT e.id FROM ledger_entries e WHERE e.account = 'WALLET' AND e.balance_after <> (SELECT SUM(b.amount)
        FROM ledger_entries b WHERE b.owner_id = e.owner_id AND b.account = 'WALLET' AND b.id <= e.id)
    """) == []  # fmt: skip
    assert await rows(resources, """
        SELECT p.id FROM payments p WHERE p.sealed_at IS NULL OR (p.status = 'SUCCEEDED') <> EXISTS
        (SELECT 1 FROM ledger_entries e WHERE e.payment_owner_id = p.owner_id AND e.payment_id = p.id)
    """) == []  # fmt: skip


async def test_a_world_smaller_than_the_smallest_is_refused(resources: Resources) -> None:
    with pytest.raises(SettingsError, match=f"--users: at least {MIN_USERS} users are required"):
        await seed(resources, 1, people=MIN_USERS - 1, force=True)
