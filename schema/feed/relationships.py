"""Inputs and results of follows and blocks."""

from typing import Annotated

import strawberry

from schema.problems import ForbiddenProblem, InvalidInputProblem, NotFoundProblem
from schema.row import Row
from schema.users import User


@strawberry.input(description="A user to follow.")
class FollowUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="The id of the user.")


@strawberry.input(description="A user to unfollow.")
class UnfollowUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="The id of the user.")


@strawberry.input(description="A user to block.")
class BlockUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="The id of the user.")


@strawberry.input(description="A user to unblock.")
class UnblockUserInput:
    """Checked by `services.feed.relationships`."""

    user_id: strawberry.ID = strawberry.field(description="The id of the user.")


@strawberry.type(description="The user is followed, by this or an earlier request.")
class FollowUserSuccess(Row):
    """Describes a `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(
        description="The followed user. Their posts reach the feed soon after; request the feed again then."
    )


@strawberry.type(description="The user is not followed, by this or an earlier request.")
class UnfollowUserSuccess(Row):
    """Describes a `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(description="The user, whose posts are no longer in the feed.")


@strawberry.type(
    description="The user is blocked, by this or an earlier request. Neither user follows the other "
    "or sees the other's content."
)
class BlockUserSuccess(Row):
    """Describes a `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(description="The blocked user, with the fields that are still visible.")


@strawberry.type(description="The user is not blocked, by this or an earlier request.")
class UnblockUserSuccess(Row):
    """Describes a `services.feed.relationships.PersonChangedRow`."""

    user: User = strawberry.field(description="The user, who is visible again. Earlier follows are not restored.")


FollowUserResult = Annotated[
    FollowUserSuccess | NotFoundProblem | InvalidInputProblem | ForbiddenProblem,
    strawberry.union("FollowUserResult", description="The followed user, or a problem."),
]
UnfollowUserResult = Annotated[
    UnfollowUserSuccess | NotFoundProblem,
    strawberry.union("UnfollowUserResult", description="The user, or a problem."),
]
BlockUserResult = Annotated[
    BlockUserSuccess | NotFoundProblem | InvalidInputProblem,
    strawberry.union("BlockUserResult", description="The blocked user, or a problem."),
]
UnblockUserResult = Annotated[
    UnblockUserSuccess | NotFoundProblem,
    strawberry.union("UnblockUserResult", description="The user, or a problem."),
]
