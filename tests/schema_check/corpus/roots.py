"""Contains changes of root types."""

from tests.schema_check.corpus.case import Case
from tests.schema_check.corpus.reasons import ROOTS

ROOT = "type Root {\n  viewer: User\n}\n\n"
SUBSCRIPTION = "type Subscription {\n  postAdded: Post\n}\n\n"


def begin(query: str, mutation: str, subscription: str) -> str:
    """Returns a schema definition with the named root types."""
    roots = {"query": query, "mutation": mutation, "subscription": subscription}
    return "schema {" + "".join(f"\n  {kind}: {name}" for kind, name in roots.items() if name) + "\n}\n\n"


CASES = [
    Case(
        "the root of queries is another type",
        {"directive @auth": f"{begin('Root', 'Mutation', 'Subscription')}{ROOT}directive @auth"},
        ["breaking ROOT_TYPE_CHANGED Query: breaks", "safe TYPE_ADDED Root: safe"],
        broken="ById Drafts Now Search Trending UserById UserInFrench",
        affected="Contact Posts TwiceLive Viewer",
        because=ROOTS,
    ),
    Case(
        "mutations are no longer served",
        {"directive @auth": f"{begin('Query', '', 'Subscription')}directive @auth"},
        ["breaking ROOT_TYPE_REMOVED Mutation: breaks"],
        broken="Block CreateFixed CreatePost SetStatus Tag",
        because=ROOTS,
    ),
    Case(
        "the type of subscriptions is removed",
        {SUBSCRIPTION: ""},
        ["breaking ROOT_TYPE_REMOVED Subscription: breaks", "breaking TYPE_REMOVED Subscription: breaks"],
        broken="Added",
        because=ROOTS,
    ),
    Case(
        "the root of mutations is renamed",
        {
            "directive @auth": f"{begin('Query', 'Changes', 'Subscription')}directive @auth",
            "type Mutation {": "type Changes {",
        },
        [
            "breaking ROOT_TYPE_CHANGED Mutation: breaks",
            "breaking TYPE_REMOVED Mutation: breaks",
            "safe TYPE_ADDED Changes: safe",
        ],
        affected="Block CreateFixed CreatePost SetStatus Tag",
        because=ROOTS,
    ),
    Case(
        "subscriptions are served",
        {"interface Node {": f"{SUBSCRIPTION}interface Node {{"},
        ["safe ROOT_TYPE_ADDED Subscription: safe", "safe TYPE_ADDED Subscription: safe"],
        given={SUBSCRIPTION: ""},
    ),
]
