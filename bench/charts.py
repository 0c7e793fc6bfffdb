"""Which figures of the results are drawn, as plain values; drawing itself is another environment's (bench.drawing)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from bench.record import Row


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars: one series of values for each name, over the labels. `target` is drawn as a series of its own."""

    bench: str
    file: str
    title: str
    unit: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def mark(chart: Chart) -> str:
    """A comment that names the figures that a drawing was made of."""
    return f"<!-- made of {hashlib.sha256(chart.as_json().encode()).hexdigest()} -->"


def charts(found: Mapping[str, Row]) -> Iterator[Chart]:
    """Every chart that the results have figures for."""
    if "compare" in found:
        yield _compared(found["compare"]["rows"])
    if "steps" in found:
        yield _steps(found["steps"]["rows"])
    if "load" in found:
        yield _load(found["load"]["rows"])


def _compared(rows: Sequence[Row]) -> Chart:
    completions = sorted((row for row in rows if row["act"] == "complete a task"), key=lambda row: row["cpu_ms"])
    return Chart(
        "compare",
        "performance-compare.svg",
        "Completing a task beside other engines",
        "ms CPU",
        [row["engine"] for row in completions],
        {"median": [row["cpu_ms"] for row in completions]},
    )


def _steps(rows: Sequence[Row]) -> Chart:
    acts = list(dict.fromkeys(row["act"] for row in rows))
    databases = list(dict.fromkeys(row["database"] for row in rows))
    costs = {(row["database"], row["act"]): row["cpu_ms"] for row in rows}
    series = {database: [costs.get((database, act)) for act in acts] for database in databases}
    return Chart("steps", "performance-steps.svg", "Acts in the service layer", "ms CPU", acts, series)


def _load(rows: Sequence[Row]) -> Chart:
    series = {name: [row[f"{name}_ms"] for row in rows] for name in ("p50", "p95", "p99")}
    labels = [f"{row['web_processes']} web" for row in rows]
    return Chart("load", "performance-load.svg", "How long a completion takes in a full office", "ms", labels, series)
