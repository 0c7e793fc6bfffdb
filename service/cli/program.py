"""What every command needs: the settings, the program that `main` builds from them, and one way to print results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from rich.cells import cell_len, set_cell_size
from sqlalchemy import Engine

from service.clock import Clock
from service.commands.services import Services
from service.database.revision import schema_trouble
from service.notices.outbox import EVERYTHING, Senders, Wanted, drain
from service.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


@dataclass
class Built:
    """One process' parts. The web application is made when it is first asked for: a worker needs none."""

    engine: Engine
    services: Services
    senders: Senders[Services]
    make_app: Callable[[Built], Flask]

    @cached_property
    def app(self) -> Flask:
        return self.make_app(self)

    def drain(self, now: datetime, wanted: Wanted = EVERYTHING) -> int:
        """Send what waits in the outbox as of `now`; how many messages."""
        return drain(self.engine, self.services, self.senders, now, wanted)


@dataclass(frozen=True)
class Program:
    """The settings of this call, and how `main` builds a process from settings and a clock."""

    read: Callable[[], Settings]
    build: Callable[[Settings, Clock], Built]

    @cached_property
    def settings(self) -> Settings:
        return self.read()

    def start(self) -> Built:
        """Built on the system's clock, on a database whose schema serves; else the call ends with 1."""
        built = self.build(self.settings, Clock())
        require_schema(built.engine)
        return built


pass_program = click.make_pass_decorator(Program)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="输出格式。How results are printed.",
)


def require_schema(engine: Engine) -> None:
    """ClickException when this program cannot work on the schema that the database has."""
    if trouble := schema_trouble(engine):
        raise click.ClickException(trouble)


def print_json(found: Any) -> None:
    """To standard output, Chinese as it is."""
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


def print_table(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Columns under their names, whole however narrow the terminal is; Chinese takes two places."""
    names = list(columns)
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(names))]
    for line in lines:
        cells = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)
