"""Runs smaller ones of `make campaign-bank`."""

import pytest

from tests.conftest import ENGINES
from tests.payments.support.campaign import run
from tests.payments.support.scale import Scale

POSTGRES = Scale("postgres", clients=8, servers=1, kills=10, cuts=4, crashes=1, seed=7, between=6)
SQLITE = Scale("sqlite", clients=6, servers=1, kills=10, cuts=0, crashes=0, seed=7, between=6)


@pytest.mark.parametrize("scale", [POSTGRES, SQLITE], ids=lambda scale: scale.engine)
async def test_no_payment_is_lost_or_doubled_whatever_fails(scale: Scale) -> None:
    if scale.engine not in ENGINES:
        pytest.skip("PostgreSQL is not reached")
    outcome = await run(scale)
    assert outcome.all_faults == []
    assert (outcome.failures["kill"], outcome.failures["cut"]) == (scale.kills, scale.cuts)
    assert outcome.book.acknowledged > 60
    assert outcome.book.repeated.total() > 0
    assert outcome.auditor.reads > 5
    assert outcome.screens.read > 20
