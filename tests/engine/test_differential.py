"""The engine's results equal graphql-core's on generated schemas and operations."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import example as always
from hypothesis import strategies as st

from tests.engine.support.campaign import LARGEST
from tests.engine.support.comparison import Harness
from tests.engine.support.examples import check, check_subscription, example
from tests.engine.support.reproduce import ENGINE, ENGINE_SUBSCRIBE, reproduce

SEEDS = st.integers(0, 2**48)
SIZES = st.integers(1, LARGEST)


def tried(count: int) -> settings:
    """Returns settings whose shrinking finds the smallest size that differs. The value of a seed implies no size."""
    return settings(
        max_examples=count,
        database=None,
        deadline=None,
        print_blob=True,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_the_engine_answers_as_graphql_core_does(harness: Harness, examples: int) -> None:
    @tried(examples)
    @given(SEEDS, SIZES)
    def compared(seed: int, size: int) -> None:
        if check(harness, ENGINE, example(seed, size)).differences:
            raise AssertionError(f"python -m tests.engine.support.reproduce {seed} {size}\n\n{reproduce(seed, size)}")

    compared()


def test_the_engine_answers_subscriptions_as_graphql_core_does(harness: Harness, examples: int) -> None:
    @tried(examples // 5)
    @given(SEEDS, SIZES)
    @always(15474154, 12)  # an event that fails after the next one has begun
    def compared(seed: int, size: int) -> None:
        if check_subscription(harness, ENGINE_SUBSCRIBE, example(seed, size, subscription=True)):
            shown = reproduce(seed, size, subscription=True)
            raise AssertionError(f"python -m tests.engine.support.reproduce {seed} {size} subscription\n\n{shown}")

    compared()
