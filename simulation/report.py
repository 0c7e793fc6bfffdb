"""Makes docs/supervision.md of `simulation/results/`: `python -m simulation.report`, with a folder to evaluate it anew.

No figure is typed by hand, neither there nor here; a test holds the two together.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulation.evaluating import MOST_BREACHES_PERCENT, MOST_DECISIONS, evaluate
from simulation.running import RUN

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "supervision.md"
Result = Mapping[str, Any]
# What is asked for once those who break rules have read them: recall and precision.
ADAPTED = (0.8, 0.9)
# Minutes between the looks of the product's worker.
AS_THE_PRODUCT = 1
INTRODUCTION = """\
# How good supervision is

`python -m simulation.report` makes this page from `simulation/results/`; a test holds the two together. Anew:

    mingjing simulate --seed 401 --cases 400 --days 110 --data DIR       (--adaptive: those who have read the rules)
    mingjing evaluate-alarms --data DIR
    python -m simulation.report DIR

A simulated county lives through the real commands with a moved clock: arrivals by season, people who do one thing
after the other, slow days, corrections and refusals. Breaches of every kind are planted in it, and beside them what is
innocent and looks like them. What was planted stands in `truth.jsonl` of the simulated county's folder, which no rule
reads: import contracts keep `simulation/` and `supervision/` from knowing each other, and the evaluation reads alarms
as the control centre does.

Recall is the share of planted breaches of which an alarm of that kind tells. Precision is the share of the alarms of
that kind that tell of a planted breach; for time limits only red ones accuse. “Accused” are innocent look-alikes that
an alarm tells of. The delay is the simulated time from the instant at which a breach is whole to its first alarm; an
act is looked at after as many minutes as is told of each county, after one in the product. What only time completes (an
absence, a silence, a loan without end) is whole when its hour or day is over.

The rules were tried on other seeds; those below were looked at once. Seed 302 is a whole year of 40,000 cases, with a
look every four hours, which its delays show; what is told of all counties together leaves it out. In it one look-alike
of bunching, a visit that happens to end in the minute after its minimum, came to each of a few officers five times a
month and more, which is no look-alike any longer; since then it comes to an officer once a month.

A case cannot be closed before it is paid for: the ledger refuses it. Planted in its place are attempts to print before
payment, amounts changed in the database past the program, and fines taken in the street that never come to the bank.
Those who have read the rules wait, rotate accounts and terminals, and spread bursts and eves; whoever waives a levy has
no way to do so but to waive it.
"""


def main() -> None:
    for name in sys.argv[1:]:
        renew(Path(name))
    PAGE.write_text(page(results()), encoding="utf-8")


def renew(data: Path) -> None:
    """Evaluate each simulated county of that folder and keep what was found."""
    RESULTS.mkdir(exist_ok=True)
    for run in sorted(data.glob(f"*/{RUN}")):
        found = evaluate(run.parent).as_json()
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        (RESULTS / f"{run.parent.name}.json").write_text(text, encoding="utf-8")


def results() -> list[Result]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]


def page(found: Sequence[Result]) -> str:
    """The whole page as Markdown."""
    plain = [one for one in found if not one["run"]["adaptive"]]
    together = [one for one in plain if one["run"]["look"] <= AS_THE_PRODUCT]
    adapted = [one for one in found if one["run"]["adaptive"]]
    parts = [INTRODUCTION, "\n".join(_counties(found))]
    if together:
        parts.append("\n".join(_kinds("By kind, all counties together", together)))
    parts.extend("\n".join(_kinds(f"Seed {one['run']['seed']}", [one])) for one in plain)
    if adapted:
        parts.append("\n".join(_kinds("Those who have read the rules, all counties together", adapted, ADAPTED)))
        for one in adapted:
            heading = f"Seed {one['run']['seed']}, those who have read the rules"
            parts.append("\n".join(_kinds(heading, [one], ADAPTED)))
    return "\n".join(parts)


def _counties(found: Sequence[Result]) -> Iterator[str]:
    yield "## The simulated counties"
    yield ""
    yield from _head(
        "seed", "cases", "days", "minutes between looks", "acts", "breaches, % of acts", "halted in the act",
        "came to the centre", "p95 a person and day", "CPU ms a case",
    )  # fmt: skip
    for one in found:
        run = one["run"]
        name = f"{run['seed']}, adaptive" if run["adaptive"] else str(run["seed"])
        yield _line(
            [
                name,
                f"{run['cases']:,}",
                run["days"],
                f"{run['look']:g}",
                f"{one['acts']:,}",
                _bounded(one["breach_percent"], MOST_BREACHES_PERCENT),
                f"{one['halting_in_the_act']} of {one['halting']}",
                one["centre_decisions"],
                _bounded(one["centre_decisions_p95"], MOST_DECISIONS),
                round(1000 * run["cpu_seconds"] / run["cases"]),
            ]
        )
    yield ""
    yield f"Asked: at most {MOST_BREACHES_PERCENT:g} % of the acts, and {MOST_DECISIONS} decisions a person and day."
    yield ""


def _bounded(found: float, most: float) -> str:
    return f"{found:g}" if found <= most else f"**{found:g}**"


def _kinds(heading: str, found: Sequence[Result], asked: tuple[float, float] | None = None) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield from _head(
        "kind", "planted", "recall", "asked", "alarms", "precision", "asked", "look-alikes", "accused",
        "delay, median s", "within a minute", "",
    )  # fmt: skip
    told: list[str] = []
    for rows in zip(*(one["kinds"] for one in found), strict=True):
        yield _line(_row(rows, asked or (rows[0]["recall_target"], rows[0]["precision_target"])))
        told += _wrong(rows)
    yield ""
    yield from told or ["Nothing was missed and nothing wrongly told."]
    yield ""


def _row(rows: Sequence[Mapping[str, Any]], asked: tuple[float, float]) -> list[Any]:
    first = rows[0]
    planted, hits, alarms, true = (_sum(rows, name) for name in ("planted", "found", "alarms", "true_alarms"))
    recall = hits / planted if planted else None
    precision = true / alarms if alarms else None
    met = "" if recall is None else "met"
    if recall is not None and (recall < asked[0] or (precision is not None and precision < asked[1])):
        met = "**not met**"
    delays = sorted(row["delay_seconds_median"] for row in rows if row["delay_seconds_median"] is not None)
    return [
        f"{first['number']} {first['name_zh']} {first['name_en']}",
        planted,
        _share(recall),
        _share(asked[0]),
        alarms,
        _share(precision),
        _share(asked[1]),
        _sum(rows, "innocent"),
        _sum(rows, "accused"),
        f"{delays[len(delays) // 2]:,.0f}" if delays else "",
        f"{_sum(rows, 'within_a_minute')} of {hits}",
        met,
    ]


def _wrong(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was missed and what was wrongly told, by form and by rule."""
    missed, false = Counter[str](), Counter[str]()
    for row in rows:
        missed.update(row["missed"])
        false.update(row["false_rules"])
    for words, counts in (("missed", missed), ("told of nothing planted", false)):
        if counts:
            named = ", ".join(f"`{name}` {count}" for name, count in sorted(counts.items()))
            yield f"- {rows[0]['name_en']}, {words}: {named}"


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(int(row[name]) for row in rows)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"


def _head(*names: str) -> Iterator[str]:
    yield _line(names)
    yield "|" + "---|" * len(names)


def _line(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    main()
