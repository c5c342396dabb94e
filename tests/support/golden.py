"""Writes the answers that the repository shows: `python -m tests.support.golden`."""

import asyncio
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from httpx2 import ASGITransport, AsyncClient

from gateway.app import create_app
from tests.support.client import HOME, Client
from tests.support.engines import SqliteEngine
from tests.support.timing import settings_for

PROJECT = Path(__file__).parent.parent.parent


def written(answer: object) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


async def main() -> None:
    with TemporaryDirectory() as folder:
        engine = SqliteEngine(Path(folder) / "golden")
        await engine.open()
        app = create_app(settings_for(engine.template_url))
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
        ):
            client = Client(http, app.state.resources)
            home = await client.ask(HOME, as_="ana")
            (PROJECT / "tests/feed/home-of-ana.json").write_text(written(home))
            readme = (PROJECT / "README.md").read_text()
            query = readme.partition("```graphql\n")[2].partition("```")[0]
            answer = written(await client.ask(query, as_="ana"))
            text = re.sub(r"```json\n.*?```", lambda _: f"```json\n{answer}```", readme, flags=re.DOTALL)
            (PROJECT / "README.md").write_text(text)


if __name__ == "__main__":
    asyncio.run(main())
