"""Makes docs/performance.md and its charts from the newest results: `python -m bench.report`.

No figure is typed by hand, neither there nor here.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench import environment
from bench.charts import Chart, charts, mark
from bench.record import RESULTS, Row, newest

PAGE = environment.ROOT / "docs" / "performance.md"
IMAGES = environment.ROOT / "docs" / "images"
# Each bench: its heading, and what its figures are.
SECTIONS = {
    "steps": (
        "A step in the service layer",
        "Whole cases of the safety licence: rules, form, materials, engine, history, timers, outbox and commit. CPU is "
        "that of the process that acts; PostgreSQL's own is not counted. Medians of the quietest of several passes.",
    ),
    "http": (
        "The same through HTTP",
        "Sign-in, idempotency, checks, act and the whole case as the answer; once straight into the application, once "
        "through waitress over a loopback connection that stays open, without the CPU of the client. Medians of the "
        "quietest of several passes.",
    ),
    "compare": (
        "Beside other engines",
        "A case of each in turn, on SQLite files in one folder with the same journal and flushing. They do not do the "
        "same: the last column says what each does in a step. The others have no forms, rules, materials, fees, "
        "history or due rows. “At most” is the other engine's own figure of this run.",
    ),
    "loop": (
        "A case that goes in circles",
        "One case sent back from the review to the survey again and again; three acts a loop.",
    ),
    "answers": ("A case with long answers", "The same steps after an application of 1 KB and of 100 KB."),
    "definitions": (
        "Many definitions",
        "A county's diagrams, each with its forms, opened one after the other through the bounded cache.",
    ),
    "sweep": ("A look that finds nothing", "The worker's sweep among a million armed timers, none of them due."),
    "reconciliation": (
        "Half a million receipts",
        "A file of the treasury against as many payments that the bank has told, one in 500 with a difference planted, "
        "of each class in turn. All that was planted must be found and nothing beside. The last step is the worker's, "
        "afterwards: each case notes in its history that its money is in the treasury. Memory is the whole process's.",
    ),
    "storm": (
        "A storm of timers",
        "Timers that fall due in one second, fired by the worker, while people open and complete tasks over HTTP.",
    ),
    "load": (
        "A full office",
        "Clerks over HTTP on PostgreSQL who open a task, complete it and take the next; web processes as `mingjing "
        "serve` runs them, workers and a beat beside them, and the clerks themselves on the same machine.",
    ),
}
# More columns than this are not read any more where there are so few rows.
MOST_COLUMNS, FEW_ROWS = 9, 3
INTRODUCTION = """\
# What it costs

`python -m bench.report` makes this page from the newest files of `bench/results/`; a test holds the two together.
`make bench` measures anew and keeps the results; `mingjing bench NAME --save` measures one thing. `storm` and `load`
take some minutes.

CPU time counts here, and wall-clock time is told beside it. A machine that measures has other work too, which two
figures show: the load average, and the pace, which is the CPU of a small task that is always the same.
"""


def main() -> None:
    found = newest(RESULTS)
    for chart in charts(found):
        draw(chart)
    PAGE.write_text(page(found))


def draw(chart: Chart) -> None:
    """As SVG, by the charting library of the bench's own environment."""
    command = [str(environment.python()), "-m", "bench.drawing"]
    done = subprocess.run(
        command, input=chart.as_json(), cwd=environment.ROOT, capture_output=True, text=True, check=True
    )
    (IMAGES / chart.file).write_text(done.stdout.rstrip() + "\n" + mark(chart) + "\n")


def page(found: Mapping[str, Row]) -> str:
    """The whole page as Markdown."""
    drawn = {chart.bench: chart for chart in charts(found)}
    parts = [INTRODUCTION, _summary(found)]
    for name in SECTIONS:
        if name in found:
            parts.append("\n".join(_section(name, found[name], drawn.get(name))))
    return "\n".join(parts)


def _summary(found: Mapping[str, Row]) -> str:
    """Every target, met or not."""
    rows = [
        {"bench": f"[{name}](#{_anchor(SECTIONS[name][0])})", **_target(target)}
        for name in SECTIONS
        if name in found
        for target in found[name]["targets"]
    ]
    return "\n".join(["## Asked and found", "", *_table(rows), ""])


def _section(name: str, result: Row, chart: Chart | None) -> Iterator[str]:
    heading, explanation = SECTIONS[name]
    yield f"## {heading}"
    yield ""
    yield explanation
    yield ""
    yield _circumstances(result)
    yield ""
    if chart is not None:
        yield f"![{chart.title}](images/{chart.file})"
        yield ""
    yield from _table(result["rows"])
    yield ""
    for what, why in result["absent"].items():
        yield f"Absent, {what}: {why}"
        yield ""


def _circumstances(result: Row) -> str:
    on = result["machine"]
    load = f"load average {result['load_average_before']} to {result['load_average_after']}"
    pace = f"pace {result['pace_ms_before']} to {result['pace_ms_after']} ms"
    machine = f"{on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB, {on['system']}, Python {on['python']}"
    options = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in result["options"].items())
    return f"Measured {result['at'][:16].replace('T', ' ')} UTC; {options}; {load}; {pace}; {machine}."


def _target(target: Row) -> Row:
    met = {True: "met", False: "**not met**", None: "not measured"}[target["met"]]
    found = "" if target["found"] is None else target["found"]
    return {"what": target["what"], "at most": target["at_most"], "found": found, "unit": target["unit"], "": met}


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """Columns of all rows, in the order in which they first come, but for those that say nothing.

    Figures stand to the right. Few rows of many columns are laid on their side.
    """
    names = [
        name for name in dict.fromkeys(name for row in rows for name in row) if any(_says(row, name) for row in rows)
    ]
    if len(rows) <= FEW_ROWS and len(names) > MOST_COLUMNS:
        first, *rest = names
        yield from _lines([_heading(first), *(_cell(row[first]) for row in rows)], "-" + "r" * len(rows))
        for name in rest:
            yield _line([_heading(name), *(_cell(row.get(name)) for row in rows)])
        return
    figures = ["r" if all(isinstance(row.get(name, 0), int | float) for row in rows) else "-" for name in names]
    yield from _lines([_heading(name) for name in names], "".join(figures))
    for row in rows:
        yield _line([_cell(row.get(name)) for name in names])


def _says(row: Row, name: str) -> bool:
    return name == "" or row.get(name) not in (None, "")


def _lines(headings: Sequence[str], sides: str) -> Iterator[str]:
    yield _line(headings)
    yield "|" + "|".join("---:" if side == "r" else "---" for side in sides) + "|"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _heading(name: str) -> str:
    words = {"cpu": "CPU", "ms": "ms", "mb": "MB", "kb": "KB"}
    return " ".join(words.get(word, word) for word in name.split("_"))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) and value >= 10 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _anchor(heading: str) -> str:
    """As forges make it of a heading."""
    return heading.lower().replace(" ", "-")


if __name__ == "__main__":
    main()
