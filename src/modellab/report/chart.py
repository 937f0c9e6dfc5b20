"""A chart as SVG: lines over steps, with ticks that read well, and a legend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement

from modellab.report.colors import color_of, style_lines
from modellab.report.document import Chart, Curve
from modellab.report.text import clean
from modellab.report.wording import cut

WIDTH, HEIGHT = 720, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 200, 12, 36
_N_TICKS = 5

Range = tuple[float, float]


def draw_chart(chart: Chart) -> Element:
    """The picture; a chart of which nothing is finite has axes alone."""
    xs, ys = _span(chart.curves)
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "role": "img",
            "aria-label": f"Curves of {clean(chart.metric)}",
        },
    )
    _draw_axes(svg, xs, ys)
    styles = style_lines([curve.run_id for curve in chart.curves])
    for place, (curve, (color, dashes)) in enumerate(zip(chart.curves, styles, strict=True)):
        pen = {"stroke": color} | ({"stroke-dasharray": dashes} if dashes else {})
        path = " ".join(_write_path(curve, xs, ys))
        if path:
            SubElement(svg, "path", {"d": path, "fill": "none", "stroke-width": "1.6", **pen})
        y = _TOP + 10 + place * 18
        left = WIDTH - _RIGHT + 14
        line = {"x1": str(left), "x2": str(left + 24), "y1": str(y), "y2": str(y)}
        SubElement(svg, "line", {**line, "stroke-width": "3", **pen})
        _write(svg, left + 30, y + 4, cut(clean(curve.label), 23), "start")
    return svg


def draw_sign(run_id: str) -> Element:
    """A short line in the colour of a run, which a reader finds again in the charts."""
    svg = Element("svg", {"viewBox": "0 0 12 8", "width": "12", "height": "8", "aria-hidden": "true"})
    line = {"x1": "1", "x2": "11", "y1": "4", "y2": "4", "stroke": color_of(run_id), "stroke-width": "3"}
    SubElement(svg, "line", line)
    return svg


def list_ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, about five."""
    rough = (high - low) / _N_TICKS
    if not (math.isfinite(rough) and rough > 0):
        return [low]
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((power * n for n in (1, 2, 5) if power * n >= rough), power * 10)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def _span(curves: Sequence[Curve]) -> tuple[Range, Range]:
    """The ranges of steps and of finite values, never of no width."""
    points = [
        point
        for curve in curves
        for point in zip(curve.steps, curve.values, strict=True)
        if math.isfinite(point[1])
    ]
    return _widen([float(step) for step, _ in points]), _widen([value for _, value in points])


def _widen(values: Sequence[float]) -> Range:
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if low == high:
        margin = abs(low) / 2 or 0.5
        return low - margin, high + margin
    return low, high


def _draw_axes(svg: Element, xs: Range, ys: Range) -> None:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    for value in list_ticks(*ys):
        y = _place_y(value, ys)
        SubElement(svg, "line", {"x1": str(_LEFT), "x2": str(right), "y1": y, "y2": y, "stroke": "#d9dcdf"})
        _write(svg, _LEFT - 6, float(y) + 4, f"{value:.4g}", "end")
    for value in list_ticks(*xs):
        _write(svg, float(_place_x(value, xs)), bottom + 16, f"{value:,.10g}", "middle")
    SubElement(
        svg,
        "line",
        {"x1": str(_LEFT), "x2": str(right), "y1": str(bottom), "y2": str(bottom), "stroke": "#56606a"},
    )
    _write(svg, (_LEFT + right) / 2, HEIGHT - 4, "step", "middle")


def _write(svg: Element, x: float, y: float, text: str, anchor: str) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "font-size": "11", "fill": "#56606a"}
    SubElement(svg, "text", place).text = text


def _write_path(curve: Curve, xs: Range, ys: Range) -> Iterator[str]:
    pen = "M"
    for step, value in zip(curve.steps, curve.values, strict=True):
        if not math.isfinite(value):
            pen = "M"
            continue
        yield f"{pen}{_place_x(step, xs)} {_place_y(value, ys)}"
        pen = "L"


def _place_x(value: float, xs: Range) -> str:
    return f"{_LEFT + _part(value, xs) * (WIDTH - _LEFT - _RIGHT):.1f}"


def _place_y(value: float, ys: Range) -> str:
    return f"{HEIGHT - _BOTTOM - _part(value, ys) * (HEIGHT - _TOP - _BOTTOM):.1f}"


def _part(value: float, within: Range) -> float:
    """Where a value lies from 0 to 1; halved first, as the width itself may be more than a float holds."""
    low, high = within
    return (value / 2 - low / 2) / (high / 2 - low / 2)
