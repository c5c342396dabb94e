"""What search finds."""

from enum import Enum
from typing import Annotated

import strawberry

from schema.feed import Post
from schema.users import User


@strawberry.enum(description="What to look for.")
class SearchType(Enum):
    """By name."""

    USER = strawberry.enum_value("USER", description="People, by handle and name.")
    POST = strawberry.enum_value("POST", description="Posts, by their words.")


SearchResult = Annotated[
    User | Post, strawberry.union("SearchResult", description="A person or a post. New types may join.")
]
