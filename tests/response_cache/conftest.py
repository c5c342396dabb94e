import pytest

from tests.response_cache.support.small_world import World


@pytest.fixture
def world() -> World:
    return World()
