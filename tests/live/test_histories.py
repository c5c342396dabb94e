"""Clients that listened, that resumed and that were away end with the state that a fresh read returns."""

from random import Random

import pytest

from core.settings import Settings
from tests.live.support.histories import History, ListeningClient, SyncingClient, read_screen
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.timing import settings_for

CHANGES = 60


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Authors with two followers are popular."""
    return settings_for(database_url, push_followers=1)


@pytest.mark.parametrize("seed", range(8))
async def test_all_clients_end_with_the_same_state(following: Following, client: Client, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - not for secrets
    history = History(following, chance)
    await history.begin()
    away = SyncingClient(client, chance, *await read_screen(client))
    visitor = SyncingClient(client, chance, *await read_screen(client))
    resuming = ListeningClient(following, *await read_screen(client))
    listener = ListeningClient(following, *await read_screen(client))
    async with listener.listening():
        for _ in range(CHANGES // 10):
            async with resuming.listening():
                for _ in range(5):
                    await history.change()
            for _ in range(5):
                await history.change()
            await visitor.sync()
        async with resuming.listening():
            end = await history.end()
            await listener.receives(*end)
            await resuming.receives(*end)
    for syncing in (away, visitor):
        await syncing.sync()
    _, fresh = await read_screen(client)
    hidden = await history.hidden_at_times()
    for each in (listener, resuming, away, visitor):
        assert each.state.without(hidden) == fresh.without(hidden)
