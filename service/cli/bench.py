"""`mingjing bench`: measures on this machine what an act costs. The benches stand beside the product, in `bench/`."""

from __future__ import annotations

import importlib
import json
from typing import Any

import click

BENCHES = ("steps",)


@click.command("bench", short_help="性能测量。What an act costs here.")
@click.argument("name", type=click.Choice(BENCHES), default="steps")
@click.option("--rounds", default=200, show_default=True, help="办件数。How many cases.")
@click.option("--database", help="空数据库地址，默认新建 SQLite。An empty database; by default a new SQLite file.")
@click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
def bench(name: str, rounds: int, database: str | None, output: str) -> None:
    """测量每个动作的 CPU、语句数和提交数（中位数）。Medians of CPU, statements and commits of each act."""
    try:
        module = importlib.import_module(f"bench.{name}")
    except ModuleNotFoundError as error:
        raise click.ClickException(f"Expected a checkout with bench/{name}.py, but found none") from error
    result: dict[str, Any] = module.measure(rounds=rounds, database=database)
    if output == "json":
        click.echo(json.dumps(result, indent=1, ensure_ascii=False))
        return
    click.echo(f"{result['database']} · {result['processor']} · Python {result['python']}")
    for act, cost in result["acts"].items():
        click.echo(
            f"{act:28} {cost['cpu_ms']:7.2f} ms CPU {cost['statements']:5.0f} statements {cost['commits']:3.0f} commits"
        )
