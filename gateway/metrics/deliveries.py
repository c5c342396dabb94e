"""Metrics of calls of providers: push notifications, mails, and circuit breakers."""

from collections.abc import Iterator

from adapters.bounded import BoundedCalls
from adapters.payments import GuardedProvider
from gateway.metrics.families import Family, Histogram, MetricCollector, counters, gauges, histograms
from services.resources import Resources

_LABELS = ["channel", "engine"]


class DeliveryMetrics(MetricCollector):
    """Collects deliveries by outcome, the duration of their calls, and circuit breakers of this process."""

    def __init__(self, resources: Resources) -> None:
        mail, payments = resources.mail, resources.payments
        self._calls: list[tuple[str, BoundedCalls]] = [("push", calls) for calls in resources.push.calls]
        if mail is not None:
            self._calls.append(("mail", mail.calls))
        self._breakers = [(channel, calls.server, calls.breaker) for channel, calls in self._calls]
        if isinstance(payments, GuardedProvider):
            self._breakers.append(("payments", payments.name, payments.breaker))

    def collect(self) -> Iterator[Family]:
        text = "Attempts to deliver push notifications and mails in this process, by outcome."
        yield counters("bff_deliveries", text, [*_LABELS, "outcome"], self._outcomes())
        text = "Duration of calls of push providers and the mail server in this process."
        yield histograms("bff_delivery_call_seconds", text, _LABELS, self._durations())
        text = "1 if the circuit breaker of an engine is open, so that one trial call is made per pause."
        values = (([channel, engine], int(breaker.is_open)) for channel, engine, breaker in self._breakers)
        yield gauges("bff_breaker_open", text, _LABELS, values)
        text = "How often the circuit breaker of an engine has opened."
        openings = (([channel, engine], breaker.openings) for channel, engine, breaker in self._breakers)
        yield counters("bff_breaker_openings", text, _LABELS, openings)

    def _outcomes(self) -> Iterator[tuple[list[str], float]]:
        for channel, calls in self._calls:
            for outcome, times in sorted(calls.statistics.outcomes.items()):
                yield [channel, calls.server, outcome], times

    def _durations(self) -> Iterator[Histogram]:
        for channel, calls in self._calls:
            if calls.statistics.calls:
                yield [channel, calls.server], calls.statistics.histogram(), calls.statistics.seconds
