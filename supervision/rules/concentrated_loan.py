"""权力集中: a post that is lent comes back too late, or never."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Facts, Loan, Place
from supervision.rules.rule import Choose, Figure, Finding, Rule

# Who has the post back for less than this has not had it back.
BREAK = timedelta(days=30)


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    chains: dict[tuple[int, int, str, str], list[Loan]] = defaultdict(list)
    for loan in facts.loans:
        chains[loan.principal_id, loan.delegate_id, loan.department, loan.post].append(loan)
    for loans in chains.values():
        figures = choose(Place(loans[0].department))
        if figures is not None and _days_on_end(facts, loans) >= figures["days"]:
            yield _finding(facts, loans)


def _days_on_end(facts: Facts, loans: list[Loan]) -> int:
    """How many days the post has been away up to now; a break of less than a month ends nothing, and does not count."""
    away, end = timedelta(), None
    for loan in sorted(loans, key=lambda one: one.starts_at):
        if loan.starts_at > facts.now:
            break
        if end is None or loan.starts_at - end > BREAK:
            away, end = timedelta(), loan.starts_at
        until = min(loan.ends_at, facts.now)
        away += max(until - max(loan.starts_at, end), timedelta())
        end = max(end, loan.ends_at)
    return 0 if end is None or end < facts.now else away.days


def _finding(facts: Facts, loans: list[Loan]) -> Finding:
    last, days = max(loans, key=lambda loan: loan.starts_at), _days_on_end(facts, loans)
    return Finding(
        RULE,
        "yellow",
        f"loan/{last.id}",
        f"loan/{last.principal_id}/{last.delegate_id}/{last.post}",
        Place(last.department),
        f"{last.principal}的岗位由{last.delegate}代行已 {days} 天",
        f"{last.delegate} has stood in for {last.principal} for {days} days",
        tuple(
            {"at": one.starts_at.isoformat(), "person": one.delegate, "post": one.post, "zh": one.principal, "en": ""}
            for one in loans
        ),
        person_id=last.delegate_id,
    )


RULE = Rule(
    "concentrated.loan",
    2,
    "岗位长期由他人代行（收回不满一个月又出借的，合并计算）。",
    "A post is lent for so long that it has changed hands; taken back for less than a month it counts on.",
    "S26",
    find,
    {"days": Figure(90, 14, 730, "累计天数", "days in all")},
)
