"""What a rule would have raised over the last month with other figures: the passes of its days played again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from supervision.facts import Facts
from supervision.rules.rule import Choice, Finding, Rule, chooser

LOOK_BACK = timedelta(days=2)
DAYS = 30


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` and `after` count what is raised; `added` and `dropped` are what only one of both raises."""

    before: int
    after: int
    added: tuple[Finding, ...]
    dropped: tuple[Finding, ...]


def difference(rule: Rule, facts: Facts, standing: Iterable[Choice], wanted: Iterable[Choice]) -> Difference:
    """The rule over each day of the month, with the choices that stand and with those that are wanted."""
    days = [_as_of(facts, facts.now - timedelta(days=back)) for back in reversed(range(DAYS))]
    before, after = _raised(rule, days, tuple(standing)), _raised(rule, days, tuple(wanted))
    added = tuple(one for key, one in after.items() if key not in before)
    dropped = tuple(one for key, one in before.items() if key not in after)
    return Difference(len(before), len(after), added, dropped)


def _raised(rule: Rule, days: Iterable[Facts], choices: tuple[Choice, ...]) -> dict[tuple[str, str], Finding]:
    choose = chooser(rule, choices)
    found: dict[tuple[str, str], Finding] = {}
    for day in days:
        for one in rule.find(day, choose):
            found.setdefault((one.subject, one.colour), one)
    return found


def _as_of(facts: Facts, now: datetime) -> Facts:
    """What a pass saw at that instant: nothing later, and of acts the days that it looks back."""
    since = now - LOOK_BACK
    return replace(
        facts,
        now=now,
        acts=tuple(one for one in facts.acts if since <= one.at <= now),
        since=since,
        stages=tuple(one for one in facts.stages if since <= one.act.at <= now),
        files=tuple(one for one in facts.files if one.at <= now),
        stops=tuple(one for one in facts.stops if one.started_at <= now),
        notices=tuple(one for one in facts.notices if one.made_at <= now),
        receipts=tuple(one for one in facts.receipts if one.imported_at <= now),
        endings=tuple(one for one in facts.endings if since <= one.at <= now),
        month_endings=tuple(one for one in facts.month_endings if one.at <= now),
        done=tuple(one for one in facts.done if one.act.at <= now),
        fines=tuple(one for one in facts.fines if one.act.at <= now),
        voices=tuple(one for one in facts.voices if one.at <= now),
        reductions=tuple(one for one in facts.reductions if one.at <= now),
    )
