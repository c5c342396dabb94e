"""The examples for the web send rejected requests again, and tell the app when it is too old."""

from tests.clients.programs import run_program
from tests.support.engines import Engine
from tests.support.server import serving
from tests.support.timing import settings_for

FEATURES = {"rate", "upgrade", "recommended", "overload", "pause", "prefetch"}


async def test_requests_are_sent_again_when_there_is_room(engine: Engine) -> None:
    async with engine.copy() as url:
        settings = settings_for(
            url,
            rates="on",
            rate_reads="address=2,seconds=4",
            min_versions="web=1.0.0",
            recommended_versions="web=1.5.0",
            store_urls="web=https://store.example/web",
        )
        async with serving(settings) as server:
            given = {"url": f"http://{server.address}/graphql"}
            assert await run_program("limits.js", given, {}) == FEATURES
