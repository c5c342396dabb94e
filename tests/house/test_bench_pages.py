"""Pages and pictures of benchmarks show the values that were measured."""

from xml.etree import ElementTree as ET

from bench import profiling
from bench.bars import bars
from bench.floor.page import picture
from bench.world import PROJECT

SVG = "{http://www.w3.org/2000/svg}"
DATA = {
    "operations": {
        "home": {
            "measured": {
                "ours": {"samples": [{"cpu_ms": 1.5}, {"cpu_ms": 2.0}, {"cpu_ms": 9.0}]},
                "Mercurius": {"samples": [{"cpu_ms": 4.0}]},
            },
        },
        "typename": {
            "measured": {"ours": {"samples": [{"cpu_ms": 0.1}]}, "Mercurius": {"samples": [{"cpu_ms": 0.05}]}}
        },
    }
}


def _read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - written by the tested function


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in _read(svg).iter(f"{SVG}text")]


def test_a_picture_shows_medians_in_microseconds() -> None:
    found = texts(picture(DATA))
    assert [text for text in found if text.replace(",", "").isdigit()] == ["2,000", "4,000", "100", "50"]


def test_bars_are_as_long_as_their_values_and_have_the_color_of_their_name() -> None:
    svg = _read(bars("<CPU>", "µs", {"a": {"x": 50.0, "y & z": 100.0}, "b": {"y & z": 3.0}}))
    drawn = [(int(each.get("width", "")), each.get("fill")) for each in list(svg.iter(f"{SVG}rect"))[1:]]
    assert [length for length, _ in drawn] == [220, 440, 440]
    assert drawn[1][1] == drawn[2][1] != drawn[0][1]
    assert "y & z" in texts(bars("<CPU>", "µs", {"a": {"y & z": 1.0}}))


def test_the_profile_knows_only_files_that_exist() -> None:
    owners = [owner for part in profiling.PARTS.values() for owner in part if owner.endswith(".py")]
    assert owners
    assert [owner for owner in owners if not (PROJECT / owner).exists()] == []
