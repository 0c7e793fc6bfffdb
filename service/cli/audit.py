"""`mingjing audit`: whether anybody has touched what happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import click
from sqlalchemy import Connection, Row, select

from service.cli.program import Program, format_option, pass_program, print_json
from service.database.session import reading
from service.database.tables import case, event
from service.history.chain import NO_HASH, first_broken
from service.reads.ledger_faults import ledger_faults

_CASES = select(case.c.id, case.c.number, case.c.event_seq, case.c.event_hash).order_by(case.c.id)
_EVENTS = select(event).order_by(event.c.case_id, event.c.seq).execution_options(yield_per=1000)


@dataclass(frozen=True, slots=True)
class Broken:
    """`seq` is the first event that does not follow from those before it, or that is missing at the end."""

    case: str
    seq: int


@click.group()
def audit() -> None:
    """审计。Audit."""


@audit.command("verify")
@format_option
@pass_program
def verify(program: Program, form: str) -> None:
    """核验全部办件的历史哈希链与账目。Check every case's hash chain and the ledger; exit 1 if one is broken."""
    built = program.start()
    with reading(built.engine) as connection:
        checked, broken = _verify(connection)
        entries, faults = ledger_faults(connection)
    if form == "json":
        chains = {"cases": checked, "broken": [asdict(each) for each in broken]}
        print_json({**chains, "ledger_entries": entries, "ledger_faults": [asdict(each) for each in faults]})
    else:
        for each in broken:
            click.echo(f"办件 {each.case} 的历史自第 {each.seq} 条起不可信。")
            click.echo(f"Case {each.case} is broken from event {each.seq} on.")
        click.echo(f"已核验 {checked} 件，{len(broken)} 件不符。{checked} cases checked, {len(broken)} broken.")
        for fault in faults:
            click.echo(f"账目有误 / ledger: {fault.case or '—'}: {fault.words}")
        click.echo(f"已核对账目 {entries} 笔，{len(faults)} 处有误。{entries} entries checked, {len(faults)} faults.")
    if broken or faults:
        raise click.exceptions.Exit(1)


def _verify(connection: Connection) -> tuple[int, list[Broken]]:
    """How many cases there are, and which of them are broken."""
    cases = {row.id: row for row in connection.execute(_CASES)}
    checked, broken = len(cases), []
    for case_id, rows in groupby(connection.execute(_EVENTS).mappings(), lambda row: row["case_id"]):
        row, events = cases.pop(case_id), [dict(each) for each in rows]
        seq = first_broken(events, row.number) or _cut_off(row, events[-1]["seq"], events[-1]["hash"])
        if seq is not None:
            broken.append(Broken(row.number, seq))
    # What is left has no events at all.
    broken += [Broken(row.number, 1) for row in cases.values() if _cut_off(row, 0, NO_HASH)]
    return checked, broken


def _cut_off(row: Row[*tuple[Any, ...]], seq: int, last_hash: str) -> int | None:
    """The first missing event of a chain that holds but does not end where the case remembers it to end."""
    return None if (seq, last_hash) == (row.event_seq, row.event_hash) else min(seq, row.event_seq) + 1
