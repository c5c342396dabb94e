"""Tests that client names and versions cannot fill tables or memory."""

from datetime import date, timedelta

from services.usage import OperationShape, UsageCounts, UsageLimits
from services.usage.counts import CountedUsage

TODAY = date(2026, 11, 25)
ONE, TWO, THREE = OperationShape.of({"A.one"}), OperationShape.of({"A.two"}), OperationShape.of({"A.three"})


def counted(usage: UsageCounts, day: date = TODAY) -> tuple[dict[tuple[str, str, str], int], int]:
    """Uses by app, version and fields, and how many the counts lack."""
    taken = usage.take(day)
    names = {shape.hash: shape.fields for shape in (ONE, TWO, THREE)}
    return {(use.app, use.version, names[use.shape]): uses for use, uses in taken.counts.items()}, taken.left_out


def test_beyond_so_many_apps_and_versions_who_asks_is_not_known() -> None:
    usage = UsageCounts(UsageLimits(apps=2, versions=2))
    for app, version in (("a", "1"), ("a", "2"), ("a", "3"), ("b", "1"), ("c", "1"), ("c", "1"), ("a", "2")):
        usage.count(ONE, "One", app, version)
    assert counted(usage) == (
        {
            ("a", "1", "A.one"): 1,
            ("a", "2", "A.one"): 2,
            ("", "", "A.one"): 3,
            ("b", "1", "A.one"): 1,
        },
        3,
    )


def test_beyond_so_many_operations_of_an_app_others_are_left_out() -> None:
    usage = UsageCounts(UsageLimits(operations=2))
    for shape in (ONE, TWO, THREE, ONE, THREE):
        usage.count(shape, "Name", "a", "1")
    usage.count(THREE, "Name", "b", "1")
    assert counted(usage) == ({("a", "1", "A.one"): 2, ("a", "1", "A.two"): 1, ("b", "1", "A.three"): 1}, 2)


def test_beyond_so_many_uses_or_letters_others_are_left_out_until_the_next_day() -> None:
    few = UsageCounts(UsageLimits(uses=1))
    short = UsageCounts(UsageLimits(letters=len(ONE.fields)))
    for usage in (few, short):
        usage.count(ONE, "Name", "a", "1")
        usage.count(TWO, "Name", "a", "1")
        assert counted(usage) == ({("a", "1", "A.one"): 1}, 1)
        usage.count(TWO, "Name", "a", "1")
        usage.count(ONE, "Name", "a", "1")
        assert counted(usage) == ({("a", "1", "A.one"): 1}, 1)
        assert counted(usage, TODAY + timedelta(1)) == ({}, 0)
        usage.count(TWO, "Name", "a", "1")
        assert counted(usage, TODAY + timedelta(1)) == ({("a", "1", "A.two"): 1}, 0)


def test_what_is_given_back_is_counted_still_and_stays_within_the_bounds() -> None:
    usage = UsageCounts(UsageLimits(uses=1))
    for day in range(3):
        usage.count(ONE, "Name", "a", "1")
        usage.count(TWO, "Name", "a", str(day))
        usage.give_back(usage.take(TODAY + timedelta(day)))
    assert counted(usage, TODAY + timedelta(3)) == ({("a", "1", "A.one"): 3}, 3)


def test_a_name_that_is_long_is_cut() -> None:
    usage = UsageCounts()
    for end in "ab":
        usage.count(ONE, "N" * 100 + end, "a", "1")
    assert [(use.operation, uses) for use, uses in usage.take(TODAY).counts.items()] == [("N" * 100, 2)]


def shapes_of(taken: CountedUsage) -> set[str]:
    return set(taken.shapes.values())


def test_a_shape_is_taken_once_a_day_and_with_every_first_count_of_a_day() -> None:
    usage = UsageCounts()
    usage.count(ONE, "Name", "a", "1")
    assert shapes_of(usage.take(TODAY)) == {"A.one"}
    usage.count(ONE, "Name", "a", "1")
    usage.count(ONE, "Name", "a", "2")
    usage.count(TWO, "Name", "a", "2")
    assert shapes_of(usage.take(TODAY)) == {"A.two"}
    usage.count(ONE, "Name", "a", "1")
    tomorrow = usage.take(TODAY + timedelta(1))
    assert (shapes_of(tomorrow), len(tomorrow.counts)) == ({"A.one"}, 1)
    usage.give_back(tomorrow)
    again = usage.take(TODAY + timedelta(2))
    assert (shapes_of(again), len(again.counts), again.new_day) == ({"A.one"}, 1, True)
