"""收费异常: certificates before payment, amounts off the standard, notices renewed for ever; fees merely paid late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from service.commands.performing import perform
from service.commands.take_payment import make_payment_notice
from service.database.session import reading, transaction
from service.database.tables import case, payment_notice
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.truth import Deed

ITEM = "LJ-ZR-QR-001"


def early_print(plot: Plot) -> None:
    """Somebody tries to print the certificate before the fee is paid."""
    deed = plot.deed("fee", "early_print")
    course = plot.arrivals.course(ITEM, plot.arrivals.moment(0.95))

    def tries(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.next_office_time(hands.office_time(0.3 + hands.chance()))
        printer = hands.staff(course.story, "printer")
        hands.try_print(number, course.story)
        deed.about(number, printer.person_id)
        deed.department = "ZR"
        deed.act(hands.now)
        yield hands.office_time(1 + 8 * hands.chance())
        hands.pay(number)

    course.episodes["payment"] = tries
    plot.take(course)


def amount_changed(plot: Plot) -> None:
    """A notice's amount is changed in the database, past the program, for a friend."""
    deed = plot.deed("fee", "amount_changed")
    course = plot.arrivals.course(ITEM, plot.arrivals.moment(0.95))

    def cut(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.now + timedelta(minutes=5)
        of_case = select(case.c.id).where(case.c.number == number).scalar_subquery()
        changed = update(payment_notice).where(payment_notice.c.case_id == of_case, payment_notice.c.status == "unpaid")
        with transaction(hands.engine) as connection:
            connection.execute(changed.values(amount_fen=payment_notice.c.amount_fen / 2))
        deed.about(number)
        deed.department = "ZR"
        deed.act(hands.now)

    course.episodes["payment"] = cut
    course.pays = False
    plot.take(course)


def fine_off_the_benchmark(plot: Plot) -> None:
    """A fine of a tenth, or of many times, of what the county's benchmark lays down for the same facts."""
    deed = plot.deed("fee", "fine_off_the_benchmark")
    amount = plot.chance.choice((20_00, 50_00, 3_000_00, 4_000_00))
    course = plot.arrivals.course("LJ-CG-CF-001", plot.arrivals.moment(0.85), violation="stall", proposed_fine=amount)
    course.does("decide", deed)
    plot.take(course)


def fine_at_the_edge(plot: Plot) -> None:
    """The most that the benchmark allows."""
    deed = plot.deed("fee", "fine_at_the_edge", innocent=True)
    course = plot.arrivals.course("LJ-CG-CF-001", plot.arrivals.moment(0.85), violation="stall", proposed_fine=1_000_00)
    course.does("decide", deed)
    plot.take(course)


def paid_late(plot: Plot) -> None:
    """The applicant takes his time, and pays within it."""
    deed = plot.deed("fee", "paid_late", innocent=True)
    course = plot.arrivals.course(ITEM, plot.arrivals.moment(0.9))

    def pays(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.next_office_time(hands.now + timedelta(days=12 + 10 * hands.chance()))
        hands.pay(number)
        deed.about(number)
        deed.act(hands.now)

    course.episodes["payment"] = pays
    plot.take(course)


def notices_renewed(plot: Plot) -> None:
    """Nobody asks for the money: when the time to pay is over the clerk writes a new notice, time and again."""
    _renew(plot, plot.deed("fee", "notices_renewed", acts=2))


def notice_renewed_once(plot: Plot) -> None:
    """The applicant was away when it was due, and pays by the new one."""
    _renew(plot, plot.deed("fee", "notice_renewed_once", innocent=True))


def _renew(plot: Plot, deed: Deed) -> None:
    course = plot.arrivals.course(ITEM, plot.arrivals.moment(0.35 if deed.acts > 1 else 0.6))

    def renews(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        clerk = hands.starter(course.story)
        for _ in range(deed.acts):
            yield hands.next_office_time(_due(hands, number) + timedelta(hours=1 + 4 * hands.chance()))
            perform(hands.engine, lambda c: make_payment_notice(c, hands.services, clerk, number, hands.now))
            deed.about(number)
            deed.act(hands.now)
        yield hands.office_time(2 + 6 * hands.chance())
        hands.pay(number)

    course.episodes["payment"] = renews
    plot.take(course)


def _due(hands: Hands, number: str) -> datetime:
    """When the case's unpaid notice is due."""
    asked = (
        select(payment_notice.c.due_at)
        .join(case, case.c.id == payment_notice.c.case_id)
        .where(case.c.number == number, payment_notice.c.status == "unpaid")
    )
    with reading(hands.engine) as connection:
        found: datetime = connection.execute(asked).scalar_one()
    return found


BREACHES = {early_print: 3, amount_changed: 3, fine_off_the_benchmark: 3, notices_renewed: 2}
INNOCENT = {paid_late: 3, fine_at_the_edge: 3, notice_renewed_once: 2}
