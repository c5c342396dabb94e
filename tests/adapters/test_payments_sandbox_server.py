"""The sandbox as a server: its faults, its webhooks, its database, and the paths for developers."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.payments import Action, ChargeState, PaymentKey, RefundState, WebhookEvent, WebhookKind
from adapters.payments.sandbox import book, webhooks
from adapters.payments.sandbox.events import read_event
from adapters.payments.sandbox.faults import Faults
from adapters.payments.sandbox.server import SandboxServer, WebhookTarget
from tests.support.asgi_server import serving_asgi
from tests.support.providers import (
    BEGIN,
    END,
    SECRETS,
    charge_request,
    opened_provider,
    provider_case,
    refund_request,
)
from tests.support.timing import MOMENT, no_hang, until


class Receiver:
    """Receives webhooks, and answers with the statuses that a test gives it, then with 200."""

    def __init__(self) -> None:
        self.events: list[WebhookEvent] = []
        self.statuses: list[int] = []

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.events.append(read_event(SECRETS, request.headers, body, datetime.now(UTC)))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    @property
    def about(self) -> Sequence[tuple[WebhookKind, PaymentKey | None, int]]:
        return [(event.kind, event.payment, event.amount) for event in self.events]


@asynccontextmanager
async def sending(path: str = "", **faults: float) -> AsyncGenerator[tuple[Receiver, SandboxServer, Any]]:
    """Yields what receives webhooks, the server that sends them, and a provider that asks the server."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/hook", receiver.receive, methods=["POST"])])
    async with serving_asgi(app) as hook:
        server = SandboxServer(path, WebhookTarget(f"http://{hook}/hook", SECRETS[0]))
        server.fault_choice.faults = Faults(**faults)
        async with (
            serving_asgi(server.app()) as address,
            opened_provider(payments_url=f"sandbox+http://{address}") as provider,
        ):
            yield receiver, server, provider


async def test_every_change_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "SLOW_REFUND_SECONDS", MOMENT)
    async with sending() as (receiver, server, provider):
        card = (await provider.add_card(7, "tok_slow_refund", "key")).reference
        charge = await provider.charge(charge_request(card))
        await provider.charge(charge_request(card))
        await provider.refund(refund_request(charge.reference, 200))
        await until(lambda: len(receiver.events) == 3)
        await server.sandbox.dispute(charge.reference)
        await server.sandbox.reverse_dispute(charge.reference)
        await until(lambda: len(receiver.events) == 5)
        assert receiver.about == [
            (WebhookKind.CHARGE_CHANGED, PaymentKey(7, 1), 500),
            (WebhookKind.REFUND_CHANGED, PaymentKey(7, 2), 200),
            (WebhookKind.REFUND_CHANGED, PaymentKey(7, 2), 200),
            (WebhookKind.CHARGEBACK, PaymentKey(7, 1), 500),
            (WebhookKind.CHARGEBACK_REVERSED, PaymentKey(7, 1), 500),
        ]
        assert {event.charge for event in receiver.events} == {charge.reference}
        assert len({event.id for event in receiver.events}) == 5


async def test_a_webhook_is_sent_until_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_FIRST_PAUSE_SECONDS", 0.01)
    async with sending() as (receiver, server, provider):
        receiver.statuses = [500, 400, 302]
        await provider.charge(charge_request("pm_seed_1"))
        await until(lambda: len(receiver.events) == 4)
        assert len(set(receiver.events)) == 1
        await all_sent(server)
        assert len(receiver.events) == 4


async def waiting(server: SandboxServer) -> int:
    """Returns the number of events that are to be sent."""
    return await server.sandbox.ask(lambda book: book.require("SELECT COUNT(*) AS n FROM events")["n"])


async def all_sent(server: SandboxServer) -> None:
    async with no_hang():
        while await waiting(server):  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.01)


async def test_webhooks_are_lost_doubled_and_late_by_faults() -> None:
    async with sending(webhook_drop=1) as (receiver, server, provider):
        await provider.charge(charge_request("pm_seed_1"))
        await all_sent(server)
        assert receiver.events == []
        server.fault_choice.faults = Faults(webhook_duplicate=1)
        await provider.charge(charge_request("pm_seed_1", payment=2))
        await until(lambda: len(receiver.events) == 2)
        assert receiver.events[0] == receiver.events[1]
        server.fault_choice.faults = Faults(webhook_reorder=1)
        await provider.charge(charge_request("pm_seed_1", 1, payment=3))
        server.fault_choice.faults = Faults()
        await provider.charge(charge_request("pm_seed_1", 2, payment=4))
        await until(lambda: len(receiver.events) == 4)
        assert [event.amount for event in receiver.events[2:]] == [2, 1]


