"""Indexes rows whose words are missing or were cut by an older tokenizer.

The writers of posts and names store the words. Other rows (from before the column existed, from an older server, or
changed by SQL) have no key or a lower one, and a partial index finds them.
"""

from adapters.database import Database, Queries
from services.jobs.job import Job, Outcome
from services.resources import Resources
from services.search.word_index import TOKENIZER, index_of_post, index_of_user
from services.unit_of_work import UnitOfWork

AT_ONCE = 200
"""The maximum of rows of each table that one run indexes."""

_STALE = f"(words_key IS NULL OR words_key < {TOKENIZER << 32})"
"""The predicate of the partial indexes. A new tokenizer needs a migration that rebuilds them."""

_POSTS = f"SELECT author_id, id, body FROM posts WHERE {_STALE} LIMIT $1 FOR UPDATE SKIP LOCKED"  # noqa: S608 - built from constants
_USERS = f"SELECT id, handle, name FROM users WHERE {_STALE} LIMIT $1 FOR UPDATE SKIP LOCKED"  # noqa: S608 - as above
_POST_COLUMNS = {"author_id": "bigint", "id": "bigint", "words": "tsvector", "words_key": "bigint"}
_USER_COLUMNS = {"id": "bigint", "words": "tsvector", "words_key": "bigint"}
_SET_POSTS = (
    "UPDATE posts SET words = input_rows.words, words_key = input_rows.words_key FROM input_rows "
    "WHERE posts.author_id = input_rows.author_id AND posts.id = input_rows.id"
)
_SET_USERS = (
    "UPDATE users SET words = input_rows.words, words_key = input_rows.words_key FROM input_rows "
    "WHERE users.id = input_rows.id"
)
_COUNT = f"SELECT (SELECT COUNT(*) FROM posts WHERE {_STALE}) + (SELECT COUNT(*) FROM users WHERE {_STALE}) AS number"  # noqa: S608 - as above


async def index_words(work: UnitOfWork, _resources: Resources, _job: Job) -> Outcome:
    """Indexes up to `AT_ONCE` posts and users. The job runs again while there are more."""
    transaction = await work.transaction()
    more = [await _index_posts(transaction), await _index_users(transaction)]
    return Outcome.MORE if any(more) else Outcome.DONE


async def count_unindexed(database: Database) -> int:
    """Returns the number of posts and users that search does not find in their present form."""
    (row,) = await database.fetch(_COUNT)
    return row["number"]


async def _index_posts(transaction: Queries) -> bool:
    rows = await transaction.fetch(_POSTS, AT_ONCE)
    fresh = [(row["author_id"], row["id"], *index_of_post(row["body"])) for row in rows]
    await transaction.fetch_with_rows(_SET_POSTS, _POST_COLUMNS, fresh)
    return len(rows) == AT_ONCE


async def _index_users(transaction: Queries) -> bool:
    rows = await transaction.fetch(_USERS, AT_ONCE)
    fresh = [(row["id"], *index_of_user(row["handle"], row["name"])) for row in rows]
    await transaction.fetch_with_rows(_SET_USERS, _USER_COLUMNS, fresh)
    return len(rows) == AT_ONCE
