"""Metrics of deliveries and circuit breakers, in servers and in workers."""

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, TransportError

from adapters.breaker import FAILURES, Breaker
from adapters.payments import GuardedProvider
from core.settings import Settings
from gateway.metrics.worker import create_worker_app
from services.resources import Resources
from tests.cli.test_commands import bff
from tests.cli.test_worker import working
from tests.support.client import Client
from tests.support.deliveries import add_notification, add_phone, deliver
from tests.support.fake_fcm import Answer, FakeFcm, failure
from tests.support.metrics import measured, serving
from tests.support.programs import free_port
from tests.support.timing import no_hang


@pytest.fixture
def settings(settings: Settings, fcm: FakeFcm) -> Settings:
    return replace(settings, push_url=fcm.url)


async def worker_page(resources: Resources) -> str:
    async with AsyncClient(transport=ASGITransport(create_worker_app(resources)), base_url="http://worker") as http:
        return (await http.get("/metrics")).text


async def deliver_to_ben(client: Client) -> None:
    ben = await client.user_id("ben")
    await add_notification(client.resources, ben, "FOLLOW")
    await deliver(client.resources)


async def test_metrics_count_deliveries_by_outcome(client: Client, fcm: FakeFcm) -> None:
    await add_phone(client, "ben", "bens-phone")
    for answer in (
        Answer(200, {}),
        Answer(200, {}),
        Answer(429, headers={"retry-after": "3600"}),
        failure(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        Answer(503, headers={"retry-after": "3600"}),
        failure(404, "NOT_FOUND", "UNREGISTERED"),
    ):
        fcm.answers.append(answer)
        await deliver_to_ben(client)
    assert fcm.answers == type(fcm.answers)()
    page = await worker_page(client.resources)
    found = {name: value for name, value in measured(page).items() if name.startswith("bff_deliveries_total")}
    assert found == {
        f'bff_deliveries_total{{channel="push",engine="fcm",outcome="{outcome}"}}': number
        for outcome, number in {"sent": 2, "later": 1, "rejected": 1, "unavailable": 1, "dead": 1}.items()
    }


async def test_metrics_have_a_histogram_of_calls(client: Client) -> None:
    assert "bff_delivery_call_seconds_bucket" not in await worker_page(client.resources)
    await add_phone(client, "ben", "bens-phone")
    await deliver_to_ben(client)
    found = measured(await worker_page(client.resources))
    labels = 'channel="push",engine="fcm"'
    assert found[f"bff_delivery_call_seconds_count{{{labels}}}"] == 1
    assert found[f"bff_delivery_call_seconds_sum{{{labels}}}"] > 0
    assert found[f'bff_delivery_call_seconds_bucket{{{labels},le="+Inf"}}'] == 1
    buckets = [value for name, value in found.items() if name.startswith("bff_delivery_call_seconds_bucket")]
    assert buckets == sorted(buckets)
    assert len(buckets) == 10


async def test_metrics_say_which_breakers_are_open(client: Client, fcm: FakeFcm) -> None:
    client.resources.push.calls[0].breaker = Breaker(lambda: 0.0)  # no time passes, so there is no trial

    def breakers(page: str) -> dict[str, float]:
        return {name: value for name, value in measured(page).items() if name.startswith("bff_breaker_open{")}

    names = [
        f'bff_breaker_open{{channel="{channel}",engine="{engine}"}}'
        for channel, engine in (("push", "fcm"), ("mail", "log"), ("payments", "sandbox"))
    ]
    assert breakers(await worker_page(client.resources)) == dict.fromkeys(names, 0)
    await add_phone(client, "ben", "bens-phone")
    for _ in range(FAILURES):
        fcm.answers.append(Answer(503, headers={"retry-after": "3600"}))
        await deliver_to_ben(client)
    assert breakers(await worker_page(client.resources)) == {names[0]: 1, names[1]: 0, names[2]: 0}
    payments = client.resources.payments
    assert isinstance(payments, GuardedProvider)
    for _ in range(FAILURES):
        payments.breaker.record_failure(is_trial=False)
    page = await worker_page(client.resources)
    assert breakers(page) == {names[0]: 1, names[1]: 0, names[2]: 1}
    assert [measured(page)[name.replace("open", "openings_total")] for name in names] == [1, 0, 1]
    await deliver_to_ben(client)
    waiting = 'bff_deliveries_total{channel="push",engine="fcm",outcome="not_called"}'
    assert measured(await worker_page(client.resources))[waiting] >= 1


async def test_metrics_say_how_late_deliveries_are(settings: Settings) -> None:
    async with serving(settings) as client:
        ben, resources = await client.user_id("ben"), client.resources
        await add_notification(resources, ben, "FOLLOW")
        due_at = resources.clock() - timedelta(seconds=100)
        await resources.database.fetch("UPDATE jobs SET due_at = $1", due_at)
        found = measured((await client.http.get("/metrics")).text)
        assert 100 <= found["bff_deliveries_late_seconds"] < 160
        await resources.database.fetch("UPDATE jobs SET due_at = $1", resources.clock() + timedelta(hours=1))
        assert measured((await client.http.get("/metrics")).text)["bff_deliveries_late_seconds"] == 0


async def test_metrics_have_no_personal_data(client: Client, fcm: FakeFcm) -> None:
    await add_phone(client, "ben", "bens-phone")
    await deliver_to_ben(client)
    page = await worker_page(client.resources)
    assert fcm.messages
    for secret in ("bens-phone", "ben", fcm.messages[0]["data"]["notificationId"], fcm.address):
        assert secret not in page


async def until_served(http: AsyncClient) -> str:
    """Waits until the worker serves its metrics, and returns them."""
    while True:
        try:
            return (await http.get("/metrics")).text
        except TransportError:
            await asyncio.sleep(0.05)


async def test_a_worker_serves_metrics(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {"BFF_DATABASE_URL": database_url, "BFF_WORKER_METRICS_PORT": str(port)}
    async with (
        working(tmp_path, environment),
        AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
        no_hang(),
    ):
        page = await until_served(http)
        assert measured(page)['bff_breaker_open{channel="push",engine="log"}'] == 0
        assert (await http.get("/graphql")).status_code == 404


async def test_a_port_in_use_is_one_line(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = bff("worker", folder=tmp_path, BFF_DATABASE_URL=database_url, BFF_WORKER_METRICS_PORT=port)
    assert failed.returncode == 1
    assert failed.stderr == (
        f"bff: BFF_WORKER_METRICS_PORT: cannot listen on 127.0.0.1:{port} (Address already in use); choose another\n"
    )
