"""收费异常: the notices of one case are cancelled again and again.

Those that gave way to the parts of a plan of later payment are lawful (行政处罚法 Art. 66), and so are those in
whose place a paper that urges has a new code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Facts, NoticeSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_case: dict[int, list[NoticeSeen]] = defaultdict(list)
    for notice in facts.notices:
        if notice.status == "void" and not notice.paid_later:
            by_case[notice.case.id].append(notice)
    for notices in by_case.values():
        figures = choose(notices[-1].case.place)
        if figures is not None and len(notices) >= figures["notices"]:
            yield _finding(notices)


def _finding(notices: list[NoticeSeen]) -> Finding:
    case = notices[-1].case
    return Finding(
        RULE,
        "yellow",
        f"notices/{case.id}/void",
        of_case(case),
        case.place,
        f"同一办件的缴款通知书已作废 {len(notices)} 次",
        f"{len(notices)} payment notices of one case were cancelled",
        tuple(
            {"at": n.made_at.isoformat(), "case": n.case.number, "amount_fen": n.amount_fen, "zh": "作废", "en": "void"}
            for n in notices
        ),
        case_id=case.id,
    )


RULE = Rule(
    "fee.cancelled",
    3,
    "同一办件的缴款通知书多次作废；经批准延期、分期或者催缴时换开的不算。",
    "Payment notices of one case are cancelled again and again, not counting what a plan of later payment "
    "or a paper that urges replaced.",
    "S9",
    find,
    {"notices": Figure(2, 1, 20, "作废次数", "cancelled notices")},
)
