"""Metrics of jobs and of the relay."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from gateway.metrics.families import Family, Histogram, MetricCollector, counters, gauges, histograms
from services.resources import Resources


class WorkMetrics(MetricCollector):
    """Collects attempts of jobs, and batches of the relay of this process. `bff serve` has none."""

    def __init__(self, resources: Resources) -> None:
        self._work = resources.work
        self._clock = resources.clock

    def collect(self) -> Iterator[Family]:
        text = "Attempts of jobs by handler and outcome: done, continued, failed, lost, or left."
        yield counters("bff_job_attempts", text, ["handler", "outcome"], self._job_outcomes())
        text = "Duration of attempts of jobs by handler."
        yield histograms("bff_job_seconds", text, ["handler"], self._job_durations())
        batches = self._work.batches
        text = "Batches of the relay by outcome: moved, left, waiting, or failed."
        outcomes = (([outcome], number) for outcome, number in sorted(batches.outcomes.items()))
        yield counters("bff_relay_batches", text, ["outcome"], outcomes)
        text = "Duration of batches of the relay."
        durations: list[Histogram] = [([], batches.histogram(), batches.seconds)] if batches.number else []
        yield histograms("bff_relay_batch_seconds", text, [], durations)
        text = "Events that the relay has projected, by type."
        projected = (([kind], number) for kind, number in sorted(self._work.projected.items()))
        yield counters("bff_relay_projected_events", text, ["type"], projected)
        text = "Seconds for which the oldest event or job of a newer release, which this process does not know, waits."
        ages = [(["event"], self._age(self._work.unknown_events.values()))]
        ages += [(["job"], self._age([self._work.unknown_job_at] if self._work.unknown_job_at else []))]
        yield gauges("bff_worker_unknown_seconds", text, ["kind"], ages)

    def _age(self, times: Iterable[datetime]) -> float:
        return max((max(0.0, (self._clock() - at).total_seconds()) for at in times), default=0.0)

    def _job_outcomes(self) -> Iterator[tuple[list[str], float]]:
        for handler, attempts in sorted(self._work.jobs.items()):
            yield from (([handler, outcome], number) for outcome, number in sorted(attempts.outcomes.items()))

    def _job_durations(self) -> Iterator[Histogram]:
        for handler, attempts in sorted(self._work.jobs.items()):
            yield [handler], attempts.histogram(), attempts.seconds
