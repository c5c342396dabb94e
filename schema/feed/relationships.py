"""Following and blocking people."""

from typing import Annotated

import strawberry

from schema.problems import ForbiddenProblem, InvalidInputProblem, NotFoundProblem
from schema.row import Row
from schema.users import User


@strawberry.input(description="Somebody to follow.")
class FollowUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.input(description="Somebody to follow no longer.")
class UnfollowUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.input(description="Somebody to block.")
class BlockUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.input(description="Somebody to block no longer.")
class UnblockUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.type(description="Followed, now or before.")
class FollowUserSuccess(Row):
    """Rows: `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(
        description="The person. Their posts come into the feed soon after; ask for it again then."
    )


@strawberry.type(description="Not followed, now or before.")
class UnfollowUserSuccess(Row):
    """Rows: `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(description="The person, whose posts are gone from the feed.")


@strawberry.type(
    description="Blocked, now or before. Neither follows the other any more, nor sees what the other does."
)
class BlockUserSuccess(Row):
    """Rows: `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(description="The person, as much of them as is still shown.")


@strawberry.type(description="Not blocked, now or before.")
class UnblockUserSuccess(Row):
    """Rows: `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(description="The person, visible again. They are not followed again by this.")


FollowUserResult = Annotated[
    FollowUserSuccess | NotFoundProblem | InvalidInputProblem | ForbiddenProblem,
    strawberry.union("FollowUserResult", description="The followed person, or why there is none."),
]
UnfollowUserResult = Annotated[
    UnfollowUserSuccess | NotFoundProblem,
    strawberry.union("UnfollowUserResult", description="The person, or why there is none."),
]
BlockUserResult = Annotated[
    BlockUserSuccess | NotFoundProblem | InvalidInputProblem,
    strawberry.union("BlockUserResult", description="The blocked person, or why there is none."),
]
UnblockUserResult = Annotated[
    UnblockUserSuccess | NotFoundProblem,
    strawberry.union("UnblockUserResult", description="The person, or why there is none."),
]
