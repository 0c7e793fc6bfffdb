"""`mingjing simulate` and `mingjing evaluate-alarms`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from service.cli.program import Program, pass_program, print_table
from service.cli.progress import progress_bar
from simulation.evaluating import Evaluation, evaluate
from simulation.running import RUN, County, folder_of
from simulation.running import simulate as run

_data = click.option(
    "--data",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="目录，每个种子一个子目录。A folder; each seed gets one of its own in it.",
)


@click.command("simulate", short_help="模拟一年。A simulated county with planted breaches.")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。The same seed is the same year.")
@click.option("--cases", type=click.IntRange(1), default=1000, show_default=True, help="办件数。Cases.")
@click.option("--days", type=click.IntRange(14, 365), default=365, show_default=True, help="天数。Days.")
@click.option("--adaptive", is_flag=True, help="违规者读过规则。Those who break rules have read them.")
@click.option(
    "--look",
    type=click.IntRange(1, 1440),
    default=1,
    show_default=True,
    help="监察巡查间隔（分钟）。Minutes between supervision's looks; the product's own is 1.",
)
@_data
@pass_program
def simulate(program: Program, seed: int, cases: int, days: int, adaptive: bool, look: int, data: Path) -> None:
    """在新库中模拟一个县的一年，埋入违规行为。

    Run a county on a new SQLite database, through the real commands and a moved clock, with planted breaches.
    """
    try:
        with progress_bar("正在模拟 Simulating") as tell:
            county = County(seed, cases, days, adaptive, timedelta(minutes=look))
            told = run(program.build, data, county, tell)
    except FileExistsError as there:
        raise click.ClickException(f"Expected no {there} yet: a simulated year is never written over") from there
    click.echo(json.dumps(told))


@click.command("evaluate-alarms", short_help="评价预警。Recall, precision and delay of alarms.")
@_data
@click.option("--seeds", help="逗号分隔，默认全部。Seeds, by commas; all that lie there if not said.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def evaluate_alarms(data: Path, seeds: str | None, form: str) -> None:
    """按类别计算查全率、查准率和时延。Recall, precision and delay of alarms by kind, against what was planted."""
    found = [evaluate(folder) for folder in _folders(data, seeds)]
    if form == "json":
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        _tell(one)


def _folders(data: Path, seeds: str | None) -> list[Path]:
    if seeds is None:
        found = sorted(path.parent for path in data.glob(f"*/{RUN}"))
    else:
        try:
            wanted = [int(seed) for seed in seeds.split(",")]
        except ValueError as wrong:
            raise click.UsageError("Expected --seeds as numbers with commas between") from wrong
        each = [folder_of(data, seed, adaptive=adaptive) for seed in wanted for adaptive in (False, True)]
        found = [folder for folder in each if (folder / RUN).exists()]
    if not found:
        raise click.ClickException(f"Expected simulated counties in {data}, but found none")
    return found


def _tell(one: Evaluation) -> None:
    run = one.run
    adapted = " adaptive" if run["adaptive"] else ""
    click.echo(
        f"seed {run['seed']}{adapted}: {run['cases']} cases, {one.acts} acts, {one.breach_percent} % of them breaches; "
        f"halting in the act {one.halting_in_the_act}/{one.halting}; "
        f"centre p95 {one.centre_decisions_p95} a person and day"
    )
    columns = ("kind", "planted", "found", "recall", "alarms", "true", "precision", "innocent", "accused", "median_s")
    print_table((*columns, "most_s", "met"), [_row(kind) for kind in one.kinds])
    for kind in one.kinds:
        if kind.missed or kind.false_rules:
            click.echo(f"{kind.kind}: missed {_counts(kind.missed)}; false {_counts(kind.false_rules)}")
    click.echo("")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _row(kind: Any) -> dict[str, Any]:
    met = {True: "yes", False: "no", None: "-"}[kind.met]
    return {
        "kind": f"{kind.number} {kind.kind}",
        "planted": kind.planted,
        "found": kind.found,
        "recall": kind.recall,
        "alarms": kind.alarms,
        "true": kind.true_alarms,
        "precision": kind.precision,
        "innocent": kind.innocent,
        "accused": kind.accused,
        "median_s": kind.delay_seconds_median,
        "most_s": kind.delay_seconds_most,
        "met": met,
    }
