"""事后补录: what was received on paper was entered too late, or by an outage to which supervision objects."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, PaperEntry
from supervision.rules.rule import Choose, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for entry in facts.entries:
        if not entry.excused and choose(entry.case.place) is not None:
            yield _finding(facts, entry)


def _finding(facts: Facts, entry: PaperEntry) -> Finding:
    received, entered, until = (
        at.astimezone(facts.calendar.zone).strftime("%Y-%m-%d %H:%M")
        for at in (entry.received_at, entry.entered_at, entry.enter_by)
    )
    row = {
        "at": entry.entered_at.isoformat(),
        "case": entry.case.number,
        "person": entry.person,
        "zh": f"收件凭证 {entry.receipt}，{entry.outage}",
        "en": f"Receipt {entry.receipt}, outage {entry.outage}",
    }
    if entry.objected:
        words = f"凭有异议的停机公告补录：{received} 收件，{entered} 登记"
        english = f"Entered by an outage that supervision objects to: received {received}, entered {entered}"
    else:
        words = f"停机收件逾期补录：{received} 收件，应于 {until} 前补录，{entered} 才登记"
        english = f"Received on paper {received}, to be entered by {until}, entered {entered}"
    return Finding(
        RULE,
        "red",
        f"entry/{entry.receipt}",
        of_case(entry.case),
        entry.case.place,
        words,
        english,
        (row,),
        case_id=entry.case.id,
        person_id=entry.entered_by,
    )


RULE = Rule(
    "backfilled.entry",
    1,
    "停机期间纸质收件，未在恢复后两个工作日内补录，或者停机公告有异议。",
    "Received on paper in an outage and not entered within two working days after it, or the outage is objected to.",
    "S24, DOMAIN 7",
    find,
)
