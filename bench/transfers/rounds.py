"""Takes the samples: both programs in turn, in each case."""

import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cached.statements import counted
from bench.servers import Contender, ServerSettings, ours, started
from bench.transfers.load import GraphQLLoad, HandwrittenLoad, Span, handwritten
from bench.transfers.people import Bank
from bench.transfers.statements import STATEMENTS, kinds_of
from bench.world import BenchError, say

OURS, HANDWRITTEN = "ours", "hand-written SQL"
CASES = {"between all wallets": False, "to one hot wallet": True}
"""Whether all transfers of a case go to one wallet."""

_LARGE = ",".join(f"{currency}=1000000000" for currency in ("USD", "EUR", "GBP", "JPY", "INR"))
_CHECKED_SECONDS = 2.0

Results = Mapping[str, Mapping[str, list[Span]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Says how long and how often to measure, and how many wallets and connections there are."""

    rounds: int
    seconds: float
    warm_up: float
    people: int
    secret_keys: str
    database_pool: int


def measure(bank: Bank, plan: Plan) -> Results:
    """Returns the spans of each case and program. Each round begins with the other program."""
    results: dict[str, dict[str, list[Span]]] = {case: {OURS: [], HANDWRITTEN: []} for case in CASES}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        _check_statements(bank, plan, folder)
        settings = ServerSettings(bank.url, plan.secret_keys, plan.database_pool)
        running = stack.enter_context(started(_server(settings)))
        loads: dict[str, GraphQLLoad | HandwrittenLoad] = {
            OURS: GraphQLLoad(folder, bank, running, plan.secret_keys),
            HANDWRITTEN: stack.enter_context(handwritten(bank, settings)),
        }
        for load in loads.values():
            load.run(plan.warm_up, is_hot=False)
        for number in range(plan.rounds):
            names = [OURS, HANDWRITTEN] if number % 2 == 0 else [HANDWRITTEN, OURS]
            for case, is_hot in CASES.items():
                for name in names:
                    span = loads[name].run(plan.seconds, is_hot=is_hot)
                    results[case][name].append(span)
                    _print_span(number, case, name, span)
    return results


def _server(settings: ServerSettings) -> Contender:
    """Returns our server, with settings with which no transfer of the measurement is above a limit."""
    server = ours(OURS, settings)
    limits = dict.fromkeys(("BFF_PAYMENTS_MAX_AMOUNT", "BFF_PAYMENTS_MAX_DAILY", "BFF_STEP_UP_AMOUNT"), _LARGE)
    return Contender(OURS, server.command, {**server.environment, **limits})


def _check_statements(bank: Bank, plan: Plan, folder: Path) -> None:
    """Raises `BenchError` if our transfer does not execute exactly the hand-written statements."""
    with counted(bank.url) as statements:
        settings = ServerSettings(statements.url, plan.secret_keys, plan.database_pool)
        with started(_server(settings)) as running:
            load = GraphQLLoad(folder, bank, running, plan.secret_keys)
            load.run(1, is_hot=False)
            statements.taken()
            span = load.run(_CHECKED_SECONDS, is_hot=False)
            executed = statements.taken()
    often = [text for text, number in executed.items() for _ in range(round(number / span.transfers))]
    have, want = Counter(kinds_of(often)), Counter(kinds_of(STATEMENTS))
    if have != want:
        raise BenchError(f"the statements differ: only ours {dict(have - want)}, only by hand {dict(want - have)}")


def _print_span(number: int, case: str, name: str, span: Span) -> None:
    say(
        f"  {number + 1}. {case:<20} {name:<17} {span.per_second:8.1f}/s  p50 {span.p50_ms:6.1f} ms  "
        f"p99 {span.p99_ms:6.1f} ms  CPU {span.cpu_ms:6.3f} ms  database {span.database_cpu_ms:6.3f} ms  "
        f"CPUs {span.server_cpu_busy:4.0%} {span.load_cpu_busy:4.0%}"
    )
    sys.stderr.flush()
