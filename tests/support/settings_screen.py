"""Sends the operations of a settings screen."""

from typing import Any

from services.resources import Resources
from tests.support.client import Client, operation
from tests.support.jobs import run_due
from tests.support.relay import drained
from workers.handlers import HANDLERS


async def settings_act(
    client: Client, name: str, sent: dict[str, Any] | None = None, *, token: str | None = None
) -> dict[str, Any]:
    """Returns the result of a mutation of `settings.graphql`. Errors fail the test."""
    variables = None if sent is None else {"input": sent}
    answer = (await client.post(operation("settings.graphql", name), variables, token=token)).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"][name[0].lower() + name[1:]]


async def delete_account(client: Client, token: str, password: str, **more: Any) -> dict[str, Any]:
    return await settings_act(client, "DeleteAccount", {"password": password, **more}, token=token)


async def everything_done(resources: Resources) -> None:
    """Runs all projections and jobs, including later ones, until none is left."""
    while True:
        await drained(resources)
        await resources.database.fetch("UPDATE jobs SET due_at = $1", resources.clock())
        if not await run_due(resources, HANDLERS):
            return
