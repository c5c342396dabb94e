"""The rows that a search returns."""

from typing import Literal, TypedDict

FoundRow = TypedDict(
    "FoundRow",
    {"__typename": Literal["User", "Post"], "owner_id": int, "id": int, "score": int},
)
