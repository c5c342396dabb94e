"""Draws groups of horizontal bars as SVG, without scripts or fonts of its own."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _NAMES, _BARS = 860, 330, 440
"""Pixels of the picture, of the names at its left, and of the longest bar."""
_ROW, _GAP, _TOP = 20, 34, 58
_COLORS = ("#2563eb", "#9ca3af", "#d1a54a", "#7fb69a", "#b48ac4", "#c98b7b")


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Returns a picture. Each group has its own scale, and a bar for each name, which has one color in all groups."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    height = _TOP + sum(_GAP + _ROW * len(group) for group in groups.values())
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="48" fill="#4b5563">{escape(unit)}; each group has its own scale</text>',
    ]
    top = _TOP
    for group, values in groups.items():
        lines += _group(group, values, names, top)
        top += _GAP + _ROW * len(values)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _group(title: str, values: Mapping[str, float], names: Sequence[str], top: int) -> Iterator[str]:
    yield f'<text x="16" y="{top + 20}" font-weight="bold">{escape(title)}</text>'
    most = max(values.values(), default=0.0) or 1.0
    for row, (name, value) in enumerate(values.items()):
        y, length = top + 26 + row * _ROW, max(1, round(_BARS * value / most))
        color = _COLORS[names.index(name) % len(_COLORS)]
        yield f'<text x="{_NAMES - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect x="{_NAMES}" y="{y}" width="{length}" height="{_ROW - 4}" fill="{color}"/>'
        yield f'<text x="{_NAMES + length + 6}" y="{y + 13}">{value:,.0f}</text>'
