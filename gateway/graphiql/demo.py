"""What the page offers in development: the demo people to sign in as, and values for the variables of operations."""

import logging
from collections.abc import Mapping

from graphql import GraphQLSchema

from services.maintenance.seed import DEMO_HANDLES, demo_email, demo_password, demo_samples
from services.resources import Resources

logger = logging.getLogger(__name__)

PERSON = DEMO_HANDLES[0]
VALUES: Mapping[str, str] = {
    "email": demo_email(PERSON),
    "password": demo_password(PERSON),
    "currentPassword": demo_password(PERSON),
    "newPassword": demo_password(PERSON),
    "handle": DEMO_HANDLES[1],
    "name": "GraphiQL",
    "body": "Hello from GraphiQL",
    "appVersion": "1.0",
    "query": "train",
    "token": "a-push-token",
    "SignUp.email": "new@example.com",
    "SignUp.password": "a-train-at-night",
    "SignUp.handle": "newcomer",
}
"""By the name of a variable or of an input's field, with the operation's name before it where it is for one alone."""

IDS: Mapping[str, str] = {
    "postId": "post in the feed",
    "EditPost.postId": "own post",
    "DeletePost.postId": "own post",
    "commentId": "own comment",
    "deviceId": "own device",
    "FollowUser.userId": "other user",
    "BlockUser.userId": "other user",
    "UnfollowUser.userId": "followed user",
    "UnblockUser.userId": "blocked user",
    "PaymentScreen.id": "payment",
}
"""The samples that such variables and fields take, of `services.maintenance.seed.samples.SAMPLES`."""


async def demo_values(resources: Resources | None) -> dict[str, str]:
    """Values for variables, with ids that `PERSON` can use where the database answers and has them."""
    samples: dict[str, str] = {}
    if resources is not None:
        try:
            samples = await demo_samples(resources.database, PERSON)
        except Exception as error:
            logger.warning("GraphiQL has no ids of demo data", exc_info=error)
    return {**VALUES, **{name: samples[sample] for name, sample in IDS.items() if sample in samples}}


def demo_people(schema: GraphQLSchema) -> list[dict[str, str]]:
    """People that the page can sign in, by a schema that has the mutation for it."""
    if schema.mutation_type is None or "logIn" not in schema.mutation_type.fields:
        return []
    return [
        {"handle": handle, "email": demo_email(handle), "password": demo_password(handle)} for handle in DEMO_HANDLES
    ]
