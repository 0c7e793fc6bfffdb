"""罚缴分离: a fine is posted by its decision, paid at the bank; relief, surcharge and write-off are a leader's acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from service.commands import documents
from service.commands.act import CaseAct
from service.commands.booking import book
from service.commands.fees import Named, issue_notice, issue_parts, void_notice, withdraw_notice
from service.commands.held_acts import require_own_terminal
from service.commands.paying_later import follow_plan
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.take_payment import go_on
from service.commands.writing import settle
from service.database.tables import fine_plan, payment_notice
from service.errors import Detail, Refused
from service.fees.fines import PAY_DAYS, Part, hastens, wrong_plan
from service.fees.ledger import assess, write_off
from service.fees.plans import SURCHARGE, FinePlan, asked_for, lateness, read_plan
from service.people.actor import Actor
from service.people.presence import require_presence
from service.user_tasks.rules import permitted_holding

_UNPAID = (
    select(payment_notice)
    .where(payment_notice.c.case_id == bindparam("case_id"), payment_notice.c.status == "unpaid")
    .order_by(payment_notice.c.id)
)


@dataclass(frozen=True, slots=True)
class AllowLater:
    """Deferral or instalments (行政处罚法 Art. 66) of what is owed, on the party's application."""

    number: str
    parts: Sequence[Part]
    reason: str


def allow_later(
    connection: Connection, services: Services, actor: Actor, command: AllowLater, now: datetime
) -> datetime:
    """Grant later payment; the last instant to pay. Raises Refused: not_permitted, separation_of_duty,
    not_waiting where no fine is owed, invalid_request for a plan that does not add up or without a reason."""
    act = _act(connection, services, actor, command.number, command.reason, now)
    wrong = wrong_plan(command.parts, act.books.outstanding, act.today)
    if wrong is not None:
        raise Refused("invalid_request", "分期金额须合计为应缴余额，日期须依次在今日之后，至多60期、五年", wrong)
    _require_later(act, command.parts)
    parts = [{"due_on": part.due_on.isoformat(), "amount_fen": part.amount_fen} for part in command.parts]
    values = {"case_id": act.row.case_id, "parts": parts, "reason": command.reason.strip(), "decided_at": now}
    connection.execute(insert(fine_plan), {**values, "decided_by": actor.person_id})
    act.record("fine_deferred", None, parts=parts, reason=command.reason.strip())
    act.load()
    codes = _ask_in_parts(act)
    follow_plan(act)
    _make_paper(act, "deferral", command.reason, parts=parts, codes=codes)
    settle(act, act.run.outcome())
    return act.calendar.add_natural_days(max(part.due_on for part in command.parts), 0)


def _require_later(act: CaseAct, parts: Sequence[Part]) -> None:
    """A new plan asks for nothing before the day that the plan in force gives for it (Art. 66)."""
    plan = _plan_of(act)
    standing = [] if plan is None else [Part(one.due_on, one.amount_fen - one.paid_fen) for one in plan.parts]
    early = hastens(parts, standing, act.books.outstanding)
    if early is not None:
        raise Refused(
            "invalid_request",
            f"新的延期、分期不得早于现行计划：{early.isoformat()}前应缴的多于现行计划",
            f"Expected later payment, but by {early.isoformat()} more would be due than by the plan in force",
        )


def _plan_of(act: CaseAct) -> FinePlan | None:
    return read_plan(act.connection, act.row.case_id, act.books, act.calendar, act.today)


def _ask_in_parts(act: CaseAct) -> list[str]:
    """The standing notices are void, at the bank too, and each part has its own; their codes.

    A fine without a notice gets them when its step makes them.
    """
    standing = act.connection.execute(_UNPAID, {"case_id": act.row.case_id}).all()
    plan = _plan_of(act)
    if not standing or plan is None:
        return []
    parts = [Part(one.last_day, one.amount_fen) for one in plan.parts]
    for one in standing:
        withdraw_notice(act, one)
    before = set(act.books.codes)
    issue_parts(act, Named(standing[0].item_code, standing[0].name_zh, []), parts, None)
    return [code for code in act.books.codes if code not in before]


