"""The export: what happens when the collector does not answer, and when the process stops."""

import asyncio
import os
from pathlib import Path

import orjson
import pytest

from adapters.traces import otlp
from adapters.traces.otlp import OtlpSink
from core.settings import Settings
from core.tracing import SpanKind, Tracer
from tests.support.client import HOME, Client
from tests.support.logs import logged
from tests.support.timing import no_hang, until
from tests.traces.support.collector import Collector
from tests.traces.support.traced import flush, sink_of, traced

CLOSED_PORT = "http://127.0.0.1:9"
HOME_SPANS = 14


async def test_without_a_collector_requests_are_answered_and_spans_are_dropped_and_counted(settings: Settings) -> None:
    with logged("WARNING") as log:
        async with traced(settings, Collector(), otel=CLOSED_PORT, metrics=True) as client:
            for _ in range(3):
                await client.data(HOME, {}, as_="ana")
                await flush(client.resources)
            sink = sink_of(client.resources)
            assert (sink.sent, sink.dropped) == (0, {"export": 3 * HOME_SPANS})
            page = (await client.http.get("/metrics")).text
    assert 'bff_trace_spans_total{outcome="sent"} 0.0' in page
    assert f'bff_trace_spans_total{{outcome="dropped_export"}} {3 * HOME_SPANS}.0' in page
    (line,) = [orjson.loads(line) for line in log.getvalue().splitlines()]
    assert line["message"] == "the collector of traces accepts no spans: ConnectError"
    assert "127.0.0.1" not in log.getvalue()


async def test_a_collector_that_rejects_is_tried_again_with_the_next_batch(
    client: Client, collector: Collector
) -> None:
    collector.status = 503
    await client.data("{ __typename }")
    await flush(client.resources)
    collector.status = 200
    await client.data("{ __typename }")
    await flush(client.resources)
    sink = sink_of(client.resources)
    assert (sink.sent, sink.dropped) == (2, {"export": 2})
    assert [headers["content-type"] for headers in collector.headers] == ["application/x-protobuf"] * 2


async def test_a_hanging_collector_delays_neither_requests_nor_the_stop_and_the_queue_is_bounded(
    settings: Settings, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "MAX_WAITING", 20)
    monkeypatch.setattr(otlp, "CLOSE_SECONDS", 0.2)
    collector.is_hanging = True
    async with no_hang(), traced(settings, collector) as client:
        await client.data(HOME, {}, as_="ana")
        exporting = asyncio.create_task(flush(client.resources))
        await until(lambda: collector.headers)
        for _ in range(3):
            await client.data(HOME, {}, as_="ana")
        sink = sink_of(client.resources)
        assert sink.dropped == {"queue": 3 * HOME_SPANS - 20}
    await exporting
    await until(lambda: sink.dropped["export"] == HOME_SPANS + 20)
    assert sink.sent == 0


async def test_the_stop_of_the_process_exports_what_waits(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector) as client:
        await client.data(HOME, {}, as_="ana")
    assert len(collector.spans) == HOME_SPANS


async def test_what_is_not_sampled_sends_nothing(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector, otel_sample=0.0) as client:
        await client.data(HOME, {}, as_="ana")
        await flush(client.resources)
    assert (collector.headers, sink_of(client.resources).sent) == ([], 0)


async def test_probes_are_not_traced(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector, metrics=True) as client:
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await client.http.get(path)).status_code == 200
    assert collector.spans == []


async def test_a_share_of_requests_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([0.05, 0.1, 0.5, 0.0])
    monkeypatch.setattr("random.random", lambda: next(drawn))
    tracer = Tracer(0.1, OtlpSink(CLOSED_PORT, "bff", "dev"))
    spans = [tracer.start("work", SpanKind.SERVER, {}) for _ in range(4)]
    assert [span is not None for span in spans] == [True, False, False, True]
    await tracer.close()


async def test_a_trace_has_a_maximum_of_spans(client: Client, collector: Collector) -> None:
    tracer = client.resources.tracer
    assert tracer is not None
    with tracer.start("work", SpanKind.INTERNAL, {}) or pytest.fail("not sampled") as span:
        for _ in range(1100):
            with span.child("part", SpanKind.INTERNAL, {}):
                pass
    await flush(client.resources)
    assert len(collector.spans) == 1000


async def test_spans_that_begin_after_the_end_of_their_trace_are_not_recorded(
    client: Client, collector: Collector
) -> None:
    tracer = client.resources.tracer
    assert tracer is not None
    ended = asyncio.Event()

    async def continue_later() -> None:
        await ended.wait()
        await client.resources.database.fetch("SELECT 1 AS one")

    with tracer.start("work", SpanKind.INTERNAL, {}) or pytest.fail("not sampled"):
        task = asyncio.create_task(continue_later())
    ended.set()
    await task
    await flush(client.resources)
    assert [span.name for span in collector.spans] == ["work"]


async def test_a_forked_process_exports_its_own_spans(collector: Collector, tmp_path: Path) -> None:
    sink = OtlpSink(f"{collector.url}/v1/traces", "bff", "dev")
    tracer = Tracer(1.0, sink)
    for _ in range(3):
        _work(tracer)
    done = tmp_path / "done"
    child = os.fork()
    if not child:  # pragma: no cover - the child
        _work(tracer)
        done.write_text(str(sink._emitted - sink._exporter.taken))
        os._exit(0)
    await until(done.exists)
    await asyncio.to_thread(os.waitpid, child, 0)
    assert done.read_text() == "1"
    await asyncio.to_thread(sink.flush)
    assert len(collector.spans) == 3
    await sink.close()


def _work(tracer: Tracer) -> None:
    with tracer.start("work", SpanKind.INTERNAL, {}) or pytest.fail("not sampled"):
        pass
