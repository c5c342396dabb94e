"""The mutation of the viewer's notification preferences."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from models.notifications import ChannelPreferenceRow, QuietHoursRow
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import WRITE, weighted
from schema.notification_preferences import UpdateNotificationPreferencesInput, UpdateNotificationPreferencesResult
from services import notifications


@strawberry.type
class NotificationPreferenceMutations:
    """The mutation of the viewer's notification preferences."""

    @strawberry.mutation(
        graphql_type=UpdateNotificationPreferencesResult | None,
        directives=[weighted(WRITE)],
        description="Changes the notification preferences of the signed-in user. Notifications of SECURITY and "
        "PAYMENT_FAILED are always shown in the app and sent by push.",
    )
    async def update_notification_preferences(
        self,
        info: Info,
        input: Annotated[UpdateNotificationPreferencesInput, strawberry.argument(description="The changes.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.NOTIFICATIONS)
        changes = _read(input)
        return await mutate(
            info, resources, lambda work: notifications.update_preferences(viewer, work, resources, changes)
        )


def _read(given: UpdateNotificationPreferencesInput) -> notifications.PreferenceChanges:
    channels: list[ChannelPreferenceRow] = [
        {"kind": each.kind.name, "in_app": each.in_app, "push": each.push, "email": each.email}
        for each in given.channels or ()
    ]
    hours: QuietHoursRow | None = None
    if sent := given.quiet_hours:
        hours = {"start": sent.start, "end": sent.end, "time_zone": sent.time_zone}
    frequency = given.email_frequency.name if given.email_frequency else None
    return notifications.PreferenceChanges(channels, hours, sent is not strawberry.UNSET, frequency)
