"""How many of the planted breaches supervision has found, how many of its alarms are true, and how soon they came."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from service.database.session import create_database_engine, reading
from service.database.tables import case, event, user_task
from service.database.upgrading import upgrade
from service.people.actor import Actor, Holding
from service.reads.alarms import AlarmFilter, AlarmView, list_alarms
from service.reads.paging import Asked
from service.settings import read_settings
from simulation.matching import Index, Told
from simulation.planting.plot import KINDS, Kind
from simulation.running import RUN
from simulation.truth import Deed, read_truth

CENTRE_PEOPLE = 3
MOST_DECISIONS = 30
MOST_BREACHES_PERCENT = 3.0
WITHIN = timedelta(minutes=1)
# Tells of the county's calendar and not of anything that somebody has done.
ABOUT_NO_DEED = frozenset({"supervision.calendar"})


@dataclass(frozen=True, slots=True)
class Found:
    """Of a kind: breaches planted and found, alarms and true ones, innocent look-alikes and those accused."""

    number: int
    kind: str
    name_zh: str
    name_en: str
    planted: int
    found: int
    recall: float | None
    alarms: int
    true_alarms: int
    precision: float | None
    innocent: int
    accused: int
    delay_seconds_median: float | None
    delay_seconds_most: float | None
    within_a_minute: int
    recall_target: float
    precision_target: float
    missed: Mapping[str, int]
    false_rules: Mapping[str, int]

    @property
    def met(self) -> bool | None:
        """Both targets; None where nothing was planted."""
        if self.recall is None:
            return None
        precise = self.precision is None or self.precision >= self.precision_target
        return self.recall >= self.recall_target and precise


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of one simulated county. `breach_percent`: acts of planted breaches among all acts of people."""

    run: Mapping[str, Any]
    acts: int
    breach_acts: int
    breach_percent: float
    halting: int
    halting_in_the_act: int
    centre_decisions: int
    centre_decisions_p95: float
    alarms_by_colour: Mapping[str, int]
    kinds: tuple[Found, ...]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "kinds": [{**asdict(kind), "met": kind.met} for kind in self.kinds]}


def evaluate(folder: Path) -> Evaluation:
    """What the alarms of a simulated county are worth, held against the truth that lies beside it."""
    deeds = read_truth(folder)
    url = read_settings({}, data=folder).database_url
    upgrade(url)  # A county that an older program has simulated.
    engine = create_database_engine(url)
    with reading(engine) as connection:
        told = [_told(view) for view in _alarms(connection)]
        acts = connection.execute(
            select(func.count()).select_from(event).where(event.c.actor.is_not(None))
        ).scalar_one()
        decisions = centre_decisions(connection)
    engine.dispose()
    breaches = [deed for deed in deeds if not deed.innocent]
    halting = [deed for deed in breaches if deed.halts]
    in_the_act = sum(any(one.raised_at == deed.done_at for one in _of(told, deed)) for deed in halting)
    breach_acts = sum(deed.acts for deed in breaches)
    return Evaluation(
        json.loads((folder / RUN).read_text()),
        acts,
        breach_acts,
        round(100 * breach_acts / max(acts, 1), 2),
        len(halting),
        in_the_act,
        sum(decisions),
        round(decisions[min(len(decisions) - 1, int(0.95 * len(decisions)))] / CENTRE_PEOPLE, 2) if decisions else 0.0,
        dict(Counter(one.colour for one in told)),
        tuple(_found(kind, deeds, told) for kind in KINDS.values()),
    )


def _found(kind: Kind, deeds: Iterable[Deed], told: Iterable[Told]) -> Found:
    own = [one for one in told if one.kind in kind.alarms and not _is_warning(one) and one.rule not in ABOUT_NO_DEED]
    breaches = [deed for deed in deeds if deed.kind == kind.key and not deed.innocent]
    innocents = [deed for deed in deeds if deed.kind == kind.key and deed.innocent]
    # An alarm is true if it tells of a breach, of this kind or of another that shows itself in this way too.
    everything = Index(deed for deed in deeds if not deed.innocent)
    looked_alike = Index(innocents)
    first: dict[int, datetime] = {}
    false: Counter[str] = Counter()
    accused: set[int] = set()
    true = 0
    for one in sorted(own, key=lambda each: each.raised_at):
        about = everything.of(one)
        true += bool(about)
        for deed in about:
            first.setdefault(id(deed), one.raised_at)
        if not about:
            false[one.rule] += 1
            accused |= {id(deed) for deed in looked_alike.of(one)}
    found = [deed for deed in breaches if id(deed) in first]
    delays = sorted(max(0.0, (first[id(d)] - d.done_at).total_seconds()) for d in found if d.done_at is not None)
    return Found(
        kind.number,
        kind.key,
        kind.name_zh,
        kind.name_en,
        len(breaches),
        len(found),
        _share(len(found), len(breaches)),
        len(own),
        true,
        _share(true, len(own)),
        len(innocents),
        len(accused),
        round(delays[len(delays) // 2], 1) if delays else None,
        round(delays[-1], 1) if delays else None,
        sum(round(delay, 1) <= WITHIN.total_seconds() for delay in delays),
        kind.recall,
        kind.precision,
        dict(Counter(deed.form for deed in breaches if id(deed) not in first)),
        dict(false),
    )


def _is_warning(told: Told) -> bool:
    """Of limits the red ones alone say that something was wrong."""
    return told.kind == "overdue" and told.colour != "red"


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _of(told: Iterable[Told], deed: Deed) -> list[Told]:
    index = Index([deed])
    return [one for one in told if index.of(one)]


def _alarms(connection: Connection) -> Iterable[AlarmView]:
    """All, as the control centre reads them, page by page."""
    centre = Actor(0, "evaluation", "evaluation", "KZ", (Holding("centre", "KZ"),))
    asked = Asked(limit=200)
    while True:
        page = list_alarms(connection, centre, AlarmFilter(), asked)
        yield from page.items
        if page.next is None:
            return
        asked = Asked(limit=200, cursor=page.next)


def _told(view: AlarmView) -> Told:
    rows = view.evidence
    cases = {str(row["case"]) for row in rows if row.get("case")} | ({view.case_number} if view.case_number else set())
    # An item, a department's category or a window that has fallen silent.
    item = view.subject.split("/")[1] if view.subject.startswith(("silence/", "window/")) else ""
    return Told(
        view.id,
        view.kind,
        view.rule,
        view.colour,
        view.raised_at,
        view.person["id"] if view.person else None,
        view.department,
        frozenset(cases),
        frozenset(str(row["receipt"]) for row in rows if row.get("receipt")),
        frozenset({item} - {""}),
    )


def centre_decisions(connection: Connection) -> list[int]:
    """How many tasks came to the control centre on each day that brought any, the fewest first."""
    asked = (
        select(user_task.c.entered_at).join(case, case.c.id == user_task.c.case_id).where(user_task.c.post == "centre")
    )
    return sorted(Counter(row.entered_at.date() for row in connection.execute(asked)).values())
