"""Runs a smaller `make campaign-delivery`, and shows that the campaign finds faults."""

import pytest

from tests.conftest import ENGINES
from tests.notifications.support.campaign.campaign import run
from tests.notifications.support.campaign.checker import Why
from tests.notifications.support.campaign.scale import Scale

DEFECTS = """
DELETE FROM jobs WHERE event_id IN (SELECT id FROM notifications ORDER BY id LIMIT 5);
CREATE FUNCTION forget_sent() RETURNS trigger AS $$ BEGIN
    NEW.state := 'LATER';
    NEW.attempts := OLD.attempts;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER forget_sent BEFORE UPDATE ON notification_deliveries FOR EACH ROW
    WHEN (NEW.state = 'SENT' AND NEW.channel = 'EMAIL' AND OLD.attempts = 1) EXECUTE FUNCTION forget_sent();
CREATE FUNCTION repeat_job() RETURNS trigger AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM notification_deliveries WHERE notification_id = OLD.event_id AND state = 'LATER') THEN
        OLD.due_at := now();
        INSERT INTO jobs SELECT OLD.*;
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER repeat_job AFTER DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION repeat_job();
CREATE FUNCTION keep_token() RETURNS trigger AS $$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql;
CREATE TRIGGER keep_token BEFORE DELETE ON push_tokens FOR EACH ROW EXECUTE FUNCTION keep_token();
"""
"""Five jobs are lost, mails are sent twice because that they were sent is forgotten, and dead tokens stay."""

pytestmark = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")


async def test_no_message_is_lost_or_sent_twice_without_reason_whatever_is_killed() -> None:
    outcome = await run(Scale(people=150, kills=4, seed=7))
    assert outcome.all_faults == []
    assert len(outcome.evidence.kills) == 4
    assert len(outcome.evidence.due) > 300
    assert outcome.evidence.dead
    assert sum(number for (why, _), number in outcome.verdict.again.items() if why is Why.KILLED) > 0


async def test_the_campaign_finds_faults() -> None:
    outcome = await run(Scale(people=80, kills=0, seed=8), DEFECTS)
    found = outcome.verdict.faults
    assert len(found["lost"]) == 10
    assert 20 < len(found["doubled"]) <= 40
    assert {fault.split()[0] for fault in found["doubled"]} == {"mail"}
    assert len(found["dead tokens kept"]) == len(found["not due"]) == len(outcome.evidence.dead) == 3
    assert (found["tokens deleted"], found["dead letters"]) == ([], [])
