"""`mingjing bench`: measures on this machine what the product costs. The benches stand beside it, in `bench/`."""

from __future__ import annotations

import importlib
import json
from typing import Any

import click

BENCHES = ("steps", "http", "loop", "answers", "definitions", "sweep", "compare", "reconciliation", "storm", "load")


@click.command("bench", short_help="性能测量。What acts cost here.")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(BENCHES))
@click.option(
    "--rounds", type=click.IntRange(1), help="次数，默认因测量而异。How often; each bench has its own measure."
)
@click.option("--seconds", type=click.FloatRange(1), help="load、storm 的时长。How long load and storm last.")
@click.option("--database", help="空数据库地址。An empty database, instead of new ones of the bench's own.")
@click.option("--save", is_flag=True, help="存入 bench/results。Keep the results in bench/results.")
@click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
def bench(
    names: tuple[str, ...],
    rounds: int | None,
    seconds: float | None,
    database: str | None,
    save: bool,
    output: str,
) -> None:
    """测量 CPU、语句数、时延与内存；不写名称则依次运行各项较快的测量。

    Measure CPU, statements, latency and memory; without a name, all the quick benches one after the other.
    """
    runner, record = _module("run"), _module("record")
    options = record.Options(rounds, seconds, database)
    results = []
    for name in names or runner.QUICK:
        click.echo(f"bench: {name}", err=True)
        found = runner.run(name, options)
        results.append(found)
        if save:
            record.save(found)
        if output == "text":
            for line in runner.as_text(found):
                click.echo(line)
    if output == "json":
        click.echo(json.dumps(results[0] if len(names) == 1 else results, indent=1, ensure_ascii=False))


def _module(name: str) -> Any:
    try:
        return importlib.import_module(f"bench.{name}")
    except ModuleNotFoundError as error:
        raise click.ClickException(f"Expected a checkout with bench/{name}.py, but found none") from error
