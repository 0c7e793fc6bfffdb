"""Some 300 cases of the last three months, in every state, played through the commands with a moved clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from service.clock import MovedClock
from service.commands.services import Services
from service.demo.answers import Story
from service.demo.driving import Driver
from service.demo.lives import Habit, live
from service.demo.outage import ITEM, PRINTED_BEFORE, play_outage
from service.demo.playing import Player
from service.demo.tickets import load_books

SEED = 20100901  # The county went on line in September 2010.
DAYS = 92
# item -> how many cases of it
CASES: Mapping[str, int] = {
    "LJ-SG-XK-001": 80,
    "LJ-ZR-QR-001": 74,
    "LJ-WJ-XK-001": 40,
    "LJ-MZ-XK-001": 38,
    "LJ-YJ-XK-001": 38,
    "LJ-HB-XK-001": 22,
    "LJ-MZ-JF-001": 14,
    "LJ-ZJ-ZS-001": 12,
    "LJ-RX-EX-001": 18,
}
_SURVEYED = frozenset({"LJ-SG-XK-001", "LJ-WJ-XK-001", "LJ-YJ-XK-001", "LJ-MZ-XK-001"})
Progress = Callable[[int, int], None]


def load_cases(
    engine: Engine, services: Services, drain: Callable[[datetime], int], progress: Progress | None = None
) -> int:
    """Play the demo county's cases up to the present; how many there are.

    `services.clock` must be a MovedClock: it is moved through the last three months and left at the present.
    `drain(now)` sends the outbox as of an instant.
    """
    clock = services.clock
    if not isinstance(clock, MovedClock):
        raise TypeError("Expected services with a MovedClock to play the past")
    until = clock.now()
    driver = Driver(Player(engine, services, SEED), drain, clock, SEED + 1)
    plans = sorted(_plans(driver.player, until), key=lambda plan: plan[0])
    for begins, story, habit in plans:
        driver.add(begins, live(driver.player, story, habit, begins))
    driver.add(
        until - PRINTED_BEFORE, play_outage(driver.player, len(plans) + 1, _officers(driver.player, ITEM), until)
    )
    first = plans[0][0]
    load_books(engine, first)
    for at in driver.run(until):
        if progress is not None:
            progress(int((at - first) / (until - first) * len(plans)), len(plans))
    clock.move(until)
    return len(plans)


def _plans(player: Player, until: datetime) -> Iterator[tuple[datetime, Story, Habit]]:
    chance = random.Random(SEED)  # noqa: S311 - stories, not secrets
    first = until - timedelta(days=DAYS)
    number = 0
    for item, cases in CASES.items():
        for place in range(cases):
            number += 1
            share = (place + chance.random()) / cases
            player.now = first + timedelta(days=DAYS * share)
            begins = player.office_time(chance.random() * 6)
            if begins >= until:
                begins = player.office_time_before(until - timedelta(hours=3))
            story, habit = _character(chance, item, number, begins, until)
            yield begins, Story(item, number, begins.date(), _officers(player, item), story), habit
    yield from _present(player, until, number)


_AT_THE_COUNTER = Habit("in hand at the counter", stops_at="formal_check")
_HALTED = Habit("halted", slow={"formal_check": 0.6}, survey_seconds=58, ruling_after_hours=None)
# What every page shall have something of at the present: (item, days ago, choices, habit).
_PRESENT: tuple[tuple[str, float, dict[str, Any], Habit], ...] = (
    ("LJ-YJ-XK-001", 3.4, {}, _HALTED),
    ("LJ-SG-XK-001", 4.1, {"application_kind": "new"}, _HALTED),
    ("LJ-WJ-XK-001", 3.9, {}, _HALTED),
    ("LJ-YJ-XK-001", 6, {}, Habit("in correction", corrections=1, answers_correction=False)),
    ("LJ-MZ-XK-001", 5, {"reg_kind": "found"}, Habit("in correction", corrections=1, answers_correction=False)),
    ("LJ-SG-XK-001", 4, {}, Habit("in correction", corrections=1, answers_correction=False)),
    ("LJ-YJ-XK-001", 7, {"survey_result": "rectify"}, Habit("in rectification", answers_correction=False)),
    ("LJ-YJ-XK-001", 8, {"complex_process": True}, Habit("at the experts", stops_at="expert_review")),
    ("LJ-HB-XK-001", 5, {"doc_type": "book"}, Habit("in publicity", stops_at="technical_review")),
    (
        "LJ-MZ-XK-001",
        4,
        {"reg_kind": "change", "change_items": ["domicile"]},
        Habit("at the survey", stops_at="site_survey"),
    ),
    ("LJ-ZR-QR-001", 3, {"property_use": "other"}, Habit("unpaid", pays=False, tries_early_print=True)),
    ("LJ-ZR-QR-001", 2, {}, Habit("unpaid", pays=False)),
    ("LJ-YJ-XK-001", 5, {}, Habit("at the survey", slow={"formal_check": 0.6}, stops_at="site_survey")),
    (
        "LJ-SG-XK-001",
        5,
        {"application_kind": "new"},
        Habit("at the survey", slow={"formal_check": 0.6}, stops_at="site_survey"),
    ),
    *((item, days, {}, _AT_THE_COUNTER) for item in CASES for days in (0.2, 1.2)),
    *((item, 0.1, {}, Habit("just handed in")) for item in ("LJ-YJ-XK-001", "LJ-SG-XK-001")),
    ("LJ-HB-XK-001", 25, {"doc_type": "form"}, Habit("stuck", stops_at="decide")),
    ("LJ-WJ-XK-001", 20, {"beds": 30}, Habit("stuck", stops_at="section_review")),
    ("LJ-SG-JC-001", 1.6, {}, Habit("a plan that has been drawn")),
    ("LJ-FG-EX-002", 40, {"first_due_in_days": 30}, Habit("a late milestone", stops_at="rule_on_delay")),
    ("LJ-FG-EX-002", 9, {"first_due_in_days": 12}, Habit("a milestone that comes near")),
    ("LJ-CG-CF-001", 60, {"violation": "pile"}, Habit("a fine that is paid")),
    ("LJ-CG-CF-001", 50, {"violation": "stall"}, Habit("a fine that is late", pays=False)),
    (
        "LJ-CG-CF-001",
        16,
        {"violation": "pile", "answer": "statement"},
        Habit("a statement to be examined", stops_at="statement_review"),
    ),
    ("LJ-CG-CF-001", 4, {}, Habit("a proposal to be reviewed", stops_at="section_review")),
    ("LJ-SG-JC-001", 0.4, {"plan_matter": "licence"}, Habit("a plan to be approved", stops_at="approve_plan")),
    ("LJ-CG-CF-002", 13, {}, Habit("taken on the spot and paid in")),
    ("LJ-CG-CF-002", 8, {"fine_amount": 80_00}, Habit("taken on the spot and kept too long", hands_in=False)),
    ("LJ-CG-CF-002", 4, {"fine_amount": 100_00}, Habit("with the organ", pays=False)),
    ("LJ-CG-CF-002", 3, {}, Habit("about to be taken", stops_at="collect_fine")),
    (
        "LJ-CG-CF-002",
        6,
        {"party_kind": "organisation", "fine_amount": 800_00, "pay_way": "bank", "violation": "pile"},
        Habit("decided on the spot, paid at a bank"),
    ),
)


def _present(player: Player, until: datetime, number: int) -> Iterator[tuple[datetime, Story, Habit]]:
    for item, days, choices, habit in _PRESENT:
        number += 1
        player.now = until - timedelta(days=days)
        begins = min(player.office_time(0.5), player.office_time_before(until - timedelta(hours=2)))
        yield begins, Story(item, number, begins.date(), _officers(player, item), choices), habit


def _officers(player: Player, item: str) -> tuple[str, str]:
    department = _department(item)
    if item == "LJ-MZ-JF-001":
        department = f"{department}_town"
    first, second = (player.officer_numbers.get(f"{department}_{who}", "") for who in ("officer", "officer2"))
    return first, second


def _department(item: str) -> str:
    return item.split("-")[1].lower()


def _character(
    chance: random.Random, item: str, number: int, begins: datetime, until: datetime
) -> tuple[dict[str, Any], Habit]:
    """What the case is about and what goes wrong in it."""
    choices = _choices(chance, item)
    roll, recent = chance.random(), until - begins < timedelta(days=12)
    if item in _SURVEYED and roll < 0.06:
        choices |= {"change_items": ["domicile"]}
        waits = None if recent else 2 + 4 * chance.random()
        return choices, Habit("too early", survey_seconds=chance.choice((58, 95, 240)), ruling_after_hours=waits)
    if item == "LJ-MZ-XK-001" and roll < 0.2:
        return choices | {"reg_kind": "change", "change_items": ["domicile"]}, Habit("paper", forgets_survey_paper=True)
    if item == "LJ-ZR-QR-001" and roll < 0.2:
        return choices, Habit("unpaid", pays=roll < 0.08, tries_early_print=roll < 0.12)
    for limit, habit in _HABITS:
        if roll < limit:
            return choices | _DECISIONS.get(habit.name, {}), habit
    return choices, Habit()


_HABITS: tuple[tuple[float, Habit], ...] = (
    (0.26, Habit("corrected", corrections=1)),
    (0.29, Habit("withdrawn", corrections=1, answers_correction=False)),
    (0.32, Habit("not accepted")),
    (0.37, Habit("refused")),
    (0.41, Habit("slow survey", slow={"site_survey": 44, "site_view": 12, "technical_review": 130})),
    (0.45, Habit("slow review", slow={"section_review": 27})),
    (0.48, Habit("slow decision", slow={"decide": 24})),
    (0.51, Habit("stuck", stops_at="section_review")),
    (0.53, Habit("stuck", stops_at="decide")),
    (0.55, Habit("deemed", slow={"formal_check": 60})),
    (0.57, Habit("slow print", slow={"print_certificate": 40})),
)
_DECISIONS: Mapping[str, dict[str, Any]] = {
    "not accepted": {"check_result": "not_needed"},
    "refused": {"review_result": "agree_refuse", "decision": "refuse", "survey_result": "fail"},
}


def _choices(chance: random.Random, item: str) -> dict[str, Any]:
    if item == "LJ-MZ-XK-001":
        kind = chance.choice(("found", "change", "change", "cancel"))
        return {"reg_kind": kind, "change_items": chance.choice((["domicile"], ["rep"], ["name", "charter"]))}
    if item == "LJ-HB-XK-001":
        return {"doc_type": chance.choice(("book", "form", "form"))}
    if item == "LJ-ZR-QR-001":
        return {
            "property_use": chance.choice(("dwelling", "dwelling", "other")),
            "extra_copies": chance.choice((0, 0, 1)),
        }
    if item == "LJ-SG-XK-001":
        return {
            "application_kind": chance.choice(("new", "new", "change", "extend")),
            "layout": chance.choice(("yes", "no")),
        }
    if item == "LJ-MZ-JF-001":
        return {"urgency": chance.choice(("urgent", "ordinary", "ordinary"))}
    if item == "LJ-ZJ-ZS-001":
        return {"reduction_asked": chance.choice(("no", "no", "yes"))}
    if item == "LJ-RX-EX-001":
        return {
            "answerable": chance.choice(("no", "no", "no", "yes", "out")),
            "satisfaction": chance.choice(("very", "ok", "ok", "bad")),
            "anonymous": chance.random() < 0.2,
        }
    if item == "LJ-WJ-XK-001":
        return {"beds": chance.choice((6, 10, 15, 30))}
    return {"application_kind": chance.choice(("new", "extend")), "complex_process": chance.random() < 0.25}
