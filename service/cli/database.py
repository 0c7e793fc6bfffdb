"""`mingjing db`: the schema."""

from __future__ import annotations

import click

from service.cli.program import Program, format_option, pass_program, print_json
from service.database.upgrading import upgrade


@click.group()
def db() -> None:
    """数据库。The database."""


@db.command("upgrade")
@format_option
@pass_program
def db_upgrade(program: Program, form: str) -> None:
    """升级数据库结构。Bring the schema up to date; doing it again changes nothing."""
    program.settings.data.mkdir(parents=True, exist_ok=True)
    revision = upgrade(program.settings.database_url)
    if form == "json":
        print_json({"revision": revision})
    else:
        click.echo(f"数据库结构版本 {revision}。The schema is at revision {revision}.")
