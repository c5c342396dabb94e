"""Sends the account operations of apps."""

from typing import Any

from tests.support.client import Client, operation

DEVICE = {"name": "A phone", "platform": "IOS", "appVersion": "4.2.0"}


async def act(
    client: Client, name: str, sent: dict[str, Any] | None = None, *, token: str | None = None
) -> dict[str, Any]:
    """Returns the result of an account operation. Errors fail the test."""
    variables = None if sent is None else {"input": sent}
    answer = (await client.post(operation("account.graphql", name), variables, token=token)).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"][name[0].lower() + name[1:]]


async def sign_in(client: Client, handle: str, device: str = "A phone") -> dict[str, Any]:
    """Returns a session of a demo user on a new device."""
    sent = {
        "email": f"{handle}@example.com",
        "password": f"open-sesame-{handle}",
        "device": {**DEVICE, "name": device},
    }
    answer = await act(client, "LogIn", sent)
    assert answer["__typename"] == "LogInSuccess", answer
    return answer["session"]


async def refresh(client: Client, refresh_token: str) -> dict[str, Any]:
    return await act(client, "RefreshSession", {"refreshToken": refresh_token})


async def is_signed_in(client: Client, access_token: str) -> bool:
    answer = (await client.post("{ viewer { id } }", token=access_token)).json()
    return answer["data"]["viewer"] is not None


async def devices_of(client: Client, access_token: str) -> list[str]:
    """Returns the names of the signed-in devices, with a star for the current one."""
    answer = (await client.post(operation("account.graphql", "Devices"), token=access_token)).json()
    nodes = [edge["node"] for edge in answer["data"]["viewer"]["devices"]["edges"]]
    return [node["name"] + ("*" if node["current"] else "") for node in nodes]
