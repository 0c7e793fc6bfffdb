"""收费异常: a case ended with its aim reached while money was still owed."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Ending, Facts
from supervision.rules.rule import Choose, Finding, Rule, of_case

# How a case ends that had to be paid for.
REACHED = frozenset({"granted", "punished", "confirmed", "registered", "levied"})


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for ending in facts.endings:
        if ending.outcome in REACHED and ending.owed_fen > 0 and choose(ending.case.place) is not None:
            yield _finding(ending)


def _finding(ending: Ending) -> Finding:
    yuan = f"{ending.owed_fen / 100:,.2f}"
    row = {
        "at": ending.at.isoformat(),
        "case": ending.case.number,
        "seq": ending.seq,
        "amount_fen": ending.owed_fen,
        "zh": "办结时尚未缴清",
        "en": "Not paid in full at the end",
    }
    return Finding(
        RULE,
        "red",
        f"case/{ending.case.id}/unpaid_closing",
        of_case(ending.case),
        ending.case.place,
        f"办件已办结，仍有 {yuan} 元未缴清",
        f"The case has ended while {yuan} yuan are owed",
        (row,),
        case_id=ending.case.id,
        person_id=ending.decided_by,
    )


RULE = Rule("fee.unpaid_closing", 1, "未缴清即办结。", "A case ends before it is paid in full.", "S10", find)
