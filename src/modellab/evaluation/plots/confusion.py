"""The plot of a confusion matrix: numbers where they can be read, colours where there are many classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.curves import fold_confusion
from modellab.evaluation.plots.canvas import INK, SOFT, add_axes, count, label_classes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_MAX_CLASSES = 25
_MAX_NUMBERED = 10
_WHITE_FROM = 0.4  # the share of a row from which letters are white


def draw_confusion(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Rows are true classes; a cell is coloured by the root of its share of the row: a few errors show."""
    from matplotlib.colors import PowerNorm

    matrix = curves["confusion_matrix"]
    n_classes = len(matrix["classes"]) + matrix["n_folded"]
    names, counts = fold_confusion(matrix["classes"], np.asarray(matrix["counts"]), _MAX_CLASSES)
    n_folded = n_classes - len(names)
    labels = label_classes(names) + ([f"{count(n_folded)} others"] if n_folded else [])
    axes = _add_matrix_axes(figure, heading, _say_size(curves["n"], n_classes, len(names)), labels)
    rows = counts.sum(1, keepdims=True)
    shares = np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)
    norm = PowerNorm(0.5, vmin=0, vmax=1.3)  # the darkest blues are left out
    image = axes.imshow(shares, cmap="Blues", norm=norm, aspect="auto", interpolation="nearest")
    if len(labels) <= _MAX_NUMBERED:
        _write_cells(axes, counts, shares)
    else:
        _add_scale(figure, image)


def _say_size(n: int, n_classes: int, n_named: int) -> str:
    size = f"n = {count(n)}, {count(n_classes)} classes"
    return size if n_named == n_classes else f"{size}: the {n_named} with the most errors, the others summed"


def _add_matrix_axes(figure: Figure, heading: str, detail: str, labels: list[str]) -> Axes:
    size, longest = len(labels), max(map(len, labels))
    is_numbered = size <= _MAX_NUMBERED
    font = 9.5 if is_numbered else 7
    width = longest * font * 0.00118  # of the longest label, as a share of the figure's
    left, right = 0.08 + width, 0.98 if is_numbered else 0.9
    fits = width + 0.01 < (right - left) / size
    bottom = 0.14 if fits else 0.1 + width * 4 / 3
    axes = add_axes(figure, heading, detail, left=left, bottom=bottom, right=right)
    axes.set_xticks(range(size), labels, rotation=0 if fits else 90, fontsize=font, parse_math=False)
    axes.set_yticks(range(size), labels, fontsize=font, parse_math=False)
    for place in range(1, size):
        axes.axhline(place - 0.5, color="white", linewidth=1.2)
        axes.axvline(place - 0.5, color="white", linewidth=1.2)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true (colour: share of the row)")
    return axes


def _add_scale(figure: Figure, image: AxesImage) -> None:
    top, bottom = image.axes.get_position().y1, image.axes.get_position().y0
    scale = figure.colorbar(image, cax=figure.add_axes((0.915, bottom, 0.015, top - bottom)))
    scale.set_ticks([0, 0.01, 0.05, 0.2, 0.5, 1], labels=["0", "1%", "5%", "20%", "50%", "100%"], fontsize=8)
    scale.outline.set_visible(False)
    scale.ax.set_ylim(0, 1)
    scale.ax.tick_params(length=0, pad=2)


def _write_cells(axes: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    """The count in each cell, and below it the share of its row."""
    font = 13 if len(counts) <= 3 else 10 if len(counts) <= 6 else 8
    for row, column in np.ndindex(counts.shape):
        share = shares[row, column]
        color = "white" if share >= _WHITE_FROM else INK if counts[row, column] else SOFT
        text = count(int(counts[row, column]))
        if len(counts) <= 6 and counts[row, column]:
            text += f"\n{share:.1%}"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=font)
