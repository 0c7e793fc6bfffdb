"""When people come to the counters and what for: seasons of the year, days of the week, hours of the day, fairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from service.demo.answers import Story
from simulation.course import Course
from simulation.hands import DESK, Hands
from simulation.staffing import username

# Days after the last planned act, in which what was done late is found.
AFTERWARDS = 7
# Of a hundred cases so many are of this item.
ITEMS: Mapping[str, int] = {
    "LJ-SG-XK-001": 32,
    "LJ-ZR-QR-001": 30,
    "LJ-WJ-XK-001": 11,
    "LJ-MZ-XK-001": 11,
    "LJ-YJ-XK-001": 10,
    "LJ-HB-XK-001": 4,
    "LJ-CG-CF-001": 2,
}
# January to December: quiet at the Spring Festival, busy before summer and before the year ends.
MONTHS = (0.8, 0.5, 1.2, 1.2, 1.1, 1.0, 0.9, 0.8, 1.1, 0.8, 1.3, 1.3)
WEEKDAYS = (1.3, 1.1, 1.0, 0.9, 0.8, 0.9, 0.9)
HOURS: Mapping[int, int] = {9: 5, 10: 6, 11: 3, 13: 1, 14: 5, 15: 4, 16: 2}


class Arrivals:
    """Gives cases their numbers, places and days."""

    def __init__(self, hands: Hands, first: date, days: int, desks: Mapping[str, int]) -> None:
        self.hands = hands
        self._desks = desks
        chance = self.chance = hands.chances
        calendar = hands.calendar
        self.days = [day for day in (first + timedelta(days=n) for n in range(days)) if calendar.is_workday(day)]
        self._weights = [
            MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * (0.7 + 0.6 * chance.random()) for day in self.days
        ]
        # Those on which whatever is planned may begin.
        self.open_days, self._open_weights = list(self.days), list(self._weights)
        self._number = 0
        # What goes past the system: department -> days on which its window takes in nothing.
        self.silent: dict[str, frozenset[date]] = {}
        # Cases that would have come then.
        self.hidden: list[tuple[str, date]] = []
        later = (first + timedelta(days=n) for n in range(days + AFTERWARDS))
        self.days_with_aftermath = [day for day in later if calendar.is_workday(day)]

    def moment(self, latest: float = 1.0) -> datetime:
        """Some instant at which somebody comes; of the first part of the year only, if that is asked for."""
        until = max(1, int(len(self.open_days) * latest))
        return self.moment_of(self.chance.choices(self.open_days[:until], self._open_weights[:until])[0])

    def moment_of(self, day: date) -> datetime:
        hour = self.chance.choices(list(HOURS), list(HOURS.values()))[0]
        least = 30 if hour == 13 else 0
        at = time(hour, self.chance.randrange(least, 60), self.chance.randrange(60))
        return datetime.combine(day, at, self.hands.calendar.zone)

    def is_silent(self, item: str, day: date) -> bool:
        return day in self.silent.get(item.split("-")[1], ())

    def fall_silent(self, department: str, days: Sequence[date]) -> None:
        """From now on nothing is planned for these days that would need the department's window."""
        self.silent[department] = frozenset(days)
        kept = [(day, weight) for day, weight in zip(self.days, self._weights, strict=True) if day not in days]
        self.open_days = [day for day, _ in kept]
        self._open_weights = [weight for _, weight in kept]

    def workday(self, first: float = 0.0, last: float = 0.9) -> date:
        """Some working day of that part of the year."""
        days = self.open_days
        return self.chance.choice(days[int(len(days) * first) : max(1, int(len(days) * last))])

    def item(self) -> str:
        return self.chance.choices(list(ITEMS), list(ITEMS.values()))[0]

    def desks_of(self, item: str) -> int:
        """How many rows of desks take in such cases."""
        return self._desks.get(item.split("-")[1], 1)

    def desk(self, item: str) -> int:
        """One of the rows of desks that take in such cases."""
        many = self.desks_of(item)
        return self.chance.randrange(many) if many > 1 else 0

    def course(self, item: str, begins: datetime, desk: int | None = None, /, **choices: Any) -> Course:
        """A case in which nothing is wrong, at that row of desks or any."""
        self._number += 1
        if desk is None:
            desk = self.desk(item)
        given = {**self._choices(item), **choices, DESK: desk}
        story = Story(item, self._number, begins.date(), self._officers(item, desk), given)
        return Course(story, begins)

    def course_of_parity(self, item: str, begins: datetime, parity: int, desk: int, /, **choices: Any) -> Course:
        """One that the same clerk of the desk's two serves as others of this parity."""
        if (self._number + 1) % 2 != parity:
            self._number += 1
        return self.course(item, begins, desk, **choices)

    def ordinary(self, cases: int) -> Iterator[Course]:
        """So many, in no order: with corrections, withdrawals and refusals as they are usual."""
        for _ in range(cases):
            item, begins = self._unplanned()
            while self.is_silent(item, begins.date()):
                self.hidden.append((item, begins.date()))
                item, begins = self._unplanned()
            course = self.course(item, begins)
            roll = self.chance.random()
            if roll < 0.08:
                course.corrections = 1
            elif roll < 0.09:
                course.corrections, course.answers_correction = 1, False
            elif roll < 0.12:
                course.story = _refused(course.story)
            yield course

    def _unplanned(self) -> tuple[str, datetime]:
        """People come until the last day, though nothing is planted so late."""
        days = self.days_with_aftermath
        weights = [*self._weights, *(self._weights[-1],) * (len(days) - len(self.days))]
        return self.item(), self.moment_of(self.chance.choices(days, weights)[0])

    def _officers(self, item: str, desk: int) -> tuple[str, str]:
        code, numbers = item.split("-")[1], self.hands.officer_numbers
        return numbers.get(username(code, "officer", desk), ""), numbers.get(username(code, "officer2", desk), "")

    def _choices(self, item: str) -> dict[str, Any]:
        pick = self.chance.choice
        if item == "LJ-MZ-XK-001":
            return {
                "reg_kind": pick(("found", "change", "change")),
                "change_items": pick((["domicile"], ["rep"], ["name", "charter"])),
            }
        if item == "LJ-CG-CF-001":
            return {"violation": pick(("stall", "pile"))}
        if item == "LJ-HB-XK-001":
            return {"doc_type": "form"}
        if item in ("LJ-CG-CF-002", "LJ-ZJ-ZS-001"):
            return {}
        if item == "LJ-ZR-QR-001":
            return {"property_use": pick(("dwelling", "dwelling", "other")), "extra_copies": pick((0, 0, 1))}
        if item == "LJ-SG-XK-001":
            return {"application_kind": pick(("new", "new", "change", "extend")), "layout": pick(("yes", "no"))}
        if item == "LJ-WJ-XK-001":
            return {"beds": pick((6, 10, 15))}
        return {"application_kind": pick(("new", "extend"))}


def _refused(story: Story) -> Story:
    wrong = {"review_result": "agree_refuse", "decision": "refuse"}
    return Story(story.power_item, story.number, story.on, story.officers, {**story.choices, **wrong})
