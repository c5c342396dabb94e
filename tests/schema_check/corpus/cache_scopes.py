"""Contains changes of cache scopes."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import WHOSE

POSTS = "Added CreateFixed CreatePost Drafts Posts Search Trending"

CASES = [
    Case(
        "a private scope becomes public",
        {"scope: VIEWER)": "scope: PUBLIC)"},
        ["breaking CACHE_SCOPE_WIDENED Query.drafts: breaks"],
        affected="Drafts",
        because=WHOSE,
    ),
    Case(
        "a private scope becomes public by default",
        {"maxAge: 5, scope: VIEWER)": "maxAge: 5)"},
        ["breaking CACHE_SCOPE_WIDENED Query.drafts: breaks"],
        affected="Drafts",
        because=WHOSE,
    ),
    Case(
        "a missing scope becomes public",
        {"  status: Status!\n": "  status: Status! @cacheControl(maxAge: 60)\n"},
        ["breaking CACHE_SCOPE_WIDENED Query.status: breaks"],
        affected="Now",
        because=WHOSE,
    ),
    Case(
        "what had no scope is one viewer's",
        {"  status: Status!\n": "  status: Status! @cacheControl(scope: VIEWER)\n"},
        ["safe CACHE_SCOPE_NARROWED Query.status: safe"],
        affected="Now",
        because=WHOSE,
    ),
    Case(
        "what was one viewer's says nothing",
        {" @cacheControl(maxAge: 5, scope: VIEWER)": ""},
        ["dangerous CACHE_SCOPE_REMOVED Query.drafts: risky"],
        affected="Drafts",
        because=WHOSE,
    ),
    Case(
        "what was never stored is stored for its viewer",
        {"scope: NONE)": "scope: VIEWER)"},
        ["breaking CACHE_SCOPE_WIDENED Query.drafts: breaks"],
        affected="Drafts",
        because=WHOSE,
        given={"scope: VIEWER)": "scope: NONE)"},
    ),
    Case(
        "what was one viewer's is never stored",
        {"scope: VIEWER)": "scope: NONE)"},
        ["safe CACHE_SCOPE_NARROWED Query.drafts: safe"],
        affected="Drafts",
        because=WHOSE,
    ),
    Case(
        "a type that was one viewer's says nothing",
        {"type Post implements Node @cacheControl(scope: VIEWER) {": "type Post implements Node {"},
        ["breaking CACHE_SCOPE_REMOVED Post: breaks"],
        affected=POSTS,
        because=WHOSE,
        given={"type Post implements Node {": "type Post implements Node @cacheControl(scope: VIEWER) {"},
    ),
    Case(
        "a type that says nothing is public",
        {"type Post implements Node {": "type Post implements Node @cacheControl(scope: PUBLIC) {"},
        ["dangerous CACHE_SCOPE_WIDENED Post: risky"],
        affected=POSTS,
        because=WHOSE,
    ),
]
