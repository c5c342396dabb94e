"""Metrics of jobs and of the relay."""

from collections.abc import Iterator

from gateway.metrics.families import Family, Histogram, MetricCollector, counters, histograms
from services.resources import Resources


class WorkMetrics(MetricCollector):
    """Collects attempts of jobs, and batches of the relay of this process. `bff serve` has none."""

    def __init__(self, resources: Resources) -> None:
        self._work = resources.work

    def collect(self) -> Iterator[Family]:
        text = "Attempts of jobs by handler and outcome: done, continued, failed, or lost."
        yield counters("bff_job_attempts", text, ["handler", "outcome"], self._job_outcomes())
        text = "Duration of attempts of jobs by handler."
        yield histograms("bff_job_seconds", text, ["handler"], self._job_durations())
        batches = self._work.batches
        text = "Batches of the relay by outcome: moved, waiting, or failed."
        outcomes = (([outcome], number) for outcome, number in sorted(batches.outcomes.items()))
        yield counters("bff_relay_batches", text, ["outcome"], outcomes)
        text = "Duration of batches of the relay."
        durations: list[Histogram] = [([], batches.histogram(), batches.seconds)] if batches.number else []
        yield histograms("bff_relay_batch_seconds", text, [], durations)
        text = "Events that the relay has projected, by type."
        projected = (([kind], number) for kind, number in sorted(self._work.projected.items()))
        yield counters("bff_relay_projected_events", text, ["type"], projected)

    def _job_outcomes(self) -> Iterator[tuple[list[str], float]]:
        for handler, attempts in sorted(self._work.jobs.items()):
            yield from (([handler, outcome], number) for outcome, number in sorted(attempts.outcomes.items()))

    def _job_durations(self) -> Iterator[Histogram]:
        for handler, attempts in sorted(self._work.jobs.items()):
            yield [handler], attempts.histogram(), attempts.seconds
