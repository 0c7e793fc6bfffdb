"""The rules of supervision with what the county has chosen for them, and how good each has been so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from service.alarms.rule_book import FigureWords, RuleWords
from service.database.tables import alarm, alarm_rule_setting, person

_CHOSEN = (
    select(alarm_rule_setting, person.c.name.label("person_name"))
    .join(person, person.c.id == alarm_rule_setting.c.changed_by)
    .order_by(alarm_rule_setting.c.rule, alarm_rule_setting.c.id)
)
_RESULTS = select(alarm.c.rule, alarm.c.result, func.count().label("alarms")).group_by(alarm.c.rule, alarm.c.result)


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """What was chosen for a scope, by whom and why."""

    scope: str
    value: str
    figures: Mapping[str, int]
    enabled: bool
    changed_at: datetime
    changed_by: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """`raised` counts all alarms of the rule; those without a result are neither confirmed nor wrong yet."""

    code: str
    kind: str
    version: int
    zh: str
    en: str
    source: str
    figures: tuple[FigureWords, ...]
    adjustable: bool
    choices: tuple[RuleChoice, ...]
    raised: int
    confirmed: int
    excused: int
    false_alarms: int


def read_rules(connection: Connection, book: Iterable[RuleWords]) -> list[RuleView]:
    """In the order of the book."""
    chosen: dict[str, list[RuleChoice]] = defaultdict(list)
    for row in connection.execute(_CHOSEN):
        by = {"id": row.changed_by, "name": row.person_name}
        one = RuleChoice(row.scope, row.value, row.figures, row.enabled, row.changed_at, by, row.reason)
        chosen[row.rule].append(one)
    counts: dict[str, dict[str | None, int]] = defaultdict(dict)
    for row in connection.execute(_RESULTS):
        counts[row.rule][row.result] = int(row.alarms)
    return [_view(rule, chosen[rule.code], counts[rule.code]) for rule in book]


def _view(rule: RuleWords, chosen: list[RuleChoice], counts: Mapping[str | None, int]) -> RuleView:
    return RuleView(
        rule.code,
        rule.kind,
        rule.version,
        rule.zh,
        rule.en,
        rule.source,
        rule.figures,
        rule.adjustable,
        tuple(chosen),
        sum(counts.values()),
        counts.get("confirmed", 0),
        counts.get("excused", 0),
        counts.get("false", 0),
    )