async def test_events_that_were_not_sent_are_sent_after_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "sandbox.sqlite3")
    async with sending(path, webhook_delay_seconds=600) as (receiver, server, provider):
        charge = await provider.charge(charge_request("pm_seed_1"))
        await server.sandbox.ask(lambda book: book.run("UPDATE events SET due_at = due_at + 3600"))
        assert (await waiting(server), receiver.events) == (1, [])
    async with sending(path) as (receiver, server, provider):
        await server.sandbox.ask(lambda book: book.run("UPDATE events SET due_at = 0"))
        await until(lambda: len(receiver.events) == 1)
        assert await provider.find_charge(charge_request("pm_seed_1"), None) == charge


async def test_charges_are_declined_and_confirmed_by_faults(tmp_path: Path) -> None:
    async with provider_case("server", tmp_path) as case:
        assert case.server
        card = await case.card()
        case.server.fault_choice.faults = Faults(decline=1)
        declined = await case.provider.charge(charge_request(card, payment=1))
        case.server.fault_choice.faults = Faults(confirm_step=1)
        waits = await case.provider.charge(charge_request(card, payment=2))
        assert (declined.state, waits.state) == (ChargeState.DECLINED, ChargeState.REQUIRES_ACTION)
        case.server.fault_choice.faults = Faults()
        assert await case.provider.charge(charge_request(card, payment=1)) == declined


async def test_developers_confirm_on_a_page_and_read_all_charges(tmp_path: Path) -> None:
    async with provider_case("server", tmp_path) as case:
        assert case.server
        charge = await case.provider.charge(charge_request(await case.card("confirm")))
        assert isinstance(charge.action, Action)
        url = charge.action.url or ""
        async with httpx2.AsyncClient() as http:
            assert "Confirm the payment" in (await http.get(url)).text
            assert (await http.post(url)).status_code == 200
            base = url.partition("/confirm/")[0]
            (row,) = (await http.get(f"{base}/charges")).json()
            period = {"since": BEGIN.isoformat(), "until": END.isoformat()}
            statement = (await http.get(f"{base}/statement", params=period)).json()
            hostile = (await http.get(f"{base}/confirm/%22%3E%3Cscript%3E")).text
        assert (row["reference"], row["state"], row["amount"]) == (charge.reference, "SUCCEEDED", 500)
        assert statement[0][:6] == ["CHARGE", charge.reference, [7, 1], charge.reference, 500, "EUR"]
        assert "<script>" not in hostile


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/charges", b"", 422),
        ("/charges", b"[1]", 422),
        ("/charges", b'[[7, 1], "pm_seed_1", "five", "EUR", "2026-01-01T00:00:00Z"]', 422),
        ("/faults", b'{"decline": 2}', 422),
        ("/faults", b'{"declines": 1}', 422),
        ("/faults", b'{"decline": 0.5}', 200),
        ("/confirm/unknown", b"", 409),
        ("/disputes/unknown", b"", 409),
        ("/disputes/unknown/reverse", b"", 409),
        ("/charges/cancel", b'"unknown"', 409),
    ],
)
async def test_wrong_requests_are_answered(path: str, body: bytes, status: int) -> None:
    server = SandboxServer()
    transport = httpx2.ASGITransport(server.app())
    async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        assert (await http.post(path, content=body)).status_code == status
        assert (await http.get("/statement")).status_code == 422
        assert (await http.get("/charges")).json() == []
    await server.sandbox.close()


async def test_two_processes_share_a_file_and_never_charge_twice(tmp_path: Path) -> None:
    url = f"sandbox://{tmp_path / 'shared.sqlite3'}"
    async with opened_provider(payments_url=url) as one, opened_provider(payments_url=url) as other:
        request = charge_request("pm_seed_1")
        charges = await asyncio.gather(*(provider.charge(request) for provider in [one, other] * 10))
        assert len(set(charges)) == 1
        refunds = await asyncio.gather(
            *(
                provider.refund(refund_request(charges[0].reference, 300, payment))
                for payment, provider in enumerate([one, other] * 3, 2)
            )
        )
        assert [refund.state for refund in refunds].count(RefundState.SUCCEEDED) == 1
        assert sorted([line.amount async for line in other.statement(BEGIN, END)]) == [300, 500]


async def test_the_server_runs_as_a_program(tmp_path: Path) -> None:
    arguments = ["-m", "adapters.payments.sandbox", "--port", "0", "--database", str(tmp_path / "a.sqlite3")]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    async with no_hang():
        line = (await process.stdout.readline()).decode()
        address = line.rpartition("http://")[2].strip()
        async with opened_provider(payments_url=f"sandbox+http://{address}") as provider:
            charge = await provider.charge(charge_request("pm_seed_1"))
        process.terminate()
        await process.wait()
    assert charge.state is ChargeState.SUCCEEDED
    async with opened_provider(payments_url=f"sandbox://{tmp_path / 'a.sqlite3'}") as provider:
        assert await provider.find_charge(charge_request("pm_seed_1"), None) == charge
