"""The examples of docs/own-schema.md and of the README run."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from types import ModuleType

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from tests.cli.test_commands import serving
from tests.house.test_readme import block


@pytest.fixture
async def shop(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[AsyncClient]:
    module = ModuleType("shop")
    # Strawberry looks for what annotations name in the module of that name.
    monkeypatch.setitem(sys.modules, "shop", module)
    text = block((project / "docs/own-schema.md").read_text(), "python")
    exec(compile(text, "shop.py", "exec"), vars(module))  # noqa: S102 - our own page
    app = create_app(settings, schema=module.schema)
    http = AsyncClient(transport=ASGITransport(app), base_url="http://bff")
    async with app.router.lifespan_context(app), http:
        yield http


async def test_it_answers(shop: AsyncClient) -> None:
    answer = await shop.post("/graphql", json={"query": "{ items { id price } item(id: 2) { id } }"})
    assert answer.json() == {"data": {"items": [{"id": 1, "price": 250}, {"id": 2, "price": 400}], "item": {"id": 2}}}


async def test_its_errors_have_their_codes(shop: AsyncClient) -> None:
    answer = (await shop.post("/graphql", json={"query": "{ item(id: 3) { id } discount }"})).json()
    assert answer["data"] == {"item": None, "discount": None}
    told = {error["path"][0]: (error["message"], error["extensions"]["code"]) for error in answer["errors"]}
    assert told == {
        "item": ("This item is sold out.", "SOLD_OUT"),
        "discount": ("Sign in to see this.", "FORBIDDEN"),
    }


async def test_its_costs_are_those_of_the_page(shop: AsyncClient, project: Path) -> None:
    page = " ".join((project / "docs/own-schema.md").read_text().split())
    for query, cost in (("{ items { id price } }", 2), ("mutation { buy(id: 1) { id } }", 201)):
        answer = await shop.post("/graphql", json={"query": query, "extensions": {"cost": True}})
        assert answer.json()["extensions"]["cost"]["requested"] == cost
        assert f"`{query}` costs {cost}" in page


async def test_its_mutation_takes_from_the_quota_of_money(settings: Settings, project: Path, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(block((project / "docs/own-schema.md").read_text(), "python"))
    environment = {"BFF_DATABASE_URL": settings.database_url, "BFF_RATES": "on"}
    async with serving("shop.py", folder=tmp_path, program=Path(sys.executable), environment=environment) as http:
        answer = await http.post("/graphql", json={"query": "mutation { buy(id: 1) { price } }"})
    assert answer.json() == {"data": {"buy": {"price": 250}}}
    assert answer.headers["ratelimit"].startswith('"money-address";r=99799;')


async def test_its_subscription_streams(shop: AsyncClient) -> None:
    accept = {"Accept": "text/event-stream"}
    answer = await shop.post("/graphql", json={"query": "subscription { sales }"}, headers=accept)
    events = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    assert events == ['data: {"data":{"sales":1}}', 'data: {"data":{"sales":2}}']


async def test_the_example_of_the_readme_answers(
    settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BFF_DATABASE_URL", settings.database_url)
    module = ModuleType("greeting")
    monkeypatch.setitem(sys.modules, "greeting", module)
    text = block((project / "README.md").read_text(), "python")
    exec(compile(text, "greeting.py", "exec"), vars(module))  # noqa: S102 - our own page
    http = AsyncClient(transport=ASGITransport(module.app), base_url="http://bff")
    async with module.app.router.lifespan_context(module.app), http:
        answer = await http.post("/graphql", json={"query": '{ greeting(name: "Ana") }'})
    assert answer.json() == {"data": {"greeting": "Hello, Ana!"}}
