"""权力集中: one pair of hands in two accounts, leaders in tow, posts lent for good or piled up; plain stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial

from service.commands.performing import perform, perform_on_case
from service.commands.post_people import Delegate, GrantPost, delegate_post, grant_post
from service.commands.rule_on_held_act import RuleOnHeldAct, rule_on_held_act
from service.demo.playing import Task
from simulation.course import live
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.planting.too_early import RENEWAL
from simulation.staffing import username
from simulation.truth import Deed

_DEPARTMENTS = ("YJ", "MZ", "HB", "SG", "WJ", "ZR")


def two_accounts_one_terminal(plot: Plot) -> None:
    """The review is done minutes after the visit, under another name at the officer's own terminal."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.95), application_kind="new")
    course.after["section_review"] = plot.seconds(185, 280)
    deed = plot.deed("concentrated", "two_accounts_one_terminal", halts=True)

    def borrowed(hands: Hands, number: str, task: Task | None) -> Iterator[datetime]:
        if task is None:
            return
        leader, officer = hands.staff(course.story, "section"), hands.staff(course.story, "officer")
        leader = hands.seated(leader, f"terminal-{officer.person_id}")
        hands.complete(number, task, course.story, leader)
        deed.about(number, leader.person_id)
        deed.department = "SG"
        deed.act(hands.now)
        yield hands.next_office_time(hands.office_time(0.5))
        supervisor = hands.staff(course.story, "sup1")
        command = RuleOnHeldAct(number, "release", "已调取监控，核实为负责人本人")
        perform_on_case(
            hands.engine,
            hands.services,
            lambda c: rule_on_held_act(c, hands.services, supervisor, command, hands.now),
            actor=supervisor,
            now=hands.now,
            number=number,
        )

    course.episodes["section_review"] = borrowed
    plot.take(course)


def terminal_after_the_window(plot: Plot) -> None:
    """The same, but each time some minutes after the terminal is free again, as the county's choice tells."""
    many = 4
    deed = plot.deed("concentrated", "terminal_after_the_window", acts=many)
    day, desk = plot.arrivals.workday(0.0, 0.9), plot.arrivals.desk("LJ-SG-XK-001")
    for place in range(many):
        begins = plot.arrivals.moment_of(day) + timedelta(minutes=3 * place)
        course = plot.arrivals.course("LJ-SG-XK-001", begins, desk, application_kind="new")
        officer = plot.hands.named(username("SG", "officer", desk)).person_id
        first = datetime.combine(day, time(10, 0), plot.hands.calendar.zone) + timedelta(days=1)
        course.instants["site_survey"] = plot.hands.next_office_time(first + timedelta(minutes=35 * place))
        course.after["section_review"] = plot.seconds(330, 600)
        course.seats |= {"section_review": f"terminal-{officer}"}
        course.does("section_review", deed)
        plot.take(course)


def shared_window(plot: Plot) -> None:
    """Two clerks of one window share a terminal, and neither does what the other's acts exclude."""
    day, desk = plot.arrivals.workday(0.0, 0.9), plot.arrivals.desk("LJ-ZR-QR-001")
    deed = plot.deed("concentrated", "shared_window", acts=3, innocent=True)
    for place in range(3):
        begins = datetime.combine(day, time(9, 15), plot.hands.calendar.zone) + timedelta(minutes=40 * place)
        course = plot.arrivals.course("LJ-ZR-QR-001", begins + plot.seconds(0, 300), desk)
        course.seats["formal_check"] = f"terminal-of-the-window-{desk}"
        course.does("formal_check", deed)
        plot.take(course)


