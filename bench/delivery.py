"""Measures the time from a comment to its push notification at the provider. Writes `bench/results/post-to-push.md`."""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import NamedTuple

from bench.payments_isolation import connect
from bench.push_provider import PushProvider
from bench.relay import PUBLISH, Case, databases, running, seeded
from bench.world import PROJECT, BenchError, say
from core.viewer import SignedIn
from services.resources import Resources
from services.users import find_user_id

PAGE = PROJECT / "bench/results/post-to-push.md"
COMMENT = "mutation ($input: AddCommentInput!) { addComment(input: $input) { __typename } }"
GOAL_SECONDS = 1.0
TOKEN = "bench-phone"  # noqa: S105 - no secret
WARM_UP = 20

_TIMEOUT = 20.0
_PAUSES = (0.03, 0.07)
_PHONE = (
    "INSERT INTO push_tokens (push_index, user_id, device_id, provider, token, registered_at) "
    "VALUES ($1, $2, $3, 'FCM', $4, $5)"
)


class Sample(NamedTuple):
    """Holds the seconds from the request of the comment to its response, and to the request at the provider."""

    response: float
    push: float


async def prepare(resources: Resources) -> tuple[int, int]:
    """Gives ana one phone and the default preferences. Returns the ids of ana and ben."""
    database = resources.database
    ana, ben = [await find_user_id(database, handle) or 0 for handle in ("ana", "ben")]
    for table, owner in (
        ("push_tokens", "user_id"),
        ("quiet_hours", "owner_id"),
        ("channel_preferences", "owner_id"),
        ("refresh_families", "owner_id"),
    ):
        await database.fetch(f"DELETE FROM {table} WHERE {owner} = $1", ana)  # noqa: S608 - built from constants
    await database.fetch("DELETE FROM blocks")
    (device,) = await database.fetch("SELECT id FROM devices WHERE owner_id = $1 ORDER BY id LIMIT 1", ana)
    index, *_ = resources.vault.push_token_indexes(TOKEN)
    await database.fetch(_PHONE, index, ana, device["id"], resources.vault.seal(ana, TOKEN), resources.clock())
    return ana, ben


class Commenter:
    """Publishes posts of ana, and comments on them as ben."""

    def __init__(self, port: int, tokens: Sequence[str], provider: PushProvider) -> None:
        self._port = port
        self._author, self._other = tokens
        self._provider = provider

    async def publish(self, number: int) -> str:
        """Returns the id of a new post."""
        sent = {"query": PUBLISH, "variables": {"body": f"Number {number}"}}
        connection = await connect(self._port)
        answer = json.loads(await connection.post(json.dumps(sent).encode(), self._author))
        connection.close()
        return answer["data"]["publishPost"]["post"]["id"]

    async def comment(self, post_id: str) -> Sample:
        sent = {"query": COMMENT, "variables": {"input": {"postId": post_id, "body": "A comment"}}}
        body, connection = json.dumps(sent).encode(), await connect(self._port)
        begun = time.perf_counter()
        answer = await connection.post(body, self._other)
        responded = time.perf_counter()
        connection.close()
        if b'"AddCommentSuccess"' not in answer:
            raise BenchError(f"the comment was not added: {answer.decode()}")
        async with asyncio.timeout(_TIMEOUT):
            arrived = await self._provider.arrivals.get()
        return Sample(responded - begun, arrived - begun)


async def measure(case: Case, samples: int, folder: Path) -> list[Sample]:
    """Returns the samples of a case. Each comment is on a post of its own, so that it has a notification of its own."""
    chance, provider = random.Random(1), PushProvider(folder)  # noqa: S311 - not for secrets
    async with seeded(case) as resources, provider.serve():
        callers = await prepare(resources)
        tokens = [resources.access_tokens.issue(SignedIn(user_id, device_id=1))[0] for user_id in callers]
        with running(case, BFF_PUSH_URL=provider.url) as port:
            commenter = Commenter(port, tokens, provider)
            posts = [await commenter.publish(number) for number in range(samples + WARM_UP)]
            found: list[Sample] = []
            for post_id in posts:
                found.append(await commenter.comment(post_id))
                await asyncio.sleep(chance.uniform(*_PAUSES))
    if not provider.arrivals.empty():
        raise BenchError("the provider got more messages than there were comments")
    return found[WARM_UP:]


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


def row(case: Case, samples: Sequence[Sample]) -> str:
    columns = (
        [sample.response for sample in samples],
        [sample.push - sample.response for sample in samples],
        [sample.push for sample in samples],
    )
    cells = [f"{statistics.median(part) * 1000:.1f} ms | {_p99(part) * 1000:.1f} ms" for part in columns]
    met = "yes" if _p99(columns[-1]) < GOAL_SECONDS else "no"
    return f"| {case.name} | {' | '.join(cells)} | {met} |"


def page(rows: Sequence[str], samples: int) -> str:
    lines = "\n".join(rows)
    return f"""# From a comment to its push notification

Written by `make bench-delivery` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.

ben comments on {samples} posts of ana, one after the other with pauses and without other load. ana has a phone, and
each comment has a notification of its own. The server, the worker and the provider, which is a server with Firebase's
API, are processes of this machine. The response is timed from the request of the comment, and the push notification
from the response and from the request until the head of its request is at the provider. The commit is between request
and response, so the time from the commit is between the last two. It is below zero if the push notification was faster
than the response. The goal is a 99th percentile below {GOAL_SECONDS:g} s, from the request.

| | response, median | p99 | push after that, median | p99 | both, median | p99 | goal met |
|---|---:|---:|---:|---:|---:|---:|---|
{lines}
"""


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=int, default=300)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    arguments.add_argument("--output", type=Path, default=PAGE)
    options = arguments.parse_args()
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        async with databases(options.database) as (postgres, _, sqlite):
            for case in (postgres, sqlite):
                rows.append(row(case, await measure(case, options.samples, Path(folder))))
                say(rows[-1])
    options.output.write_text(page(rows, options.samples))


if __name__ == "__main__":
    asyncio.run(main())
