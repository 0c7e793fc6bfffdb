"""What a rule is, what it finds, and how a county chooses its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.alarms.rule_book import SCOPES, FigureWords, RuleWords
from supervision.facts import Act, CaseRef, Facts, OrderSeen, Place, Voice


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a rule works with; the county may choose another within the bounds."""

    default: int
    least: int
    most: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the county has chosen for a rule in a scope: other figures, or that it does not look there."""

    rule: str
    scope: str
    value: str
    figures: Mapping[str, int]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """An alarm to be raised. Unique by (subject, rule, colour).

    `cause` names what alarms have in common that one order shall gather. `evidence` are rows of plain JSON: `at`,
    `case` and `seq` (an event that one can open), `person`, `zh` and `en` (what it is).
    """

    rule: Rule
    colour: str
    subject: str
    cause: str
    place: Place
    summary_zh: str
    summary_en: str
    evidence: tuple[Mapping[str, Any], ...]
    case_id: int | None = None
    element_id: str | None = None
    person_id: int | None = None


# The figures that hold at a place; None where the county has switched the rule off.
Choose = Callable[[Place], Mapping[str, int] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` begins with the alarm's kind; `version` rises when what it finds changes.

    A rule that is kept `in_act` finds nothing in a pass: it is decided in the transaction of the act itself, by what
    the diagram and the item lay down, so that the county chooses no figures for it.
    """

    code: str
    version: int
    zh: str
    en: str
    source: str
    find: Callable[[Facts, Choose], Iterator[Finding]]
    figures: Mapping[str, Figure] = field(default_factory=dict)
    in_act: bool = False

    @property
    def kind(self) -> str:
        return self.code.split(".")[0]


def chooser(rule: Rule, choices: Iterable[Choice]) -> Choose:
    """What holds for a rule at a place: its defaults, and over them the choices from the widest scope on."""
    mine = sorted((one for one in choices if one.rule == rule.code), key=lambda one: SCOPES.index(one.scope))
    defaults = {name: figure.default for name, figure in rule.figures.items()}
    if not mine:
        return lambda _place: defaults

    def choose(place: Place) -> Mapping[str, int] | None:
        figures, enabled = dict(defaults), True
        values = {"county": "", "category": place.category, "department": place.department, "item": place.item}
        for one in mine:
            if values[one.scope] == one.value:
                figures |= {name: value for name, value in one.figures.items() if name in defaults}
                enabled = one.enabled
        return figures if enabled else None

    return choose


def of_case(case: CaseRef) -> str:
    """The cause of what concerns one case."""
    return f"case/{case.id}"


def chains(facts: Facts, acts: Iterable[Act], pause: timedelta) -> Iterator[list[Act]]:
    """Acts that follow each other within the pause.

    What may have begun before the days in sight is left out: it was looked at whole, and would be told anew with each
    of its acts that passes out of sight.
    """
    chain: list[Act] = []
    for act in [*acts, None]:
        if act is not None and (not chain or act.at - chain[-1].at <= pause):
            chain.append(act)
            continue
        if chain and (facts.since is None or chain[0].at - facts.since > pause):
            yield chain
        chain = [act] if act is not None else []


def row_of(act: Act) -> dict[str, Any]:
    """An act as a row of evidence."""
    return {
        "at": act.at.isoformat(),
        "case": act.case.number,
        "seq": act.seq,
        "person": act.person,
        "zh": act.step_zh,
        "en": act.step_en,
    }


def voice_row(voice: Voice) -> dict[str, Any]:
    """A rating or complaint as a row of evidence."""
    stars = {"stars": voice.stars} if voice.stars is not None else {}
    case = {"case": voice.case.number} if voice.case else {}
    return {"at": voice.at.isoformat(), "voice": voice.id, "zh": voice.text, "en": voice.text, **stars, **case}


def order_row(order: OrderSeen, zh: str, en: str) -> dict[str, Any]:
    """An order as a row of evidence."""
    at = order.answered_at or order.told_at or order.opened_at
    return {"at": at.isoformat(), "order": order.case.number, "person": order.answerer, "zh": zh, "en": en}


def rule_words(rule: Rule) -> RuleWords:
    """The rule as pages and the interface show it."""
    figures = (FigureWords(name, f.default, f.least, f.most, f.zh, f.en) for name, f in rule.figures.items())
    return RuleWords(rule.code, rule.kind, rule.version, rule.zh, rule.en, rule.source, tuple(figures), not rule.in_act)
