"""Mutations of devices, push tokens, profile and password."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import PASSWORD, WRITE, weighted
from schema.rates import RateClass, counts_as
from schema.users import (
    ChangePasswordInput,
    ChangePasswordResult,
    RegisterPushTokenInput,
    RegisterPushTokenResult,
    RevokeDeviceInput,
    RevokeDeviceResult,
    RevokeOtherDevicesResult,
    UpdateProfileInput,
    UpdateProfileResult,
)
from services import users


@strawberry.type
class AccountMutations:
    """Mutations of devices, push tokens, profile and password."""

    @strawberry.mutation(
        graphql_type=RevokeDeviceResult | None,
        directives=[weighted(WRITE)],
        description="Signs out a device of the signed-in user. Its tokens are no longer valid.",
    )
    async def revoke_device(
        self,
        info: Info,
        input: Annotated[RevokeDeviceInput, strawberry.argument(description="The device.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        device_id = read_id_of("Device", input.device_id, "input.deviceId")
        return await mutate(info, resources, lambda work: users.revoke_device(viewer, work, resources, device_id))

    @strawberry.mutation(
        graphql_type=RevokeOtherDevicesResult | None,
        directives=[weighted(WRITE)],
        description="Signs out all devices except the one of this request.",
    )
    async def revoke_other_devices(self, info: Info) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        return await mutate(info, resources, lambda work: users.revoke_other_devices(viewer, work, resources))

    @strawberry.mutation(
        graphql_type=RegisterPushTokenResult | None,
        directives=[weighted(WRITE)],
        description="Registers a push token for the device of this request, and removes the token from other devices.",
    )
    async def register_push_token(
        self,
        info: Info,
        input: Annotated[RegisterPushTokenInput, strawberry.argument(description="The push token.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        request = users.PushToken(token=input.token, provider=input.provider.name)
        return await mutate(info, resources, lambda work: users.register_push_token(viewer, work, resources, request))

    @strawberry.mutation(
        graphql_type=UpdateProfileResult | None,
        directives=[weighted(WRITE)],
        description="Changes the profile of the signed-in user.",
    )
    async def update_profile(
        self,
        info: Info,
        input: Annotated[UpdateProfileInput, strawberry.argument(description="The changes.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        sent = {"name": input.name, "bio": input.bio, "avatar_url": input.avatar_url}
        request = users.ProfileChanges({field: value for field, value in sent.items() if value is not strawberry.UNSET})
        return await mutate(info, resources, lambda work: users.update_profile(viewer, work, resources, request))

    @strawberry.mutation(
        graphql_type=ChangePasswordResult | None,
        directives=[weighted(PASSWORD)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Changes the password, and signs out all devices except the one of this request.",
    )
    async def change_password(
        self,
        info: Info,
        input: Annotated[ChangePasswordInput, strawberry.argument(description="The current and the new password.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        request = users.ChangePassword(current=input.current_password, new=input.new_password)
        return await mutate(info, resources, lambda work: users.change_password(viewer, work, resources, request))
