"""`bff events` lists and replays dead letters."""

from events import PostPublished
from services.event_log.log import LogPosition
from services.jobs import JobKey, NewJob, enqueue, measure_backlog, run_job
from services.jobs.table import offer_due
from services.relay import measure_lag
from services.resources import Resources, open_resources
from services.unit_of_work import unit_of_work
from tests.support.commands import call_bff
from tests.support.jobs import Doer, rows
from tests.support.relay import drained
from tests.support.timing import settings_for


async def create_dead_letters(resources: Resources) -> tuple[int, int]:
    """Creates a dead event that cannot be read, and a dead job. Returns the ids of their events."""
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=5))
    await resources.database.fetch("UPDATE event_log SET data = '{}'")
    await drained(resources)
    (dead,) = await rows(resources, "dead_events")
    async with resources.database.transaction() as transaction:
        await enqueue(transaction, [NewJob(JobKey(7, 11, "forget_old"), LogPosition(1, 11), "{}")], resources.clock())
    await resources.database.fetch("UPDATE jobs SET attempts = 11")
    (offer,) = await offer_due(resources, 10, ["forget_old"])
    await run_job(resources, {"forget_old": Doer(failures=1)}, offer)
    return dead["id"], 11


async def test_dead_letters_are_listed_and_replayed(database_url: str) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = call_bff("events", *arguments, BFF_DATABASE_URL=database_url)
        return done.returncode, done.stdout, done.stderr

    assert run("dead") == (0, "there are no dead letters\n", "")
    async with open_resources(settings_for(database_url)) as resources:
        event_id, job_event_id = await create_dead_letters(resources)
        status, output, _ = run("dead")
        lines = output.splitlines()
        assert (status, len(lines)) == (0, 2)
        assert lines[0].startswith(f"event  {event_id}  PostPublished  ")
        assert "missing required field `post_id`" in lines[0]
        assert lines[1].startswith(f"job    {job_event_id}  forget_old  ")
        assert "Traceback" not in output
        assert "File " in run("dead", "--full")[1]

        assert run("replay") == (1, "", "bff: give the ids of the events to replay, or --all\n")
        assert run("replay", "99") == (1, "", "bff: 99: there is no dead letter of this event\n")
        status, output, failed = run("replay", "--all")
        assert (status, output) == (1, "11  jobs: 1\n")
        assert f"{event_id}: failed again and stays a dead letter: UnreadableEvent: " in failed
        assert (await measure_backlog(resources.database)).dead == 0
        (job,) = await rows(resources, "jobs")
        assert (job["event_id"], job["attempts"], job["owner_id"]) == (11, 0, 7)

        await resources.database.fetch("UPDATE dead_events SET data = '{\"post_id\": 5}'")
        assert run("replay", str(event_id)) == (0, f"{event_id}  projected\n", "")
        assert (await measure_lag(resources.database, resources.clock())).dead == 0
        assert [row["owner_id"] for row in await rows(resources, "stream_entries")] == [1]
        assert run("dead") == (0, "there are no dead letters\n", "")
