"""权力集中: a post that is lent comes back too late, or never."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Facts, Loan, Place
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    chains: dict[tuple[int, int, str, str], list[Loan]] = defaultdict(list)
    for loan in facts.loans:
        chains[loan.principal_id, loan.delegate_id, loan.department, loan.post].append(loan)
    for loans in chains.values():
        figures = choose(Place(loans[0].department))
        if figures is not None and _days_on_end(facts, loans) >= figures["days"]:
            yield _finding(facts, loans)


def _days_on_end(facts: Facts, loans: list[Loan]) -> int:
    """How long the post has been away without a break of a week, up to now."""
    begun, end = None, None
    for loan in sorted(loans, key=lambda one: one.starts_at):
        if loan.starts_at > facts.now:
            break
        if end is None or loan.starts_at - end > timedelta(days=7):
            begun = loan.starts_at
        end = max(loan.ends_at, end or loan.ends_at)
    return 0 if begun is None or end is None or end < facts.now else (facts.now - begun).days


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
    1,
    "岗位长期由他人代行。",
    "A post is lent for so long that it has changed hands.",
    "S26",
    find,
    {"days": Figure(90, 14, 730, "连续天数", "days on end")},
)
