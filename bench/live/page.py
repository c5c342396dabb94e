"""Writes the results as a page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version
from statistics import median
from typing import NamedTuple, TypeVar

import orjson

from bench.live.contenders import BARE, GRAPHQL_WS, OURS, PEER
from bench.live.delivered import Delivered
from bench.live.idle import CONNECTED, Held
from bench.live.own import OwnEvents
from bench.live.shared import Rounds, SharedEvents

T = TypeVar("T")

_MAX_BYTES = 20_000
_MIN_RATIO = 2.0
_MIN_A_MINUTE = 1_000_000
_MIN_OWN = 1000
_MAX_P50_MS, _MAX_P99_MS = 30, 100
_PACKAGES = ("uvicorn", "websockets", "uvloop", "graphql-core", "asyncpg", "redis")


class Results(NamedTuple):
    """The results of the cases that were measured."""

    sockets: int
    followers: int
    idle: Mapping[str, Sequence[Held]] | None
    shared: SharedEvents | None
    own: OwnEvents | None
    latency: Mapping[str, Sequence[Sequence[float]]] | None


def page(results: Results, rounds: int) -> str:
    lines = [*_opening(rounds), *_idle(results), *_shared(results), *_own(results), *_latency(results), *_versions()]
    return "\n".join(lines) + "\n"


def _opening(rounds: int) -> Iterator[str]:
    shown = f"{rounds} {'round' if rounds == 1 else 'rounds'}"
    yield "# Live updates"
    yield ""
    yield (
        f"Written by `make bench-live` on {datetime.now(UTC):%Y-%m-%d}. Medians of {shown}, with minimum and "
        "maximum in brackets; servers take turns, and each round begins with another one. Each server is one process "
        "on one CPU. The client is another process, which only counts frames, on the other CPU, like PostgreSQL. CPU "
        "is user and system time from `/proc`. The machine has two CPUs, so deliveries per second also depend on the "
        "client, and CPU per delivery describes the server better."
    )
    yield ""
    yield (
        f"“{GRAPHQL_WS}” is [one Node process](../peers/graphql-ws) with graphql-ws, ws and our schema, which "
        f"publishes in its own memory, without a database. “{BARE}” is uvicorn with an application that sends given "
        "text to all sockets, without GraphQL. Both send messages of the same form and size as ours, which reads "
        "event streams in PostgreSQL."
    )
    yield ""


def _idle(results: Results) -> Iterator[str]:
    if results.idle is None:
        return
    yield "## Memory of idle sockets"
    yield ""
    yield (
        f"{results.sockets:,} sockets of different users that follow `viewerEvents`, in one process: resident bytes "
        "with them, less those before, divided by their number. Memory of the kernel is not included."
    )
    yield ""
    yield "| | bytes per socket | after one event for each | ours / other |"
    yield "|---|---|---|---|"
    for name, held in results.idle.items():
        after = [each.after_event for each in held if each.after_event is not None]
        yield (
            f"| {name} | {_spread(held, _bytes, 0)} | {f'{median(after):,.0f}' if after else ''} "
            f"| {'' if name in {OURS, CONNECTED} else f'{_ratio(results.idle[OURS], held, _bytes)}'} |"
        )
    yield ""
    goal = _median(results.idle[OURS], _bytes) <= _MAX_BYTES
    yield f"The goal of at most {_MAX_BYTES:,} bytes for ours is {_reached(is_reached=goal)}."
    yield ""


def _bytes(held: Held) -> float:
    return held.idle


def _shared(results: Results) -> Iterator[str]:
    if results.shared is None:
        return
    case, together, successive, single = results.shared
    yield "## Events that many sockets share"
    yield ""
    yield f"{case.sockets:,} sockets of different users follow `postEvents` of one post. Each event is a new comment."
    yield ""
    yield f"{case.together:,} events in one transaction:"
    yield ""
    yield from _deliveries(together)
    yield f"{case.successive:,} events one after the other, each in its own transaction or request of the publisher:"
    yield ""
    yield from _deliveries(successive)
    yield (
        f"{case.single:,} events, each published after the last one has arrived at all sockets. This is not the "
        "throughput: each event waits for a commit, a wake-up and three statements that the others do not need."
    )
    yield ""
    yield from _deliveries(single)
    a_minute = [_median(rounds[OURS], _rate) * 60 for rounds in (together, successive)]
    ratios = [_median(rounds[OURS], _rate) / _median(rounds[GRAPHQL_WS], _rate) for rounds in results.shared[1:]]
    yield (
        f"Ours delivers {a_minute[0]:,.0f} events of one transaction a minute, and {a_minute[1]:,.0f} of successive "
        f"ones. The goal of {_MIN_A_MINUTE:,} is {_reached(is_reached=min(a_minute) >= _MIN_A_MINUTE)}. The goal of "
        f"{_MIN_RATIO:g} times the deliveries per second of {GRAPHQL_WS} is "
        f"{_reached(is_reached=ratios[0] >= _MIN_RATIO)} for events of one transaction ({ratios[0]:.1f}), "
        f"{_reached(is_reached=ratios[1] >= _MIN_RATIO)} for successive events ({ratios[1]:.1f}), and "
        f"{_reached(is_reached=ratios[2] >= _MIN_RATIO)} for events that are waited for ({ratios[2]:.1f})."
    )
    yield ""


def _deliveries(rounds: Rounds) -> Iterator[str]:
    yield "| | deliveries/s | ours / other | CPU per delivery, µs | ours / other | CPU of the client |"
    yield "|---|---|---|---|---|---|"
    for name, found in rounds.items():
        rate, cpu = _ratio(rounds[OURS], found, _rate), _ratio(rounds[OURS], found, _cpu)
        client = median(each.client_busy for each in found)
        yield (
            f"| {name} | {_spread(found, _rate, 0)} | {'' if name == OURS else f'{rate}'} "
            f"| {_spread(found, _cpu, 2)} | {'' if name == OURS else f'{cpu}'} | {client:.0%} |"
        )
    yield ""


def _rate(delivered: Delivered) -> float:
    return delivered.per_second


def _cpu(delivered: Delivered) -> float:
    return delivered.cpu_microseconds


def _own(results: Results) -> Iterator[str]:
    if results.own is None:
        return
    rounds, statements = results.own
    yield "## Events of one socket each"
    yield ""
    counted = "not counted" if statements is None else f"{statements:.3f}"
    rate = _median(rounds, _rate)
    yield (
        f"{results.followers:,} sockets follow `viewerEvents`, each of its own user. Each round appends one event with "
        f"a post to each stream, all together: {_spread(rounds, _rate, 0)} events per second from the begin of the "
        f"transaction to the last frame, {_spread(rounds, _cpu, 0)} µs of CPU per event, statements of the server per "
        f"event {counted}. The goal of {_MIN_OWN:,} events per second is {_reached(is_reached=rate >= _MIN_OWN)}."
    )
    yield ""


def _latency(results: Results) -> Iterator[str]:
    if results.latency is None:
        return
    yield "## From commit to frame"
    yield ""
    yield (
        "A process edits a post again and again, with pauses. `bff worker` appends the event to the post's stream, and "
        "`bff serve` sends it to the one socket that follows the post. From the commit to the frame, without other "
        f"load; the goal is a p50 below {_MAX_P50_MS} ms and a p99 below {_MAX_P99_MS} ms."
    )
    yield ""
    yield "| | samples | p50 | p99 | maximum | goal |"
    yield "|---|---|---|---|---|---|"
    for name, rounds in results.latency.items():
        seconds = sorted(each for found in rounds for each in found)
        p50, p99 = median(seconds) * 1000, seconds[int(len(seconds) * 0.99)] * 1000
        goal = _reached(is_reached=p50 < _MAX_P50_MS and p99 < _MAX_P99_MS)
        yield f"| {name} | {len(seconds)} | {p50:.1f} ms | {p99:.1f} ms | {seconds[-1] * 1000:.1f} ms | {goal} |"
    yield ""


def _versions() -> Iterator[str]:
    peer: Mapping[str, str] = orjson.loads((PEER / "package.json").read_bytes())["dependencies"]
    software = {"Python": python_version(), **{name: version(name) for name in _PACKAGES}, **peer}
    yield "## Versions"
    yield ""
    yield ", ".join(f"{name} {number}" for name, number in software.items()) + "."


def _reached(*, is_reached: bool) -> str:
    return "reached" if is_reached else "**not reached**"


def _median(found: Sequence[T], what: Callable[[T], float]) -> float:
    return median(map(what, found))


def _ratio(ours: Sequence[T], other: Sequence[T], what: Callable[[T], float]) -> str:
    """Returns a ratio of medians. The clock of a short round may show no CPU."""
    divisor = _median(other, what)
    return f"{_median(ours, what) / divisor:.2f}" if divisor else "?"


def _spread(found: Sequence[T], what: Callable[[T], float], digits: int) -> str:
    numbers = [what(each) for each in found]
    return f"**{median(numbers):,.{digits}f}** ({min(numbers):,.{digits}f} to {max(numbers):,.{digits}f})"
