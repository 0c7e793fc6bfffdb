"""当场处罚、当场收缴: the operations of the simple procedure, and the way of its money to the organ and to the bank."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from service.certificates import amount_in_words
from service.commands import documents
from service.commands.booking import book
from service.commands.documents import ROWS
from service.database.tables import fine_ticket, ticket_book
from service.errors import Refused
from service.fees.ledger import take_on_the_spot
from service.fees.spot import ARTICLES, HAND_OVER_WORKING_DAYS, require_ground
from service.fees.tickets import BLANK, USED, require_next, written_ticket
from service.notices.writing import Recipient, notify
from service.people.queries import holders_of

if TYPE_CHECKING:
    from service.commands.act import CaseAct
    from service.engine import Element

TICKET: Final = "fine_ticket"
# The form at which the money is taken.
TAKEN_AT: Final = "collect_fine"
# Books in the order in which they came into the officer's hands, leaves in that of their numbers.
_NEXT = (
    select(fine_ticket.c.id, fine_ticket.c.number)
    .join(ticket_book, ticket_book.c.id == fine_ticket.c.book_id)
    .where(
        ticket_book.c.officer == bindparam("officer"),
        ticket_book.c.department == bindparam("department"),
        fine_ticket.c.status == BLANK,
    )
    .order_by(ticket_book.c.allotted_at, ticket_book.c.id, fine_ticket.c.serial)
    .limit(1)
)
_USE = update(fine_ticket).where(fine_ticket.c.id == bindparam("b_id"), fine_ticket.c.status == BLANK)


def report_for_filing(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """报所属行政机关备案 (行政处罚法 Art. 52(3)): the heads of section hear of it at once, with its paper."""
    act.note("penalty_reported", element.id, decision=str(act.run.lookup("penalty_decision")))
    act.later(lambda: documents.make_for_step(act, element.id))
    act.later(lambda: _tell_sections(act))
    return True


def _tell_sections(act: CaseAct) -> None:
    rows = holders_of(act.connection, "section", act.row.case_department)
    people = [Recipient(name, mobile, person_id) for person_id, name, mobile in rows]
    text = f"办件 {act.row.number}：当场作出处罚决定，报请备案。"
    notify(act.connection, people, case_id=act.row.case_id, kind="penalty_reported", text=text, now=act.now, sms=False)


def next_ticket(act: CaseAct, *, locked: bool = False) -> Row[*tuple[Any, ...]] | None:
    """The leaf that whoever acts has to use next: himself, never for somebody who lent him a post."""
    asked = {"officer": act.actor.person_id if act.actor else None, "department": act.row.case_department}
    query = _NEXT.with_for_update(of=fine_ticket) if locked else _NEXT
    return act.connection.execute(query, asked).one_or_none()


def issue_ticket(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """出具专用票据: a leaf of the officer's own book over the whole fine, on a ground of law, in order of numbers.

    Raises Refused: spot_refused, ticket_refused.
    """
    lookup = act.run.lookup
    fine = int(str(lookup("fine_amount") or 0))
    facts, asked = str(lookup("spot_ground_facts") or ""), bool(lookup("party_asked"))
    ground = require_ground(str(lookup("spot_ground")), fine, facts, party_asked=asked)
    leaf = next_ticket(act, locked=True)
    number = written_ticket(str(variables.get("ticket_number") or ""))
    require_next(number, leaf.number if leaf is not None else None)
    if leaf is not None:
        act.later(lambda: _use(act, element.id, leaf, ground, fine))
    return True


def _use(act: CaseAct, step_id: str, leaf: Row[*tuple[Any, ...]], ground: str, fine_fen: int) -> None:
    collected = date.fromisoformat(str(act.run.lookup("collected_on")))
    until = act.calendar.add_working_days(collected, HAND_OVER_WORKING_DAYS)
    values = {"status": USED, "case_id": act.row.case_id, "amount_fen": fine_fen, "ground": ground}
    values |= {"taken_by": act.actor.person_id if act.actor else None, "taken_at": act.now, "hand_over_by": until}
    if act.connection.execute(_USE, {"b_id": leaf.id, **values}).rowcount != 1:
        raise Refused("version_conflict", "该票据刚被使用，请刷新后重试", "Expected the leaf to be blank still")
    told = book(act, take_on_the_spot(act.books, leaf.number, fine_fen), ARTICLES[ground][0])
    act.record("fine_taken_on_the_spot", step_id, ticket=leaf.number, amount_fen=fine_fen, ground=ground, ledger=told)
    rule = act.item.document(TICKET) if act.item is not None else None
    if rule is not None:
        documents.make(act, rule, {ROWS: _rows(act, leaf.number, ground, fine_fen)}, number=leaf.number)


def _rows(act: CaseAct, number: str, ground: str, fine_fen: int) -> list[list[str]]:
    return [
        ["缴款人", str(act.row.applicant_name)],
        ["处罚决定书文号", str(act.run.lookup("decision_no") or "")],
        ["票据号码", number],
        ["非税项目编码", act.item.fee.item_code if act.item and act.item.fee else ""],
        ["金额", f"¥{fine_fen // 100:,}.{fine_fen % 100:02d}"],
        ["金额（大写）", f"人民币{amount_in_words(fine_fen)}"],
        ["当场收缴依据", ARTICLES[ground][0]],
        ["收缴人", act.actor.name if act.actor else ""],
        ["收缴日期", act.today.isoformat()],
    ]
