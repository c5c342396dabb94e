import sys
from dataclasses import replace
from pathlib import Path

import pytest
from graphql import validate

from bench import engine_timing
from bench.engine_cases import all_cases
from bench.engine_cases.case import Case
from bench.engine_cases.home import documents_case
from bench.engine_documents import many_documents
from bench.engine_page import update
from bench.engine_timing import ResultsDiffer, compiling, same_result, timed

CASES = {case.name: case for case in all_cases()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_every_contender_of_the_benchmark_answers_the_same(case: Case) -> None:
    assert validate(case.schema, case.document()) == []
    assert await same_result(case)


@pytest.mark.parametrize("other", [{}, {"viewer": None}])
async def test_contenders_that_answer_differently_are_not_timed(other: dict[str, None]) -> None:
    async def by_hand() -> dict[str, None]:
        return other

    with pytest.raises(ResultsDiffer, match="tiny: by hand"):
        await timed(replace(CASES["tiny"], by_hand=by_hand), 1, "On")


async def test_the_page_has_what_was_measured_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_timing, "MAX_SLOT_NS", 1)
    case = CASES["home-edges"]
    timing = await timed(case, 1, "On")
    update(tmp_path, {"timings": [timing]})
    page = update(tmp_path, {"compiling": [await compiling(CASES["tiny"], 3.0)]})
    assert (timing.fields, timing.values) == (825, 580)
    assert case.title in page
    assert CASES["tiny"].title in page
    assert (tmp_path / "engine.md").read_text() == page


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
async def test_memory_is_read_while_documents_come() -> None:
    memory = await many_documents(documents_case(), 3)
    assert [count for count, _ in memory.after] == [1, 2, 3]
    assert all(resident > 0 for _, resident in memory.after)
