"""Traces of the relay, of jobs and of live updates, and their links to the requests that caused them."""

from core.settings import Settings
from tests.support.app import App
from tests.support.client import Client
from tests.support.deliveries import add_phone
from tests.support.jobs import DID, Doer, enqueued, run_due
from tests.support.relay import drained
from tests.traces.support.collector import CONSUMER, Collector
from tests.traces.support.traced import flush, traced
from workers.handlers import HANDLERS

EXPORT = """mutation ($password: String!) {
  requestDataExport(input: { password: $password }) { ... on RequestDataExportSuccess { export { status } } }
}"""


async def request_export(client: Client, handle: str) -> None:
    data = await client.data(EXPORT, {"password": f"open-sesame-{handle}"}, as_=handle)
    assert data["requestDataExport"]["export"]["status"] == "PENDING"


async def test_a_job_links_to_the_request_that_caused_it(client: Client, collector: Collector) -> None:
    await request_export(client, "ana")
    await drained(client.resources)
    await run_due(client.resources, HANDLERS)
    await flush(client.resources)
    mutation = collector.named("Mutation.requestDataExport")
    batch, job = collector.named("project events"), collector.named("job export_data")
    (link,) = job.links
    assert link == (mutation.trace_id, mutation.span_id)
    assert (batch.kind, batch.attributes, batch.links) == (CONSUMER, {"bff.events": 1}, [link])
    assert (job.kind, job.attributes) == (CONSUMER, {"bff.job.handler": "export_data", "bff.job.attempt": 1})
    assert len({mutation.trace_id, batch.trace_id, job.trace_id}) == 3
    assert "INSERT event_log" in collector.tree(mutation.span_id)


async def test_work_that_a_sampled_request_has_caused_is_sampled(settings: Settings, collector: Collector) -> None:
    async with traced(settings, collector) as client:
        await App(client, "ana").publishes()
        await request_export(client, "ana")
    async with traced(settings, collector, otel_sample=0.0) as worker:
        await request_export(worker, "ben")
        await drained(worker.resources)
        await run_due(worker.resources, HANDLERS)
    mutation = collector.named("Mutation.requestDataExport")
    caused = {span.name for span in collector.spans if (mutation.trace_id, mutation.span_id) in span.links}
    assert caused == {"project events", "job export_data", "job deliver_notification"}
    assert {span.name for span in collector.spans if span.kind == CONSUMER} == caused


async def test_a_notification_is_delivered_by_a_job_that_links_to_the_comment(
    client: Client, collector: Collector
) -> None:
    post_id = await App(client, "ana").publishes()
    await add_phone(client, "ana", "token")
    await App(client, "ben").comments(post_id)
    await drained(client.resources)
    await run_due(client.resources, HANDLERS)
    await flush(client.resources)
    comment = collector.named("Mutation.addComment")
    assert collector.named("job deliver_notification").links == [(comment.trace_id, comment.span_id)]


async def test_a_failed_job_has_the_type_of_its_error(client: Client, collector: Collector) -> None:
    await client.resources.database.fetch(DID)
    await enqueued(client.resources, 1)
    await run_due(client.resources, {"do": Doer(failures=1)})
    await flush(client.resources)
    job = collector.named("job do")
    assert (job.failed, job.attributes["error.type"]) == (True, "ValueError")
    assert "not now" not in repr(collector.spans)


async def test_without_a_collector_events_and_jobs_carry_no_cause(settings: Settings) -> None:
    async with traced(settings, Collector(), otel="") as client:
        assert client.resources.tracer is None
        await request_export(client, "ana")
        rows = await client.resources.database.fetch("SELECT data FROM event_log ORDER BY id DESC LIMIT 1")
        assert "cause" not in rows[0]["data"]
        await drained(client.resources)
        jobs = await client.resources.database.fetch("SELECT data FROM jobs")
        assert [row for row in jobs if "cause" in row["data"]] == []
        await run_due(client.resources, HANDLERS)
