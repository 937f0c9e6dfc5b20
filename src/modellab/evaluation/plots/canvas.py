"""What every plot is drawn on: one size, one palette, one lettering; the same bytes for the same input."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE = "#0072B2", "#D55E00"  # Okabe and Ito 2008: told apart by the colour-blind, and in grey
COLORS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PALE_BLUE = "#7db8dc"
INK, SOFT, FAINT = "#222222", "#6b6b6b", "#e4e4e4"
BAND = "#d5d9dd"
DASHES = (0, (4, 3))

_INCHES = (6.4, 4.8)
_DPI = 150
_LOCK = threading.Lock()
_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
}


def render(draw: Callable[[Figure], None]) -> bytes:
    """The PNG that `draw` makes of an empty figure, whatever styles the process has set for itself."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _LOCK, _own_style():
        figure = Figure(figsize=_INCHES, dpi=_DPI)
        FigureCanvasAgg(figure)
        draw(figure)
        data = io.BytesIO()
        figure.savefig(data, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return data.getvalue()


@contextmanager
def _own_style() -> Iterator[None]:
    import matplotlib

    style: Any = {name: value for name, value in matplotlib.rcParamsDefault.items() if "backend" not in name}
    with matplotlib.rc_context(style | _STYLE):
        yield


def add_axes(
    figure: Figure,
    heading: str,
    detail: str,
    *,
    left: float = 0.12,
    bottom: float = 0.13,
    right: float = 0.96,
    top: float = 0.84,
) -> Axes:
    """Axes within fractions of the figure, below a heading and a line of detail."""
    figure.text(0.03, 0.945, heading, fontsize=12.5, fontweight="bold", va="center", parse_math=False)
    figure.text(0.03, 0.895, detail, fontsize=9.5, color=SOFT, va="center", parse_math=False)
    return figure.add_axes((left, bottom, right - left, top - bottom))


def draw_grid(axes: Axes) -> None:
    """Faint lines at the ticks, below all that is drawn."""
    axes.grid(color=FAINT, linewidth=0.8)
    axes.tick_params(length=0)


def draw_bars(
    axes: Axes,
    edges: Sequence[tuple[float, float]],
    limits: Sequence[tuple[float, float]],
    *,
    color: str,
    label: str | None = None,
    gap: float = 0.06,
) -> None:
    """Bars from left to right `edges` and from lower to upper `limits`, with a share of their width between.

    One collection: ten times as fast to draw as a rectangle a bar.
    """
    from matplotlib.collections import PolyCollection

    corners = []
    for (left, right), (low, high) in zip(edges, limits, strict=True):
        inset = (right - left) * gap / 2
        left, right = left + inset, right - inset
        corners.append([(left, low), (left, high), (right, high), (right, low)])
    bars = PolyCollection(corners, facecolors=color, edgecolors="none", label=label)
    bars.sticky_edges.y.append(0)
    axes.add_collection(bars)
    axes.autoscale_view()


def show_legend(axes: Axes, **options: Any) -> None:
    """The legend in a line above the axes, where it covers nothing."""
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.01, 1.005),
        borderaxespad=0,
        borderpad=0.1,
        ncols=4,
        columnspacing=1.4,
        handlelength=1.6,
        **options,
    )


def label_classes(names: Sequence[Any], length: int = 16) -> list[str]:
    """Names of classes as they fit beside an axis: on one line, shortened so that they still differ.

    A name with letters that the font lacks is shown as its place, from 1.
    """
    lines = [" ".join(str(name).split()) for name in names]
    for tail in (length // 3, length // 2, length - 4):
        labels = [_cut(line, length, tail) for line in lines]
        if len(set(labels)) == len(labels):
            break
    return [label if _has_letters(label) else f"class {place}" for place, label in enumerate(labels, 1)]


def shorten(text: str, length: int) -> str:
    """A text on one line, its middle left out if it is longer; empty if the font lacks one of its letters."""
    line = _cut(" ".join(text.split()), length, length // 3)
    return line if _has_letters(line) else ""


def _cut(line: str, length: int, tail: int) -> str:
    return line if len(line) <= length else f"{line[: length - 1 - tail]}…{line[len(line) - tail :]}"


def _has_letters(text: str) -> bool:
    """Whether there is something to show, and the font can show it."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family=["DejaVu Sans"])))
    return bool(text) and all(font.get_char_index(ord(letter)) for letter in text)


def count(n: int, noun: str = "") -> str:
    """`1,234 rows`."""
    return f"{n:,} {noun}".rstrip()


def say_interval(value: float, interval: dict[str, float] | None) -> str:
    """A value with its interval, if it has one."""
    if interval is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({100 * interval['level']:.0f} % CI {interval['low']:.3f} to {interval['high']:.3f})"
