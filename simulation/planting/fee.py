"""收费异常: certificates before payment, amounts off the standard; and fees that are merely paid late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from service.database.session import transaction
from service.database.tables import case, payment_notice
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot

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


BREACHES = (early_print, amount_changed, fine_off_the_benchmark)
INNOCENT = (paid_late, fine_at_the_edge)
