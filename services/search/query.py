"""Finds users and posts.

Users come first: an exact handle, a handle with this prefix, a name or handle with these words (the last one may be
unfinished), and on PostgreSQL a similar handle. Then follow posts with all the words, by the database's own relevance,
among the newest thousand that have them. Both databases find the same rows; their order may differ.
"""

from collections.abc import Collection

from adapters.database import Database, DialectSQL
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import Viewer
from models.search import FoundRow
from models.users import unblocked
from services.search.word_index import parse_query

_CANDIDATES = 1000
_PEOPLE = (
    "SELECT 'User' AS __typename, u.id AS owner_id, u.id AS id, CAST({score} AS BIGINT) AS score "
    "FROM users u {join} WHERE CAST($5 AS BOOLEAN) AND ({condition}) AND " + unblocked("$1", "u.id")
)
_POSTS = (
    "SELECT 'Post' AS __typename, n.author_id AS owner_id, n.id AS id, CAST({score} AS BIGINT) AS score FROM ("  # noqa: S608 - built from constants
    "SELECT p.author_id, p.id{rank} FROM {tables} WHERE CAST($6 AS BOOLEAN) AND {condition} "
    f"AND p.deleted_at IS NULL AND {unblocked('$1', 'p.author_id')} ORDER BY p.id DESC LIMIT {_CANDIDATES}) n"
)
_PAGE = (
    "SELECT * FROM ({people} UNION ALL SELECT * FROM ({posts}) found_posts) found "
    "WHERE score < $7 OR (score = $7 AND id < $8) ORDER BY score DESC, id DESC LIMIT $9"
)
_HANDLE_SCORE = (
    "CASE WHEN u.handle = $4 THEN 9000000 WHEN {begins} THEN 8000000 WHEN {named} THEN 7000000 ELSE {resembling} END"
)

_POSTGRES_BEGINS = 'u.handle COLLATE "C" >= $4 AND u.handle COLLATE "C" < $4 || chr(1114111)'
_POSTGRES_NAMED = "u.words @@ CAST($3 AS TSQUERY)"
_POSTGRES = _PAGE.format(
    people=_PEOPLE.format(
        join="",
        condition=f"({_POSTGRES_BEGINS}) OR {_POSTGRES_NAMED} OR resembles(u.handle, $4)",
        score=_HANDLE_SCORE.format(
            begins=_POSTGRES_BEGINS, named=_POSTGRES_NAMED, resembling="6000000 + resemblance(u.handle, $4) * 1000"
        ),
    ),
    posts=_POSTS.format(
        tables="posts p",
        rank=", p.words",
        condition="p.words @@ CAST($2 AS TSQUERY)",
        score="ts_rank(n.words, CAST($2 AS TSQUERY)) * 1000000",
    ),
)

_SQLITE_BEGINS = "u.handle >= $4 AND u.handle < $4 || char(1114111)"
_SQLITE_NAMED = "u.id IN (SELECT rowid FROM users_text WHERE users_text MATCH $3)"
_SQLITE = _PAGE.format(
    people=_PEOPLE.format(
        join="",
        condition=f"({_SQLITE_BEGINS}) OR {_SQLITE_NAMED}",
        score=_HANDLE_SCORE.format(begins=_SQLITE_BEGINS, named=_SQLITE_NAMED, resembling="6000000"),
    ),
    posts=_POSTS.format(
        tables="posts_text t JOIN posts p ON p.author_id = t.author_id AND p.id = t.rowid",
        rank=", bm25(posts_text) AS rank",
        condition="posts_text MATCH $2",
        score="MIN(5000000, -n.rank * 100000)",
    ),
)
_SEARCH = DialectSQL(_POSTGRES, _SQLITE)


async def search(
    viewer: Viewer, database: Database, query: str, types: Collection[str], page_request: PageRequest
) -> Page[FoundRow]:
    """Returns users and posts (those of `types`) that match a search string, best first."""
    terms = parse_query(query)
    if terms is None:
        return page_request.page([])
    score, row_id = page_request.after or (MAX_ID, MAX_ID)
    rows = await database.fetch(
        _SEARCH,
        viewer.user_id,
        terms.all_words,
        terms.last_unfinished,
        terms.handle,
        "USER" in types,
        "POST" in types,
        score,
        row_id,
        page_request.limit,
    )
    return page_request.page(rows, by=("score", "id"))
