"""The types of search results."""

from enum import Enum
from typing import Annotated

import strawberry

from schema.feed import Post
from schema.users import User


@strawberry.enum(description="The kind of a search result.")
class SearchType(Enum):
    """By name."""

    USER = strawberry.enum_value("USER", description="Users, by handle and name.")
    POST = strawberry.enum_value("POST", description="Posts, by words.")


SearchResult = Annotated[
    User | Post, strawberry.union("SearchResult", description="A user or a post. New types may be added.")
]