def leader_in_tow(plot: Plot) -> None:
    """On one day the vice head signs case after case as soon as the section's head lets go of it."""
    many = 4
    deed = plot.deed("concentrated", "leader_in_tow", acts=many)
    day, desk = plot.arrivals.workday(0.0, 0.9), plot.arrivals.desk("LJ-SG-XK-001")
    for place in range(many):
        begins = datetime.combine(day, time(9, 10 + 25 * (place % 2)), plot.hands.calendar.zone)
        begins += timedelta(hours=place // 2)
        course = plot.arrivals.course(
            "LJ-SG-XK-001", begins + plot.seconds(0, 240), desk, application_kind="extend", layout="no"
        )
        course.instants |= {
            "start": course.begins,
            "formal_check": begins + timedelta(minutes=35) + plot.seconds(0, 600),
            "section_review": begins + timedelta(hours=4, minutes=40) + plot.seconds(0, 600),
        }
        # The step takes a minute at least; who has read the rule waits as long again, and a little.
        wait = plot.published.figure("concentrated.leader", "seconds", 60) if plot.adaptive else 0
        course.after["decide"] = plot.seconds(61 + wait, 66 + wait + (12 if plot.adaptive else 0))
        course.does("decide", deed)
        plot.take(course)


def loan_without_end(plot: Plot) -> None:
    """A head of section lends the post for so long that it has changed hands.

    Who has read the rule takes it back for a week in between.
    """
    days = plot.published.figure("concentrated.loan", "days", 90)
    first, second = (days - 4, 40) if plot.adaptive else (days - 20, 60)
    pause = timedelta(days=9) if plot.adaptive else timedelta(hours=1)
    # It is whole while somebody is there to see it.
    latest = plot.last_day() - timedelta(days=days + 12)
    begins = [day for day in plot.arrivals.days if day <= latest]
    code = plot.next_one("loan", _DEPARTMENTS) if begins else None
    if code is None:
        return
    department = code.lower()
    deed = plot.deed("concentrated", "loan_without_end", lasting=True)
    at = plot.arrivals.moment_of(plot.chance.choice(begins))

    def lent() -> Iterator[datetime]:
        hands = plot.hands
        begun = hands.now
        person = _lend(hands, f"{department}_section", f"{department}_legal", timedelta(days=first))
        deed.about(None, person)
        deed.begun_at, deed.department = begun, department.upper()
        yield begun + timedelta(days=first) + pause
        _lend(hands, f"{department}_section", f"{department}_legal", timedelta(days=second))
        # The pause does not count.
        deed.act(whole := begun + timedelta(days=days) + pause)
        plot.wake(whole)

    plot.happens(at, lent())


def stand_in_of_two_weeks(plot: Plot) -> None:
    """A head is on leave, and a colleague stands in."""
    code = plot.next_one("stand_in", _DEPARTMENTS)
    if code is None:
        return
    department = code.lower()
    deed = plot.deed("concentrated", "stand_in_of_two_weeks", innocent=True, lasting=True)
    at = plot.arrivals.moment(0.9)

    def lent() -> Iterator[datetime]:
        hands = plot.hands
        deed.about(None, _lend(hands, f"{department}_vice", f"{department}_printer", timedelta(days=14)))
        deed.act(hands.now)
        yield from ()

    plot.happens(at, lent())


def _lend(hands: Hands, lender: str, taker: str, for_so_long: timedelta) -> int:
    """Lend the lender's first post; the taker's id."""
    actor, delegate = hands.named(lender), hands.named(taker)
    post = actor.holdings[0]
    until = hands.now + for_so_long
    command = Delegate(delegate.person_id, post.post, post.department, hands.now, until, "工作安排")
    perform(hands.engine, lambda c: delegate_post(c, actor, command, hands.now))
    return delegate.person_id


def clerk_in_the_chair(plot: Plot) -> None:
    """The head of section lends the post to a clerk, who accepts cases and reviews others of the same day."""

    def lent(hands: Hands) -> None:
        _lend(hands, "sg_section", "sg_clerk", timedelta(days=5))

    _stands_in(plot, plot.deed("concentrated", "clerk_in_the_chair", acts=2), "section_review", lent)


def clerk_at_the_printer(plot: Plot) -> None:
    """The printer is ill, and a clerk makes the certificates of the day beside the window."""

    def given(hands: Hands) -> None:
        command = GrantPost(hands.named("sg_clerk").person_id, "printer", "SG", "制证人员病假")
        perform(hands.engine, partial(grant_post, granted_by=None, command=command, now=hands.now))

    if plot.next_one("printer", ("SG",)) is not None:
        deed = plot.deed("concentrated", "clerk_at_the_printer", acts=2, innocent=True)
        _stands_in(plot, deed, "print_certificate", given)


def _stands_in(plot: Plot, deed: Deed, step: str, given: Callable[[Hands], None]) -> None:
    zone = plot.hands.calendar.zone
    morning = datetime.combine(plot.arrivals.workday(0.0, 0.9), time(9, 5), zone) + plot.seconds(0, 600)
    theirs = plot.arrivals.course_of_parity("LJ-SG-XK-001", morning, 1, 0, **RENEWAL)
    theirs.doers |= {"start": "sg_clerk2", "formal_check": "sg_clerk2"}
    theirs.instants |= {"start": morning, "formal_check": morning + timedelta(minutes=25)}
    theirs.after["section_review"] = plot.seconds(1500, 2400)

    def reviews(hands: Hands, number: str, task: Task | None) -> Iterator[datetime]:
        if task is None:
            return
        given(hands)
        yield hands.now + timedelta(minutes=6)
        clerk = hands.as_of_now("sg_clerk")
        hands.claim(task, clerk)
        hands.complete(number, task, theirs.story, clerk)
        deed.about(number, clerk.person_id)
        deed.act(hands.now)
        own = plot.arrivals.course_of_parity("LJ-SG-XK-001", hands.now + timedelta(minutes=12), 0, 0, **RENEWAL)
        own.doers |= {"start": "sg_clerk", "formal_check": "sg_clerk"}
        own.instants |= {"start": own.begins, "formal_check": own.begins + timedelta(minutes=9)}
        own.does("formal_check", deed)
        plot.courses += 1
        plot.later(own.begins, live(hands, own))

    theirs.episodes[step] = reviews
    plot.take(theirs)


def posts_piled_up(plot: Plot) -> None:
    """A small bureau gives one person post after post."""
    _grant(plot, 4, innocent=False)


def two_posts(plot: Plot) -> None:
    """A clerk also makes the certificates, as a small office must."""
    _grant(plot, 2, innocent=True)


def _grant(plot: Plot, posts: int, *, innocent: bool) -> None:
    department = plot.next_one("posts", _DEPARTMENTS)
    if department is None:
        return
    deed = plot.deed("concentrated", "two_posts" if innocent else "posts_piled_up", innocent=innocent, lasting=True)
    at = plot.arrivals.moment(0.8)

    def given() -> Iterator[datetime]:
        hands = plot.hands
        clerk = hands.named(f"{department.lower()}_clerk2")
        for post in ("officer", "printer", "dept_clerk")[: posts - 1]:
            command = GrantPost(clerk.person_id, post, department, "人手不足，兼任")
            perform(hands.engine, partial(grant_post, granted_by=None, command=command, now=hands.now))
            yield hands.now + timedelta(minutes=3)
        deed.about(None, clerk.person_id)
        deed.department = department
        deed.act(hands.now - timedelta(minutes=3))

    plot.happens(at, given())


BREACHES = {
    two_accounts_one_terminal: 3,
    leader_in_tow: 3,
    loan_without_end: 3,
    posts_piled_up: 3,
    clerk_in_the_chair: 2,
}
INNOCENT = {stand_in_of_two_weeks: 3, two_posts: 3, shared_window: 2, clerk_at_the_printer: 2}
ADAPTED = {
    terminal_after_the_window: 3,
    leader_in_tow: 3,
    loan_without_end: 3,
    posts_piled_up: 3,
    clerk_in_the_chair: 2,
}
