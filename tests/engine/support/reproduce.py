"""Shows one example: `python -m tests.engine.support.reproduce SEED SIZE [subscription]`."""

import sys

import engine
from tests.engine.support.comparison import Harness
from tests.engine.support.examples import check, check_subscription, example
from tests.engine.support.kinds import Execute, Subscribe

ENGINE: Execute = engine.execute
ENGINE_SUBSCRIBE: Subscribe = engine.subscribe


def reproduce(seed: int, size: int, *, subscription: bool = False) -> str:
    """All about an example, and how the answers to it differ."""
    made = example(seed, size, subscription=subscription)
    harness = Harness()
    try:
        if subscription:
            differences = check_subscription(harness, ENGINE_SUBSCRIBE, made)
            return "\n\n".join([str(made), *differences])
        compared = check(harness, ENGINE, made)
    finally:
        harness.close()
    answers = [f"{who}: {answer.result}" for who, answer in (("stock", compared.stock), ("ours", compared.ours))]
    return "\n\n".join([str(made), *answers, *compared.differences])


def main() -> None:
    seed, size, *kind = sys.argv[1:]
    sys.stdout.write(reproduce(int(seed), int(size), subscription=kind == ["subscription"]) + "\n")


if __name__ == "__main__":
    main()
