"""Charts as inline SVG: they follow the page's colours, light or dark, keep their text as text, and need no library.

matplotlib's pictures would be as many kilobytes of outlines that neither follow the colours nor can be read aloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 520, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 16, 44


@dataclass(frozen=True)
class Axis:
    """An axis: its label, its ends, and where it has ticks."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float, start: float, end: float) -> float:
        """Returns where a value stands between two places in pixels; what lies outside stands at the edge."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return start + min(max(share, 0), 1) * (end - start)


SHARE_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def line_chart(
    described: str, x: Axis, y: Axis, series: Mapping[str, Sequence[tuple[float, float]]], marked: bool = False
) -> Markup:
    """Returns lines, each named in a legend below. `marked` puts a dot on every point."""
    drawn = []
    for number, points in enumerate(series.values()):
        places = [(_x(x, across), _y(y, up)) for across, up in points]
        drawn.append(f'<polyline class="line s{number}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in places)}"/>')
        if marked:
            drawn += [f'<circle class="dot s{number}" cx="{a:.1f}" cy="{b:.1f}" r="2.5"/>' for a, b in places]
    legend = "".join(f'<li><span class="key s{n}"></span>{escape(name)}</li>' for n, name in enumerate(series))
    return _figure(described, _axes(x, y) + "".join(drawn)) + Markup(f'<ul class="legend">{legend}</ul>')


def reliability_chart(
    described: str, axes: tuple[str, str], counts: Sequence[int], confidence: Sequence[float], right: Sequence[float]
) -> Markup:
    """Returns the share of right answers for each bin of confidence: on the diagonal the probabilities are true.

    `axes` say what goes across, and what up. A dot's area grows with the number of texts in its bin.
    """
    axis, up = (Axis(label, 0.0, 1.0, SHARE_TICKS) for label in axes)
    corners = f'x1="{_x(axis, 0):.1f}" y1="{_y(up, 0):.1f}" x2="{_x(axis, 1):.1f}" y2="{_y(up, 1):.1f}"'
    drawn = [f'<line class="ideal" {corners}/>']
    most = max([*counts, 1])
    for count, across, share in zip(counts, confidence, right, strict=True):
        if count:
            a, b = _x(axis, across), _y(up, share)
            gap = f'x1="{a:.1f}" x2="{a:.1f}" y1="{b:.1f}" y2="{_y(up, across):.1f}"'
            radius = 3 + 10 * (count / most) ** 0.5
            drawn.append(f'<line class="gap" {gap}/><circle class="bin" cx="{a:.1f}" cy="{b:.1f}" r="{radius:.1f}"/>')
    return _figure(described, _axes(axis, up) + "".join(drawn))


def interval_chart(described: str, label: str, rows: Sequence[tuple[str, float, float, float]]) -> Markup:
    """Returns a dot and its interval for each row of (name, value, low, high); the first row stands out."""
    low = min(row[2] for row in rows)
    start = max(0.0, int(low * 10 - 0.5) / 10)
    ticks = tuple(round(start + step * (0.1 if start >= 0.5 else 0.2), 1) for step in range(6))
    axis = Axis(label, start, 1.0, tuple(tick for tick in ticks if tick <= 1))
    left, step = 200, 34
    height = len(rows) * step + _BOTTOM + 8
    base = height - _BOTTOM
    drawn = []
    for tick in axis.ticks:
        at = axis.place(tick, left, _WIDTH - _RIGHT)
        drawn.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="4" y2="{base}"/>')
        drawn.append(f'<text class="tick" x="{at:.1f}" y="{base + 16}" text-anchor="middle">{tick:g}</text>')
    drawn.append(
        f'<text class="axis" x="{(left + _WIDTH) / 2:.0f}" y="{height - 8}" text-anchor="middle">{escape(label)}</text>'
    )
    for number, (name, value, lowest, highest) in enumerate(rows):
        up = number * step + step / 2 + 4
        ends = [axis.place(each, left, _WIDTH - _RIGHT) for each in (lowest, value, highest)]
        kind = "first" if number == 0 else "other"
        drawn.append(
            f'<text class="name {kind}" x="{left - 12}" y="{up + 4:.0f}" text-anchor="end">{escape(name)}</text>'
        )
        drawn.append(f'<line class="range {kind}" x1="{ends[0]:.1f}" x2="{ends[2]:.1f}" y1="{up}" y2="{up}"/>')
        drawn.append(f'<circle class="value {kind}" cx="{ends[1]:.1f}" cy="{up}" r="5"/>')
    return _figure(described, "".join(drawn), height)


def round_ticks(low: float, high: float) -> tuple[float, ...]:
    """Returns up to six ticks at round values between two ends."""
    span = high - low
    if span <= 0:
        return (low,)
    size = 10.0 ** _floor_log10(span)
    step = next(each for each in (size * 0.2, size * 0.5, size, size * 2) if span / each <= 6)
    first = -(-low // step)
    return tuple(round((first + n) * step, 10) for n in range(8) if (first + n) * step <= high + step * 1e-9)


def _floor_log10(value: float) -> int:
    exponent = 0
    while 10.0**exponent > value:
        exponent -= 1
    while 10.0 ** (exponent + 1) <= value:
        exponent += 1
    return exponent


def _x(axis: Axis, value: float) -> float:
    return axis.place(value, _LEFT, _WIDTH - _RIGHT)


def _y(axis: Axis, value: float) -> float:
    return axis.place(value, _HEIGHT - _BOTTOM, _TOP)


def _axes(x: Axis, y: Axis) -> str:
    drawn = []
    for tick in y.ticks:
        at = _y(y, tick)
        drawn.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        drawn.append(f'<text class="tick" x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in x.ticks:
        at = _x(x, tick)
        drawn.append(
            f'<text class="tick" x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tick:g}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(f'<text class="axis" x="{middle:.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x.label)}</text>')
    turned = f'transform="translate(12 {(_HEIGHT - _BOTTOM + _TOP) / 2:.0f}) rotate(-90)"'
    drawn.append(f'<text class="axis" {turned} text-anchor="middle">{escape(y.label)}</text>')
    return "".join(drawn)


def _figure(described: str, drawn: str, height: int = _HEIGHT) -> Markup:
    head = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(described)}">'
    return Markup(f"{head}{drawn}</svg>")