def decide_surcharge(
    connection: Connection, services: Services, actor: Actor, number: str, reason: str, now: datetime
) -> int:
    """Add 3 % of the fine for each day that it is late and that none was added for, with a notice; the fen added.

    Never automatic: the law says that the organ may (Art. 72). Raises Refused: not_permitted, separation_of_duty,
    not_waiting where nothing is late or the surcharge has reached the fine, invalid_request without a reason.
    """
    act = _act(connection, services, actor, number, reason, now)
    _require_asked_for(act)
    late = lateness(connection, act.row.case_id, act.books, act.calendar, act.today)
    added = late.surcharge_fen
    if added <= 0:
        raise Refused("not_waiting", "尚未逾期或加处罚款已达上限", "Expected a fine that is late, below its cap")
    act.load()
    act.record("surcharge_decided", None, amount_fen=added, reason=reason.strip())
    entries = assess("surcharge", f"surcharge/{number}/{act.books.of_kind('surcharge_assessed')}", added)
    line = {"amount_fen": added, "quantity": 1, "condition": SURCHARGE}
    issue_notice(act, Named(_item_code(act), "加处罚款", [line]), entries, None, PAY_DAYS)
    _make_paper(act, "surcharge_decision", reason, amount_fen=added, days_late=late.days)
    record_events(act)
    return added


def write_off_fine(
    connection: Connection, services: Services, actor: Actor, number: str, reason: str, now: datetime
) -> int:
    """Give up what nobody can collect; the fen given up. A step that waits for the payment waits no more.

    Raises Refused like the others.
    """
    act = _act(connection, services, actor, number, reason, now)
    _require_asked_for(act)
    owed, codes = act.books.outstanding, act.books.codes
    told = book(act, write_off(act.books, f"written_off/{number}/{act.row.event_seq}", owed), reason.strip())
    for code in codes:
        void_notice(act, code)
    act.record("debt_written_off", None, amount_fen=owed, reason=reason.strip(), ledger=told)
    go_on(act, moves=act.books.outstanding <= 0)
    return owed


def _act(connection: Connection, services: Services, actor: Actor, number: str, reason: str, now: datetime) -> CaseAct:
    """An act of a vice head or head on a fine that is owed; it counts for separation as a decision."""
    act = open_case_act(connection, services, number, now, actor)
    department = act.row.case_department
    post = "head" if actor.holding_for("head", department) else "vice"
    act.holding = permitted_holding(actor, post=post, department=department, group="decide", actors=act.actors)
    if not reason.strip():
        words = ("请写明理由", "Say why")
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    if act.books.of_kind("fine_assessed") == 0 or act.books.outstanding <= 0:
        raise Refused("not_waiting", "本件没有未缴的罚款", "Expected a fine that is owed")
    require_presence(actor.presence, "decide", act.row.presence)
    require_own_terminal(act, "decide")
    act.count_for_separation("decide", act.persons())
    return act


def _require_asked_for(act: CaseAct) -> None:
    """Nothing is added to a fine, or given up of it, before the party was asked for it."""
    if not asked_for(act.books):
        raise Refused(
            "not_waiting", "处罚决定尚未送达，还没有缴款通知书", "Expected a decision that was served, with its notice"
        )


def _make_paper(act: CaseAct, kind: str, reason: str, **content: Any) -> None:
    """The written decision that the party gets, with its own number and reason."""
    rule = act.item.document(kind) if act.item is not None else None
    if rule is not None:
        documents.make(act, rule, {"decision_reason": reason.strip(), **content})


def _item_code(act: CaseAct) -> str:
    return act.item.fee.item_code if act.item and act.item.fee else ""
