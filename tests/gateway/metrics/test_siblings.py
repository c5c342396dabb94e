"""Processes that ask each other for their metrics."""

import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.process_slots import ProcessSlots
from gateway.metrics import siblings
from gateway.metrics.exposition import WrittenFamilies, join_families, write_families
from gateway.metrics.families import gauges
from gateway.metrics.siblings import SiblingPages, answering, ask_siblings
from tests.support.timing import HANG_SECONDS, PASSING


@pytest.fixture(params=[True, False], ids=["abstract names", "a folder"])
def slots(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ProcessSlots]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with closing(ProcessSlots(abstract=request.param)) as opened:
        for number in range(3):
            opened.get(number)
        yield opened


@pytest.fixture(autouse=True)
def deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives each process enough time on a busy machine. Tests of missing processes set their own."""
    monkeypatch.setattr(siblings, "DEADLINE_SECONDS", HANG_SECONDS)


def family(value: str) -> WrittenFamilies:
    return {"number": ("# TYPE number gauge\n", f"number {value}\n")}


async def written(value: str) -> WrittenFamilies:
    return family(value)


async def hanging() -> WrittenFamilies:
    await asyncio.Event().wait()
    raise AssertionError


async def test_each_process_answers_all_others(slots: ProcessSlots) -> None:
    async with AsyncExitStack() as stack:
        for number in range(3):
            await stack.enter_async_context(answering(slots.get(number), lambda number=number: written(f"{number}")))
        for number in range(3):
            others = [family(f"{other}") for other in range(3) if other != number]
            assert await ask_siblings(slots.get(number)) == SiblingPages(others, 0)


async def test_a_process_that_does_not_answer_is_missing(slots: ProcessSlots, monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(slots.get(1), hanging), answering(slots.get(2), lambda: written("2")):
        monkeypatch.setattr(siblings, "DEADLINE_SECONDS", PASSING)
        pages = await ask_siblings(slots.get(0))
    assert pages == SiblingPages([family("2")], 1)


async def test_a_process_that_answers_nonsense_is_missing(slots: ProcessSlots) -> None:
    async def answer_nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"number": 1}')
        writer.close()

    listener = slots.get(1).listener
    assert listener is not None
    async with answering(slots.get(2), lambda: written("2")):
        nonsense = await asyncio.start_unix_server(answer_nonsense, sock=listener.dup())
        assert await ask_siblings(slots.get(0)) == SiblingPages([family("2")], 1)
        nonsense.close()


async def test_the_socket_of_a_slot_outlives_its_process(slots: ProcessSlots) -> None:
    slots.drop_last()
    async with answering(slots.get(1), lambda: written("first")):
        pass
    async with answering(slots.get(1), lambda: written("second")):
        assert await ask_siblings(slots.get(0)) == SiblingPages([family("second")], 0)


async def test_slots_may_be_added_and_removed(slots: ProcessSlots) -> None:
    slots.drop_last()
    async with answering(slots.get(1), lambda: written("1")):
        assert await ask_siblings(slots.get(0)) == SiblingPages([family("1")], 0)
        async with answering(slots.get(2), lambda: written("2")):
            assert await ask_siblings(slots.get(0)) == SiblingPages([family("1"), family("2")], 0)


async def test_processes_of_other_users_get_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(ProcessSlots(abstract=True)) as slots:
        slots.get(0)
        async with answering(slots.get(1), lambda: written("1")):
            monkeypatch.setattr(os, "geteuid", lambda: 12345)
            assert await ask_siblings(slots.get(0)) == SiblingPages([], 1)


async def test_answers_of_other_users_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"number": ["# TYPE number gauge\\n", "number 1\\n"]}')
        writer.close()

    with closing(ProcessSlots(abstract=True)) as slots:
        slots.get(0)
        listener = slots.get(1).listener
        assert listener is not None
        server = await asyncio.start_unix_server(answer, sock=listener.dup())
        assert await ask_siblings(slots.get(0)) == SiblingPages([family("1")], 0)
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert await ask_siblings(slots.get(0)) == SiblingPages([], 1)
        server.close()


def test_a_folder_is_private_and_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    slots = ProcessSlots(abstract=False)
    slots.get(0)
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    slots.close()
    assert list(tmp_path.iterdir()) == []


async def test_without_sockets_a_process_serves_its_own_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with closing(ProcessSlots()) as slots:
        slot = slots.get(0)
        assert slot.listener is None
        async with answering(slot, lambda: written("0")):
            assert await ask_siblings(slot) == SiblingPages([], 0)


def test_families_of_all_processes_follow_each_other() -> None:
    one = {"a": ("# a\n", "a 1\n"), "b": ("# b\n", "b 1\n")}
    other = {"b": ("# b\n", "b 2\n"), "c": ("# c\n", "c 2\n")}
    assert join_families([one, other]) == "# a\na 1\n# b\nb 1\nb 2\n# c\nc 2\n"


async def test_values_of_labels_are_escaped_and_sorted() -> None:
    value = 'a "quoted" \\ text\n'
    family = gauges("bff_x", "Two\nlines", ["z", "b"], [(["1", value], 2)])
    page = join_families([await write_families([family], {"process": "0"})])
    assert page == (
        '# HELP bff_x Two\\nlines\n# TYPE bff_x gauge\nbff_x{b="a \\"quoted\\" \\\\ text\\n",process="0",z="1"} 2.0\n'
    )
    (parsed,) = text_string_to_metric_families(page)
    assert parsed.samples[0].labels == {"b": value, "process": "0", "z": "1"}
