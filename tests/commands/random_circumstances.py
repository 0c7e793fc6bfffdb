"""What comes over an office from outside, drawn at random: the calendar, outages, the bank and decisions on fees.

Each move hands the world's word to the product and tells `known` what the test must find afterwards.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import Connection, select

from service.commands.apply_fee_change import TakeRefund, take_refund
from service.commands.attach_file import AttachFile, attach_file
from service.commands.declare_outage import DeclareOutage, declare_outage, end_outage, lengthen_outage, object_to_outage
from service.commands.edit_calendar import EditCalendar, edit_calendar
from service.commands.enter_from_paper import PaperReceipt
from service.commands.paper_receipts import PrintReceipts, print_receipts
from service.commands.propose_fee_change import ProposeFeeChange, propose_fee_change
from service.commands.reverse_payment import ReversePayment, reverse_payment
from service.database.session import transaction
from service.database.tables import fee_change, paper_receipt
from service.reads.calendar import DayChange
from tests.commands.office import CST, Office
from tests.commands.town import MOST_CASES, ROVERS, Town, pick

PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
# The notice of 2027 as it might be: all statutory days (全国年节及纪念日放假办法 Art. 2), days in lieu, made-up days.
STATUTORY_2027 = [date(2027, 1, 1), *(date(2027, 2, day) for day in (5, 6, 7, 8)), date(2027, 4, 5), date(2027, 5, 1)]
STATUTORY_2027 += [date(2027, 5, 2), date(2027, 6, 9), date(2027, 9, 15), *(date(2027, 10, day) for day in (1, 2, 3))]
IN_LIEU_2027 = (date(2027, 1, 4), date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 11))
MADE_UP_2027 = (date(2027, 1, 9), date(2027, 1, 23), date(2027, 2, 20))
KINDS = {"rest": False, "makeup": True}


class Paid(NamedTuple):
    """A payment as the bank keeps it."""

    number: str
    pay_code: str
    receipt: str
    amount_fen: int


class Circumstances(Town):
    statutory: ClassVar[list[date]] = STATUTORY_2027

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.known.calendar |= dict.fromkeys(self.statutory, False)
        self.banked: list[Paid] = []
        self.changes: list[str] = []

    def in_the_county(self, name: str, command: Callable[[Connection], object]) -> bool:
        """A move that is no case's."""

        def move() -> None:
            with transaction(self.office.engine) as connection:
                command(connection)

        return self.attempt(name, move)

    # The calendar ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.time_left)
    @rule(
        after=st.integers(1, 15),
        kinds=st.lists(st.sampled_from(("rest", "rest", "makeup", None)), min_size=1, max_size=3),
        by=st.sampled_from(("sysadmin", "sysadmin", "sysadmin", "secadmin")),
    )
    def change_days(self, after: int, kinds: list[str | None], by: str) -> None:
        """Days to come are closed, worked or ordinary again: every open limit is counted anew."""
        first = self.office.today + timedelta(days=after)
        days = {first + timedelta(days=n): kind for n, kind in enumerate(kinds)}
        self._edit("change_days", by, {day: kind for day, kind in days.items() if day not in self.statutory}, None)

    @rule(in_lieu=st.sets(st.sampled_from(IN_LIEU_2027)), made_up=st.sets(st.sampled_from(MADE_UP_2027)))
    def next_years_notice(self, in_lieu: set[date], made_up: set[date]) -> None:
        """The State Council's notice of the next year, or another one in its place."""
        days = dict.fromkeys(self.statutory, "holiday") | dict.fromkeys(in_lieu, "rest")
        self._edit("next_years_notice", "sysadmin", days | dict.fromkeys(made_up, "makeup"), 2027)

    def _edit(self, name: str, by: str, days: Mapping[date, str | None], notice: int | None) -> None:
        given = {day: DayChange(kind, "通知") if kind is not None else None for day, kind in days.items()}
        command, actor = EditCalendar(given, "放假安排", notice), self.office.actor(by)
        edit = lambda c: edit_calendar(c, self.office.services, actor, command, self.office.now)  # noqa: E731
        if not given or not self.in_the_county(name, edit):
            return
        if notice is not None:  # An earlier notice gives way: what it alone named is ordinary again.
            for day in {*IN_LIEU_2027, *MADE_UP_2027} & self.noticed:
                self.known.calendar.pop(day, None)
            self.noticed = set(days)
        for day, kind in days.items():
            self.known.calendar[day] = day.weekday() < 5 if kind is None else KINDS.get(kind, False)
        with self.office.looking() as connection:
            self.office.calendar = self.office.services.calendars.get(connection)
        self.office.deliver()
        self.known.versions.clear()  # Every clock is looked at again, also one that nothing has touched.

    noticed: set[date] = set()  # noqa: RUF012 - replaced, never changed in place

    # Outages ---------------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.numbers) < MOST_CASES and self.time_left)
    @rule(
        choice=pick,
        county=st.booleans(),
        after=st.sampled_from((0, 1, 4, 30, 75)),
        again=st.booleans(),
        objected=st.booleans(),
        entered_by=st.sampled_from(("clerk", "clerk", "clerk2", *ROVERS)),
    )
    def enter_after_an_outage(
        self, choice: int, county: bool, after: int, again: bool, objected: bool, entered_by: str
    ) -> None:
        """Receipts are printed, the systems are out for hours, an application is entered afterwards, perhaps twice."""
        item, services, office = self.one(self.items, choice), self.office.services, self.office
        department, secadmin = item.split("-")[1], office.actor("secadmin")
        clerk = office.actor(f"{department.lower()}_clerk")
        block = PrintReceipts(department, 2, "1 号窗口", "备用")
        if not self.in_the_county("print_receipts", lambda c: print_receipts(c, services, clerk, block, office.now)):
            return
        office.advance(minutes=2)
        start, found = office.now, list[int]()
        out = DeclareOutage([] if county else [department], start, start + timedelta(hours=2), "机房断电")
        if not self.in_the_county(
            "declare_outage", lambda c: found.append(declare_outage(c, services, secadmin, out, office.now))
        ):
            return
        if choice % 3 == 0:
            later = start + timedelta(hours=5)
            self.in_the_county(
                "lengthen_outage", lambda c: lengthen_outage(c, services, secadmin, found[0], later, "未好", office.now)
            )
        office.advance(minutes=61 + choice % 50)
        self.in_the_county("end_outage", lambda c: end_outage(c, services, secadmin, found[0], "已恢复", office.now))
        if objected:
            sup = office.actor("sup2")
            self.in_the_county(
                "object_to_outage", lambda c: object_to_outage(c, services, sup, found[0], "未见停机", office.now)
            )
        office.advance(hours=after)
        receipt = office.rows(select(paper_receipt.c.number).order_by(paper_receipt.c.id.desc()).limit(1))[0].number
        received = start + timedelta(minutes=1 + choice % 60)
        for name in ("enter_from_paper", "enter_twice") if again else ("enter_from_paper",):
            self._enter(name, item, entered_by, PaperReceipt(receipt, received))

    def _enter(self, name: str, item: str, by: str, paper: PaperReceipt) -> None:
        by = by if by in ROVERS else f"{item.split('-')[1].lower()}_{by}"
        if by in self.office.ids and self.attempt(name, lambda: self.office.start(item, by, paper=paper)):
            assert name == "enter_from_paper", "one receipt was entered twice"
            self.numbers.append(self.office.number)
            self.known.receipts[paper.number] = self.office.number
            self.office.put()
            assert self.office.case().received_on == paper.received_at.astimezone(CST).date()

    # The bank --------------------------------------------------------------------------------------------------------

    def _callback(self, number: str, code: str, amount: int) -> None:
        super()._callback(number, code, amount)
        paid = Paid(number, code, f"R-{self.receipts}", amount)
        if paid not in self.banked and amount > 0:
            self.banked.append(paid)

    @precondition(lambda self: self.banked)
    @rule(choice=pick, more=st.sampled_from((0, 0, 0, 1)), doubled=st.booleans())
    def take_a_payment_back(self, choice: int, more: int, doubled: bool) -> None:
        """The bank reverses what it had told as paid; the print is tried, and perhaps all is paid anew."""
        paid = self.one(self.banked, choice)
        for name in ("reverse", "reverse_twice") if doubled else ("reverse",):
            said = self._reversal(paid, paid.amount_fen + more)
            before = self.office.books(paid.number).entries
            if self.in_the_county(
                name, lambda c, said=said: reverse_payment(c, self.office.services, said, self.office.now)
            ):
                if name == "reverse":
                    assert not more, "a reversal of another amount was posted"
                    self.banked.remove(paid)
                    self.known.paid[paid.number] -= paid.amount_fen
                else:
                    assert self.office.books(paid.number).entries == before, "one reversal was posted twice"
        self.office.deliver()
        self.print_certificate(paid.number)
        if choice % 2:
            self._pay(paid.number, 1.0)

    def _reversal(self, paid: Paid, amount_fen: int) -> ReversePayment:
        return ReversePayment(
            f"V-{paid.receipt}", paid.receipt, paid.pay_code, amount_fen, "付款账户退票", self.office.now
        )

    @rule(choice=pick)
    def take_back_before_it_is_told(self, choice: int) -> None:
        """The word that undoes a payment is here first: the payment settles nothing when it comes."""
        number = self.one(self.numbers, choice)
        notices = self.office.payment_notices(number)
        if not notices:
            return
        notice, receipt = notices[-1], f"E-{len(self.banked)}-{self.office.now.timestamp():.0f}"
        said = self._reversal(Paid(number, notice.pay_code, receipt, notice.amount_fen), notice.amount_fen)
        reverse = lambda c: reverse_payment(c, self.office.services, said, self.office.now)  # noqa: E731
        if self.in_the_county("reverse_early", reverse):
            pay = lambda: self.office.pay(notice.amount_fen, pay_code=notice.pay_code, reference=receipt)  # noqa: E731
            self.attempt("pay_what_is_undone", pay)
            self.office.deliver()
            self.print_certificate(number)

    # Decisions on fees -----------------------------------------------------------------------------------------------

    @rule(
        choice=pick,
        refund=st.booleans(),
        share=st.sampled_from((0.1, 0.5, 1.0, 1.1)),
        by=st.sampled_from(("clerk", "clerk", "officer", *ROVERS)),
        at_once=st.sampled_from((True, True, False)),
    )
    def propose_a_fee_change(self, choice: int, refund: bool, share: float, by: str, at_once: bool) -> None:
        for further in range(6):  # Too much, for whichever case has a notice: what goes back first.
            if refund and not self.banked:
                self._pay(self.case(choice + further, of=self.items), 1.5)
        services, paid = self.office.services, self.one(self.banked, choice) if refund and self.banked else None
        number = paid.number if paid else self.case(choice, of=self.items)
        notices = self.office.payment_notices(number)
        of = paid or (notices[-1] if notices else None)
        amount, code = int((of.amount_fen if of else 1000) * share), paid.pay_code if paid else ""
        command = ProposeFeeChange(
            number, "refund" if refund else "reduction", amount, "财税〔2019〕45号", "小微", code
        )
        actor, found = self.office.actor(by, number), list[str]()
        propose = lambda c: found.append(propose_fee_change(c, services, actor, command, self.office.now))  # noqa: E731
        if not self.in_the_county("propose_refund" if refund else "propose_reduction", propose):
            return
        self.changes.append(found[0])
        with services.files.staged(io.BytesIO(PAPER + found[0].encode())) as staged:
            file = AttachFile(found[0], "fee_paper", "依据.pdf", staged, services.files.keep, None)
            if self.on_case("upload", by, lambda c, a: attach_file(c, services, a, file, self.office.now), found[0]):
                self.known.uploaded.add(staged.digest)
        if at_once:
            self._decide(found[0], choice)
            self._decide(found[0], choice // 2)

    @precondition(lambda self: self.changes)
    @rule(choice=pick)
    def decide_a_fee_change(self, choice: int) -> None:
        self._decide(self.one(self.changes, choice), choice)

    def _decide(self, change: str, choice: int) -> None:
        """The next step of its case, as often as not by somebody who holds every post and has perhaps done the last."""
        given = {
            "review": {"review_result": "agree", "review_note": "属实"},
            "decide": {
                "change_decision": "grant" if choice % 5 else "refuse",
                "change_reason": "符合减免、退付条件，材料齐全",
            },
        }
        self.office.advance(minutes=20)
        for task in self.tasks(change):
            by = self.one(ROVERS, choice // 2) if choice % 2 else self.doer("usual", task, change)
            decide = lambda by=by, task=task: self.office.complete_with(  # noqa: E731
                by, task.element_id, given[task.element_id], change
            )
            self.attempt("decide_on_a_fee", decide)
        self.office.deliver()

    @precondition(lambda self: self.changes)
    @rule(choice=pick, more=st.sampled_from((0, 0, 0, 1)))
    def the_bank_pays_back(self, choice: int, more: int) -> None:
        """Its word comes twice; of a refund that nobody approved, or of another sum, it is refused."""
        change = self.one(self.changes, choice)
        (row,) = self.office.rows(select(fee_change).where(fee_change.c.case_id == self.office.known(change).id))
        said = TakeRefund(change, row.pay_code, row.amount_fen + more, f"B-{change}", self.office.now)
        for name in ("refund", "refund_twice"):
            approved = row.kind == "refund" and row.status in ("posted", "paid_back")
            if self.in_the_county(name, lambda c: take_refund(c, self.office.services, said, self.office.now)):
                assert approved and not more, "the bank paid back what nobody had approved"
        paid_out = [one for one in self._of(row.of_case_id) if one["payload"]["by"] == change]
        assert len(paid_out) <= 1, "one refund was posted twice"

    def _of(self, case_id: int) -> list[dict[str, Any]]:
        (number,) = [one for one in self.numbers if self.office.known(one).id == case_id]
        return self.office.history(number, "refund_paid")
