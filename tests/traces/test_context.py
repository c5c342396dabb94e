"""Trace context of the W3C in requests, and in the requests to other servers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http_client import HttpClient
from core.settings import Settings
from core.tracing import RemoteParent, SpanContext, SpanKind, read_parent, take_cause, with_cause
from tests.support.client import Client
from tests.support.webhook import hooked
from tests.traces.support.collector import Collector
from tests.traces.support.traced import flush, traced

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
CONTEXT = SpanContext(int(TRACE, 16), int(PARENT, 16))
PROXIES = {"trusted_proxies": "127.0.0.0/8", "otel_sample": 0.0}


async def test_a_sampled_parent_of_a_trusted_proxy_is_continued(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector, **PROXIES) as client:
        await client.post("{ __typename }", traceparent=SAMPLED, tracestate="rojo=1,congo=t61rcWkgMzE")
        await flush(client.resources)
    request = collector.named("POST /graphql")
    assert (request.trace_id, request.parent_id) == (TRACE, PARENT)
    assert {span.state for span in collector.spans} == {"rojo=1,congo=t61rcWkgMzE"}
    assert collector.named("query").parent_id == request.span_id


@pytest.mark.parametrize("header", [SAMPLED.removesuffix("1") + "0", SAMPLED.upper(), "00-1-2-01", ""])
async def test_a_parent_that_is_not_sampled_or_not_valid_is_not_continued(
    settings: Settings, collector: Collector, header: str
) -> None:
    async with traced(settings, collector, **PROXIES) as client:
        await client.post("{ __typename }", traceparent=header)
        await flush(client.resources)
    assert collector.spans == []


async def test_a_parent_that_is_not_sampled_decides_against_the_share(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector, trusted_proxies="127.0.0.0/8") as client:
        await client.post("{ __typename }", traceparent=SAMPLED.removesuffix("1") + "0")
        await flush(client.resources)
    assert collector.spans == []


@pytest.mark.parametrize("proxies", ["", "10.0.0.0/8"])
async def test_a_parent_of_another_client_is_ignored(settings: Settings, collector: Collector, proxies: str) -> None:
    async with traced(settings, collector, trusted_proxies=proxies) as client:
        await client.post("{ __typename }", traceparent=SAMPLED)
        await flush(client.resources)
    request = collector.named("POST /graphql")
    assert request.trace_id != TRACE
    assert request.parent_id == ""


@pytest.mark.parametrize(
    ("traceparent", "tracestate", "parent"),
    [
        (SAMPLED, "a=1", RemoteParent(CONTEXT._replace(state="a=1"), True)),
        (f"00-{TRACE}-{PARENT}-00", "", RemoteParent(CONTEXT, False)),
        (f"00-{TRACE}-{PARENT}-03", "", RemoteParent(CONTEXT, True)),
        (f"cc-{TRACE}-{PARENT}-01-more", "", RemoteParent(CONTEXT, True)),
        (f"00-{TRACE}-{PARENT}-01-more", "", None),
        (f"ff-{TRACE}-{PARENT}-01", "", None),
        (f"00-{'0' * 32}-{PARENT}-01", "", None),
        (f"00-{TRACE}-{'0' * 16}-01", "", None),
        (SAMPLED, " a@b=1 ,, c=x y!\t", RemoteParent(CONTEXT._replace(state=" a@b=1 ,, c=x y!\t"), True)),
        (
            SAMPLED,
            f"a={'1' * 256},b={'1' * 251}",
            RemoteParent(CONTEXT._replace(state=f"a={'1' * 256},b={'1' * 251}"), True),
        ),
        (SAMPLED, f"a={'1' * 256},b={'1' * 252}", RemoteParent(CONTEXT, True)),
        (SAMPLED, f"a={'1' * 257}", RemoteParent(CONTEXT, True)),
        (SAMPLED, "a=1=2", RemoteParent(CONTEXT, True)),
        (SAMPLED, "a=1,a=2", RemoteParent(CONTEXT, True)),
        (SAMPLED, "A=1", RemoteParent(CONTEXT, True)),
        (SAMPLED, "secret", RemoteParent(CONTEXT, True)),
        (SAMPLED, ",".join(f"a{number}=1" for number in range(33)), RemoteParent(CONTEXT, True)),
        (SAMPLED, "a=\r\nx", RemoteParent(CONTEXT, True)),
    ],
)
def test_headers_are_read_as_the_w3c_says(traceparent: str, tracestate: str, parent: RemoteParent | None) -> None:
    assert read_parent(traceparent, tracestate) == parent


async def test_an_invalid_state_is_neither_passed_on_nor_logged(
    settings: Settings, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    async with traced(settings, collector, **PROXIES) as client:
        await client.post("{ __typename }", traceparent=SAMPLED, tracestate="open-sesame")
        await flush(client.resources)
    assert {(span.trace_id, span.state) for span in collector.spans} == {(TRACE, "")}
    assert "open-sesame" not in caplog.text


async def test_a_request_to_another_server_has_a_span_and_its_context(client: Client, collector: Collector) -> None:
    tracer = client.resources.tracer
    assert tracer is not None
    parent = tracer.start("work", SpanKind.SERVER, {}, parent=RemoteParent(CONTEXT._replace(state="a=1"), True))
    assert parent is not None
    async with hooked() as hook, HttpClient() as http:
        with parent:
            await http.post(f"{hook.url}&token=secret", json={"tags": []})
        await http.post(hook.url, json={"tags": []})
    await flush(client.resources)
    sent, unsampled = (headers for _, headers, _ in hook.requests)
    span = collector.named("POST")
    assert (sent["traceparent"], sent["tracestate"]) == (f"00-{TRACE}-{span.span_id}-01", "a=1")
    assert "traceparent" not in unsampled
    port = int(hook.url.split(":")[2].split("/")[0])
    assert span.attributes == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": port,
        "http.response.status_code": 204,
    }


async def test_a_purge_of_the_cdn_has_a_span_and_its_context(settings: Settings, collector: Collector) -> None:
    async with hooked() as hook:
        async with traced(settings, collector, cdn_url=hook.url) as client:
            assert client.resources.purges is not None
            client.resources.purges.add(["a", "b"])
        await_sent = [headers for _, headers, _ in hook.requests]
    span = collector.named("purge CDN")
    assert [headers["traceparent"] for headers in await_sent] == [f"00-{span.trace_id}-{span.span_id}-01"]
    assert span.attributes == {"bff.tags": 2}


async def test_the_client_of_payments_and_of_push_is_the_one_with_spans(settings: Settings) -> None:
    from adapters.payments.http import open_http as open_payments  # noqa: PLC0415 - as the engines do
    from adapters.push.http import open_http as open_push  # noqa: PLC0415 - as above

    async with open_payments(replace(settings)) as payments, open_push("http://push", 1, None, one=False) as push:
        assert isinstance(payments, HttpClient)
        assert isinstance(push, HttpClient)


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1))
def test_a_cause_is_read_as_it_was_written(trace_id: int, span_id: int) -> None:
    import msgspec  # noqa: PLC0415

    cause = SpanContext(trace_id, span_id)
    for data, fields in (("{}", {}), ('{"post_id":7}', {"post_id": 7})):
        written = msgspec.json.decode(with_cause(data, cause), type=dict[str, int])
        assert take_cause(written) == cause
        assert written == fields
        assert with_cause(data, None) == data
