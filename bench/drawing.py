"""Draws one chart as SVG: JSON of `bench.charts.Chart` in, SVG out. Run in the environment of the bench."""

from __future__ import annotations

import json
import sys
from typing import Any

import pygal
from pygal.style import Style

# No address of a font is named: the reader's own serve.
STYLE = Style(
    font_family="sans-serif", background="white", plot_background="white", colors=("#1f5c99", "#c2571a", "#4d7f3a")
)


def draw(chart: dict[str, Any]) -> str:
    """The same figures give the same bytes."""
    bars = pygal.HorizontalBar(
        style=STYLE,
        js=(),
        no_prefix=True,
        pretty_print=True,
        disable_xml_declaration=True,
        print_values=True,
        width=900,
        height=140 + 34 * len(chart["labels"]) * len(chart["series"]),
        show_legend=len(chart["series"]) > 1,
        title=f"{chart['title']} ({chart['unit']})",
        value_formatter=lambda value: "" if value is None else f"{value:g}",
    )
    bars.x_labels = list(reversed(chart["labels"]))
    for name, values in chart["series"].items():
        bars.add(name, list(reversed(values)))
    return str(bars.render(is_unicode=True))


if __name__ == "__main__":
    sys.stdout.write(draw(json.load(sys.stdin)))
