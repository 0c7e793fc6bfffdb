"""网下运行: money and numbers that no case here explains; and money that goes back, and comes late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from service.database.session import reading, transaction
from service.database.tables import case, document, number_sequence
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.planting.treasury import code_and_amount, line, take_in
from simulation.truth import Deed

_CODES = ("ZR", "SG", "CG", "YJ")


def _code(plot: Plot) -> str:
    """A payment code that the county never gave out."""
    return f"9{plot.chance.randrange(10**19):019d}"


def receipt_without_case(plot: Plot) -> None:
    """Money was taken for something that no case tells of; it stands in the treasury's file weeks later."""
    days = plot.published.figure("off_system.receipt", "days", 15)
    deed = plot.deed("off_system", "receipt_without_case")
    at = plot.arrivals.moment(0.9)

    def told() -> Iterator[datetime]:
        hands = plot.hands
        department = plot.chance.choice(_CODES)
        paid_on = hands.now.date() - timedelta(days=days + 1 + plot.chance.randrange(20))
        amount = plot.chance.randrange(50, 900) * 100
        deed.receipts.append(take_in(hands, line(hands, _code(plot), amount, paid_on, department)))
        deed.department = department
        deed.act(hands.now)
        yield from ()

    plot.happens(at, told())


def penalty_without_case(plot: Plot) -> None:
    """A fine was paid under a decision that was never made here."""
    deed = plot.deed("off_system", "penalty_without_case")
    at = plot.arrivals.moment(0.9)

    def told() -> Iterator[datetime]:
        hands = plot.hands
        note = f"临城管罚字〔2025〕{700 + plot.chance.randrange(200):04d}号"
        paid_on = hands.now.date() - timedelta(days=1 + plot.chance.randrange(4))
        amount = plot.chance.randrange(2, 30) * 10_000
        receipt = line(hands, _code(plot), amount, paid_on, "CG", kind="罚款", note=note)
        deed.receipts.append(take_in(hands, receipt))
        deed.department = "CG"
        deed.act(hands.now)
        yield from ()

    plot.happens(at, told())


def missing_number(plot: Plot) -> None:
    """A certificate is given out past the system: its number is taken, and the next case has the one after."""
    department = plot.chance.choice(("ZR", "MZ", "WJ"))
    deed = plot.deed("off_system", "missing_number")
    at = plot.arrivals.moment(0.85)

    def taken() -> Iterator[datetime]:
        hands = plot.hands
        scope = f"document/{department}/certificate/%"
        with transaction(hands.engine) as connection:
            taken = update(number_sequence).where(number_sequence.c.scope.like(scope))
            if connection.execute(taken.values(last=number_sequence.c.last + 1)).rowcount == 0:
                return
        since, began = hands.now, _last_certificate(hands, department)
        while hands.calendar.local_date(hands.now) < plot.last_day():
            yield hands.now + timedelta(hours=12)
            after = _first_certificate_after(hands, department, began)
            if after is not None and began:
                deed.begun_at, deed.department = since, department
                deed.about(after[0])
                deed.act(after[1])
                return

    plot.happens(at, taken())


def _last_certificate(hands: Hands, department: str) -> int:
    asked = (
        select(document.c.id)
        .join(case, case.c.id == document.c.case_id)
        .where(case.c.department == department, document.c.kind == "certificate")
        .order_by(document.c.id.desc())
        .limit(1)
    )
    with reading(hands.engine) as connection:
        return connection.execute(asked).scalar() or 0


def _first_certificate_after(hands: Hands, department: str, last: int) -> tuple[str, datetime] | None:
    asked = (
        select(case.c.number, document.c.made_at)
        .join(case, case.c.id == document.c.case_id)
        .where(case.c.department == department, document.c.kind == "certificate", document.c.id > last)
        .order_by(document.c.id)
        .limit(1)
    )
    with reading(hands.engine) as connection:
        row = connection.execute(asked).one_or_none()
    return None if row is None else (row.number, row.made_at)


def money_back(plot: Plot) -> None:
    """The treasury's file tells of money that went back: no income without a case."""
    deed = plot.deed("off_system", "money_back", innocent=True)
    at = plot.arrivals.moment(0.9)

    def told() -> Iterator[datetime]:
        hands = plot.hands
        paid_on = hands.now.date() - timedelta(days=20)
        deed.receipts.append(take_in(hands, line(hands, _code(plot), -8000, paid_on, "ZR")))
        deed.act(hands.now)
        yield from ()

    plot.happens(at, told())


def late_file(plot: Plot) -> None:
    """What the bank told long ago stands in the treasury's file of the next month."""
    deed = plot.deed("off_system", "late_file", innocent=True)
    course = plot.arrivals.course("LJ-ZR-QR-001", plot.arrivals.moment(0.8))

    def paid(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        code, amount = code_and_amount(hands, number)
        yield hands.office_time(1 + 4 * hands.chance())
        hands.pay(number)
        plot.later(hands.now + timedelta(days=18), _told(plot, deed, number, code, amount))
        yield hands.now + timedelta(minutes=1)

    course.episodes["payment"] = paid
    plot.take(course)


def _told(plot: Plot, deed: Deed, number: str, code: str, amount: int) -> Iterator[datetime]:
    hands = plot.hands
    paid_on = (hands.now - timedelta(days=18)).date()
    deed.receipts.append(take_in(hands, line(hands, code, amount, paid_on, "ZR")))
    deed.about(number)
    deed.act(hands.now)
    yield from ()


BREACHES = {receipt_without_case: 4, penalty_without_case: 3, missing_number: 3}
INNOCENT = {money_back: 4, late_file: 4}
