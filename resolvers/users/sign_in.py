"""Mutations of sign-up, sign-in, refresh and sign-out."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import PASSWORD, WRITE, weighted
from schema.rates import RateClass, counts_as
from schema.users import (
    DeviceInput,
    LogInInput,
    LogInResult,
    LogOutResult,
    RefreshSessionInput,
    RefreshSessionResult,
    SignUpInput,
    SignUpResult,
)
from services import users


@strawberry.type
class SignInMutations:
    """Mutations of sessions."""

    @strawberry.mutation(
        graphql_type=SignUpResult | None,
        directives=[weighted(PASSWORD)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Creates an account and its first session. An access token of the request is ignored.",
    )
    async def sign_up(
        self,
        info: Info,
        input: Annotated[SignUpInput, strawberry.argument(description="The new account and its first device.")],  # noqa: A002 - Relay's name
    ) -> Any:
        request = users.SignUp(
            email=input.email,
            password=input.password,
            handle=input.handle,
            name=input.name,
            device=_device(input.device),
            address=info.context.address,
        )
        resources = info.context.resources_of(Feature.USERS)
        return await mutate(info, resources, lambda work: users.sign_up(work, resources, request))

    @strawberry.mutation(
        graphql_type=LogInResult | None,
        directives=[weighted(PASSWORD)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Signs in with e-mail address and password, and creates a session on a new device. "
        "An access token of the request is ignored.",
    )
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="The credentials and the device.")],  # noqa: A002 - Relay's name
    ) -> Any:
        request = users.LogIn(
            email=input.email,
            password=input.password,
            device=_device(input.device),
            address=info.context.address,
        )
        resources = info.context.resources_of(Feature.USERS)
        return await mutate(info, resources, lambda work: users.log_in(work, resources, request))

    @strawberry.mutation(
        graphql_type=RefreshSessionResult | None,
        directives=[weighted(WRITE)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Exchanges a refresh token for new tokens. Repeat it within ten seconds if the response was lost. "
        "An access token of the request is ignored.",
    )
    async def refresh_session(
        self,
        info: Info,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="The refresh token of the session.")],  # noqa: A002 - Relay's name
    ) -> Any:
        token, address, resources = input.refresh_token, info.context.address, info.context.resources_of(Feature.USERS)
        return await mutate(info, resources, lambda work: users.refresh_session(work, resources, token, address))

    @strawberry.mutation(
        graphql_type=LogOutResult | None,
        directives=[weighted(WRITE)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Signs out the device of this request. Its tokens are no longer valid.",
    )
    async def log_out(self, info: Info) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        return await mutate(info, resources, lambda work: users.log_out(viewer, work, resources))


def _device(device: DeviceInput) -> users.NewDevice:
    return users.NewDevice(
        name=device.name,
        platform=device.platform.name,
        app_version=device.app_version,
        locale=device.locale,
        time_zone=device.time_zone,
    )
