"""`mingjing import-receipts`: a file of the bank or the treasury, taken in and matched at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from service.cli.program import Built, Program, format_option, pass_program, print_json, print_table
from service.cli.progress import spinner
from service.commands.import_receipts import ImportReceipts, examine, import_receipts
from service.commands.import_volumes import import_volumes
from service.commands.performing import perform
from service.commands.taking_receipts import COMPARE_KIND, OUTBOX_KIND, ROWS_KIND
from service.database.session import reading
from service.errors import Refused
from service.notices.outbox import Wanted
from service.reads.paging import MOST_ROWS, Asked
from service.reads.treasury import ImportView, RowView, find_import, list_rows

# What a person has to look at.
_FINDINGS = ("differs", "unmatched", "refused", "waiting")


@click.command("import-receipts", short_help="导入国库票据。Import treasury receipts.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", help="已保存的映射名称，默认按表头识别。A saved mapping; by the headings if not said.")
@format_option
@pass_program
def import_file(program: Program, file: Path, mapping: str | None, form: str) -> None:
    """导入国库或银行对账文件并核对；同一文件重复导入不产生变化。Import receipts and match them; the same file twice
    changes nothing. Exit 1 if the file is refused or holds what a person has to look at."""
    built = program.start()
    now, services = built.services.clock.now(), built.services
    try:
        with file.open("rb") as source, reading(built.engine) as connection, spinner("正在读取 Reading"):
            examined = examine(connection, services, None, ImportReceipts(source, file.name, mapping))
    except Refused as refusal:
        raise click.ClickException(f"{refusal.message} {refusal.message_en}") from refusal
    import_id, new = perform(
        built.engine, lambda connection: import_receipts(connection, services, None, examined, now)
    )
    with spinner("正在核对 Matching"):
        built.drain(now, Wanted(frozenset({ROWS_KIND})))
        built.drain(now, Wanted(frozenset({OUTBOX_KIND})))
        built.drain(now, Wanted(frozenset({COMPARE_KIND})))
    with reading(built.engine) as connection:
        found = find_import(connection, import_id)
    assert found is not None  # noqa: S101 - it was just taken in
    findings = _findings(built, import_id)
    _say(found, findings, new=new, form=form)
    if findings:
        raise click.exceptions.Exit(1)


def _findings(built: Built, import_id: int) -> list[RowView]:
    with reading(built.engine) as connection:
        found = [list_rows(connection, import_id, outcome, Asked(MOST_ROWS)).items for outcome in _FINDINGS]
    return sorted((row for rows in found for row in rows), key=lambda row: row.row_no)


def _say(found: ImportView, findings: list[RowView], *, new: bool, form: str) -> None:
    if form == "json":
        counts = {name: rows for name, rows in found.counts.items() if rows}
        about = {"id": found.id, "new": new, "rows": found.total_rows, "total_fen": found.total_fen}
        print_json({**about, "counts": counts, "findings": [asdict(row) for row in findings]})
        return
    told = "、".join(f"{name} {rows}" for name, rows in found.counts.items() if rows)
    click.echo(f"第 {found.id} 号导入：{found.total_rows} 行。Import {found.id}: {found.total_rows} rows. {told}")
    if not new:
        click.echo("此文件以前已导入，没有变化。This file was imported before; nothing has changed.")
    if findings:
        columns = ("row_no", "receipt_no", "outcome", "why", "pay_code", "amount_fen")
        print_table(columns, [asdict(row) for row in findings])


@click.command("import-volumes", short_help="导入系统启用前的办件量。Import volumes of earlier years.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_program
def import_volume_file(program: Program, file: Path) -> None:
    """导入各部门分月办件数，用于同比；同一文件重复导入不产生变化。Import how many cases departments had by month; the
    same file twice changes nothing. Exit 1 if a line cannot be read: then none is taken in."""
    built = program.start()
    now, content = built.services.clock.now(), file.read_bytes()
    try:
        lines = perform(built.engine, lambda connection: import_volumes(connection, None, content, now))
    except Refused as refusal:
        told = "\n".join(f"{one.message} {one.message_en}" for one in refusal.details)
        raise click.ClickException(f"{refusal.message} {refusal.message_en}\n{told}") from refusal
    click.echo(f"已导入 {lines} 行。{lines} lines were imported.")
