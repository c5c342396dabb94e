"""Shows one example: `python -m tests.engine.support.reproduce SEED SIZE [subscription]`."""

import sys

import engine
from tests.engine.support.comparison import Harness
from tests.engine.support.examples import check, check_subscription, example
from tests.engine.support.kinds import Execute, Subscribe

ENGINE: Execute = engine.execute
ENGINE_SUBSCRIBE: Subscribe = engine.subscribe


def reproduce(seed: int, size: int, *, subscription: bool = False) -> str:
    """Returns an example, its results, and their differences as text."""
    tried = example(seed, size, subscription=subscription)
    harness = Harness()
    try:
        if subscription:
            differences = check_subscription(harness, ENGINE_SUBSCRIBE, tried)
            return "\n\n".join([str(tried), *differences])
        compared = check(harness, ENGINE, tried)
    finally:
        harness.close()
    results = [f"{name}: {answer.result}" for name, answer in (("stock", compared.stock), ("ours", compared.ours))]
    return "\n\n".join([str(tried), *results, *compared.differences])


def main() -> None:
    seed, size, *kind = sys.argv[1:]
    sys.stdout.write(reproduce(int(seed), int(size), subscription=kind == ["subscription"]) + "\n")


if __name__ == "__main__":
    main()
