"""`mingjing db`: the schema, and copies of everything that is stored."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from service.cli.program import Program, format_option, pass_program, print_json
from service.database.revision import Revision, newest, revision_of
from service.database.session import create_database_engine
from service.database.upgrading import upgrade_by_steps


@click.group()
def db() -> None:
    """数据库。The database."""


@db.command("upgrade")
@click.option(
    "--expand",
    "expand_only",
    is_flag=True,
    help="只做旧程序也能承受的变更。Stop before what programs of the last release cannot live with.",
)
@format_option
@pass_program
def db_upgrade(program: Program, expand_only: bool, form: str) -> None:
    """升级数据库结构。Bring the schema up to date; doing it again changes nothing.

    Each change says whether it expands the schema, beside which older programs go on working, or contracts it: then
    they must have been stopped.
    """
    settings = program.settings
    settings.data.mkdir(parents=True, exist_ok=True)
    applied = upgrade_by_steps(settings.database_url, expand_only=expand_only)
    engine = create_database_engine(settings.database_url)
    found = revision_of(engine)
    engine.dispose()
    if form == "json":
        print_json({"revision": found, "applied": [_plain(one) for one in applied]})
        return
    for one in applied:
        click.echo(f"{one.number}  {one.kind:<8}  {one.title}")
    click.echo(f"数据库结构版本 {found}。The schema is at revision {found}.")
    if found != newest():
        click.echo(
            "旧程序停止后请再次运行 mingjing db upgrade。Run it again without --expand once no older program runs."
        )


def _plain(one: Revision) -> dict[str, Any]:
    return {"revision": one.number, "kind": one.kind, "title": one.title}


@db.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@format_option
@pass_program
def db_backup(program: Program, folder: Path, form: str) -> None:
    """备份到新目录。Copy database and files into a new folder while everything goes on."""
    from service.cli.keeping import KeepingFailed, back_up

    built = program.start()
    try:
        facts = back_up(built.engine, program.settings, folder, built.services.clock.now())
    except KeepingFailed as failure:
        raise click.ClickException(str(failure)) from failure
    if form == "json":
        print_json(asdict(facts))
    else:
        click.echo(f"已备份 {facts.cases} 件办件、{facts.files} 个文件。{facts.cases} cases, {facts.files} files kept.")


@db.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@format_option
@pass_program
def db_restore(program: Program, folder: Path, form: str) -> None:
    """恢复到空数据库。Put a backup back into an empty database, and its files where this installation keeps them."""
    from service.cli.keeping import KeepingFailed, restore

    try:
        facts = restore(program.settings, folder)
    except KeepingFailed as failure:
        raise click.ClickException(str(failure)) from failure
    if form == "json":
        print_json(asdict(facts))
    else:
        click.echo(
            f"已恢复 {facts.cases} 件办件、{facts.files} 个文件。{facts.cases} cases, {facts.files} files restored."
        )
