"""`bff doctor` says of each replica whether servers use it, and why not."""

from services.maintenance.doctor import examine
from services.resources import open_resources
from tests.replicas.conftest import Pair
from tests.support.programs import free_port
from tests.support.timing import settings_for


async def examined(pair: Pair, urls: str) -> list[tuple[str, str | None]]:
    """Returns the diagnoses of replicas."""
    settings = settings_for(pair.url, cache_url="memory://", bus_url="memory://", database_replica_urls=urls)
    async with open_resources(settings) as resources:
        found = await examine(resources)
    return [(each.what, each.advice) for each in found if "replica" in each.what]


async def test_the_doctor_names_the_lag_of_replicas_and_what_is_wrong_with_others(
    pair: Pair,
) -> None:
    port = free_port()
    gone = f"postgres://postgres@127.0.0.1:{port}/bff"
    standby, primary, missing = await examined(pair, f"{pair.replica_url},{pair.url},{gone}")
    assert standby[0].endswith(" s behind)")
    assert standby[1] is None
    advice = "; docs/replicas.md#reasons says what to do"
    assert primary[1] == f"it is not a standby, or was promoted{advice}"
    assert missing == (f"read replica 127.0.0.1:{port}/bff", f"it does not answer{advice}")


async def test_the_doctor_says_that_a_replica_lags(pair: Pair) -> None:
    await pair.pause()
    await pair.primary.execute("SELECT pg_switch_wal()")
    ((_, advice),) = await examined(pair, pair.replica_url)
    assert advice == "it lags by more than 1 s; docs/replicas.md#reasons says what to do"
