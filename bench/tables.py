"""Writes samples as tables of a page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from bench.cases import Measured
from bench.load import Sample


def table(measured: Mapping[str, Measured], cpu_digits: int = 2) -> Iterator[str]:
    """Yields the table of a comparison: medians with minimum and maximum. CPU has `cpu_digits` decimal places."""
    yield "| | requests/s | p50, ms | p99, ms | CPU, ms | database CPU, ms | CPUs busy | bytes | values |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, found in measured.items():
        cells = [
            _spread(found, rate, 1),
            _spread(found, lambda sample: sample.p50_ms, 1),
            _spread(found, lambda sample: sample.p99_ms, 1),
            _spread(found, cpu, cpu_digits),
            _spread(found, lambda sample: sample.database_cpu_ms, cpu_digits),
            " · ".join(f"{median_of(found, busy):.0%}" for busy in (_server_cpu, _load_cpu)),
            f"{found.answer_bytes:,.0f}",
            f"{found.answer_values:.0f}",
        ]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


def rate(sample: Sample) -> float:
    """Returns the requests per second."""
    return sample.requests_per_second


def cpu(sample: Sample) -> float:
    """Returns the CPU of the server per request in milliseconds."""
    return sample.cpu_ms


def median_of(found: Measured, what: Callable[[Sample], float]) -> float:
    return median(_numbers(found, what))


def ratio_of(measured: Mapping[str, Measured], one: str, other: str, what: Callable[[Sample], float]) -> float:
    """Returns the ratio of the medians of two contenders."""
    return median_of(measured[one], what) / median_of(measured[other], what)


def _server_cpu(sample: Sample) -> float:
    return sample.server_cpu_busy


def _load_cpu(sample: Sample) -> float:
    return sample.load_cpu_busy


def _numbers(found: Measured, what: Callable[[Sample], float]) -> Sequence[float]:
    return [what(sample) for sample in found.samples]


def _spread(found: Measured, what: Callable[[Sample], float], digits: int) -> str:
    numbers = _numbers(found, what)
    least, most = min(numbers), max(numbers)
    return f"**{median(numbers):,.{digits}f}** ({least:,.{digits}f} to {most:,.{digits}f})"
