"""What a planter works with: the people, the arrivals, the book of truth, and what is published of the rules."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from service.commands.services import Services
from simulation.arrivals import Arrivals
from simulation.course import Course, live
from simulation.hands import Hands
from simulation.truth import Deed

Happening = tuple[datetime, Iterator[datetime]]


class Published:
    """The catalogue of rules with their figures, as the county publishes it (docs/alarm-rules.md, the rules' page)."""

    def __init__(self, services: Services) -> None:
        self._figures = {
            rule.code: {figure.name: figure.default for figure in rule.figures} for rule in services.rule_book
        }

    def figure(self, rule: str, name: str, otherwise: int) -> int:
        """What is told of a rule; `otherwise` where no such rule is published."""
        return self._figures.get(rule, {}).get(name, otherwise)

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self._figures)


@dataclass(slots=True)
class Plot:
    """Of one simulated year. `adaptive`: those who break rules have read the published ones."""

    hands: Hands
    arrivals: Arrivals
    published: Published
    adaptive: bool
    cases: int = 0
    truth: list[Deed] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    courses: int = 0
    # Where something happens later that nobody knew of at the beginning; the year's own.
    later: Callable[[datetime, Iterator[datetime]], None] = lambda _at, _story: None
    # Cases in which somebody goes on as before, whatever is answered of them: what that will be, by number.
    stubborn: dict[str, Deed] = field(default_factory=dict)
    # Of every case that comes, its item and day.
    comers: list[tuple[str, date]] = field(default_factory=list)
    _spent: set[str] = field(default_factory=set)

    @property
    def chance(self) -> random.Random:
        return self.hands.chances

    def deed(
        self, kind: str, form: str, *, acts: int = 1, innocent: bool = False, halts: bool = False, lasting: bool = False
    ) -> Deed:
        """A new entry of the truth; it counts once it is done, which takes so many acts."""
        made = Deed(kind, form, innocent, halts, lasting, acts=acts, parts=acts)
        self.truth.append(made)
        return made

    def take(self, course: Course) -> None:
        """The case comes to the counter."""
        self.courses += 1
        # Who means to come on a day of rest comes on the next day.
        course.begins = self.hands.next_office_time(course.begins)
        while self.arrivals.is_silent(course.story.power_item, course.begins.date()):
            course.begins = self.hands.next_office_time(course.begins + timedelta(days=1))
        self.comers.append((course.story.power_item, course.begins.date()))
        self.happens(course.begins, live(self.hands, course))

    def next_one(self, what: str, among: Sequence[str]) -> str | None:
        """One of them with which nothing of this kind has happened yet; None when each has had its turn."""
        free = [one for one in among if f"{what}/{one}" not in self._spent]
        if not free:
            return None
        found = self.chance.choice(free)
        self._spent.add(f"{what}/{found}")
        return found

    def wake(self, at: datetime) -> None:
        """Supervision looks within its minute of that instant, as the worker does in every minute of the year.

        A simulated worker looks after acts alone, and what time completes is followed by none.
        """
        self.later(at, iter(()))

    def last_day(self) -> date:
        return self.arrivals.days_with_aftermath[-1]

    def happens(self, at: datetime, story: Iterator[datetime]) -> None:
        self.happenings.append((at, story))

    def seconds(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=least + (most - least) * self.chance.random())


# A form of a breach, or of what looks like it: plants one.
Plant = Callable[[Plot], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of the county's list. `alarms` are the kinds of alarms that tell of it; the targets are the county's."""

    key: str
    number: int
    name_zh: str
    name_en: str
    alarms: frozenset[str]
    recall: float
    precision: float


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("overdue", 1, "超期", "Overdue", frozenset({"overdue"}), 0.95, 0.9),
        Kind(
            "too_early",
            2,
            "过早、补录",
            "Too early",
            frozenset({"too_early", "case_too_fast", "backfilled"}),
            0.95,
            0.9,
        ),
        Kind("batch", 3, "批量录入", "Batch entry", frozenset({"batch", "odd_hours"}), 0.85, 0.8),
        Kind("off_system", 4, "网下运行", "Off-system work", frozenset({"off_system"}), 0.95, 0.9),
        Kind("concentrated", 5, "权力集中", "Concentrated power", frozenset({"concentrated"}), 0.95, 0.9),
        Kind("fee", 6, "收费异常", "Fees", frozenset({"fee", "discretion"}), 0.95, 0.9),
        Kind("material", 7, "材料异常", "Materials", frozenset({"material"}), 0.85, 0.8),
        Kind("service", 8, "服务", "Service", frozenset({"service"}), 0.85, 0.8),
        Kind("supervision", 9, "监察不到位", "Supervision itself", frozenset({"supervision"}), 0.85, 0.8),
        Kind("bunching", 10, "卡点办理", "Bunching", frozenset({"bunched"}), 0.8, 0.9),
    )
}
