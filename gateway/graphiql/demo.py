"""Demo data of the page in development: users who can sign in, and values for variables of operations."""

import logging
from collections.abc import Mapping

from graphql import GraphQLSchema

from services.maintenance.seed import DEMO_HANDLES, demo_email, demo_password, demo_samples
from services.resources import Resources
from services.users import find_user_id

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
    "currency": "EUR",
    "minorUnits": "100",
    "idempotencyKey": "graphiql-1",
    "providerToken": "tok_visa",
    "SignUp.email": "new@example.com",
    "SignUp.password": "a-train-at-night",
    "SignUp.handle": "newcomer",
}
"""Values by the name of a variable or an input field, with a prefix if they are for one operation."""

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
    "RefundPayment.paymentId": "received payment",
    "paymentMethodId": "card",
    "recipientId": "followed user",
    "upTo": "newest notification",
    "notificationId": "newest notification",
}
"""Samples of `services.maintenance.seed.samples.SAMPLES` by the name of a variable or an input field."""


async def demo_values(resources: Resources | None) -> dict[str, str]:
    """Returns values for variables, with ids that `PERSON` can use if the database contains them."""
    samples: dict[str, str] = {}
    if resources is not None:
        try:
            samples = await demo_samples(resources.database, PERSON)
        except Exception as error:
            logger.warning("GraphiQL has no ids of demo data", exc_info=error)
    return {**VALUES, **{name: samples[sample] for name, sample in IDS.items() if sample in samples}}


async def _lacks_demo_users(resources: Resources) -> bool:
    try:
        return await find_user_id(resources.database, PERSON) is None
    except Exception as error:
        logger.warning("GraphiQL does not know whether there are demo users", exc_info=error)
        return False


async def demo_people(schema: GraphQLSchema, resources: Resources | None) -> list[dict[str, str]]:
    """Returns users that the page can sign in, if the schema has `logIn`, unless the database lacks these users."""
    if schema.mutation_type is None or "logIn" not in schema.mutation_type.fields:
        return []
    if resources is not None and await _lacks_demo_users(resources):
        return []
    return [
        {"handle": handle, "email": demo_email(handle), "password": demo_password(handle)} for handle in DEMO_HANDLES
    ]
