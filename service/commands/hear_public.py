"""The public says what it thinks: one rating a case, and complaints; the office answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from service.commands.act import CaseAct
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import feedback, user_task
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_id, hot_by_number

KINDS = ("rating", "complaint")
MOST_STARS = 5
_MOST_TEXT = 1000
_RATED = select(feedback.c.id).where(feedback.c.case_id == bindparam("case_id"), feedback.c.kind == "rating")
_INSERT = insert(feedback).returning(feedback.c.id)
_ONE = select(feedback).where(feedback.c.id == bindparam("feedback_id"))
_DID = select(user_task.c.id).where(
    user_task.c.case_id == bindparam("case_id"),
    or_(user_task.c.completed_by == bindparam("person_id"), user_task.c.signed_by == bindparam("person_id")),
)
_ANSWER = (
    update(feedback)
    .where(feedback.c.id == bindparam("b_id"), feedback.c.answered_at.is_(None))
    .values({name: bindparam(name) for name in ("answer", "founded", "answered_at", "answered_by")})
)


@dataclass(frozen=True, slots=True)
class GiveFeedback:
    """`stars` of a rating, from 1 to 5; a complaint has none and says what it is about."""

    number: str
    kind: str
    stars: int | None
    text: str


def give_feedback(connection: Connection, services: Services, command: GiveFeedback, now: datetime) -> int:
    """Take in what somebody who knows the case's secret says of it; its id. It can be said of a closed case too.

    Raises Refused: not_found, invalid_request, move_refused where the case is rated already.
    """
    row = hot_by_number(connection, command.number)
    if row is None or row.kind != "item":
        raise not_found("该办件", f"case {command.number}")
    text = command.text.strip()[:_MOST_TEXT]
    _require_words(command, text)
    if command.kind == "rating" and connection.execute(_RATED, {"case_id": row.case_id}).first() is not None:
        raise Refused("move_refused", "本件已评价过", "Expected a case that nobody has rated yet")
    stars = command.stars if command.kind == "rating" else None
    values = {"case_id": row.case_id, "department": row.case_department, "kind": command.kind, "stars": stars}
    given = connection.execute(_INSERT, {**values, "text": text, "given_at": now})
    feedback_id = int(given.scalar_one())
    act = CaseAct(connection, services, row, now, None)
    act.note("feedback_given", None, id=feedback_id, kind=command.kind, stars=stars)
    record_events(act)
    return feedback_id


def _require_words(command: GiveFeedback, text: str) -> None:
    if command.kind not in KINDS:
        raise Refused("invalid_request", "请选择评价或者投诉", f"Expected one of {', '.join(KINDS)}")
    if command.kind == "rating" and (command.stars is None or not 1 <= command.stars <= MOST_STARS):
        raise _fault("/stars", "请选择 1 至 5 星", "Expected 1 to 5 stars")
    if command.kind == "complaint" and not text:
        raise _fault("/text", "请写明投诉的事由", "Say what the complaint is about")


def _fault(pointer: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=pointer)])


@dataclass(frozen=True, slots=True)
class AnswerFeedback:
    """`founded` says of a complaint whether it was found to be right."""

    feedback_id: int
    answer: str
    founded: bool | None


def answer_feedback(
    connection: Connection, services: Services, actor: Actor, command: AnswerFeedback, now: datetime
) -> None:
    """Answer once, for the department. Who has handled the case does not judge what is said of it.

    Raises Refused: not_found, separation_of_duty, move_refused where it is answered, invalid_request.
    """
    row = connection.execute(_ONE, {"feedback_id": command.feedback_id}).one_or_none()
    if row is None or not may(actor, "answer_feedback", row.department):
        raise not_found("该评价", f"feedback {command.feedback_id}")
    answer = command.answer.strip()[:_MOST_TEXT]
    if not answer:
        raise _fault("/answer", "请写明答复", "Give the answer")
    if row.kind == "complaint" and command.founded is None:
        raise _fault("/founded", "请认定投诉是否属实", "Say whether the complaint is right")
    if connection.execute(_DID, {"case_id": row.case_id, "person_id": actor.person_id}).first() is not None:
        words = "您办理过本件，须由他人答复", "Expected somebody who has not handled the case"
        raise Refused("separation_of_duty", *words)
    founded = command.founded if row.kind == "complaint" else None
    values = {"answer": answer, "founded": founded, "answered_at": now, "answered_by": actor.person_id}
    if connection.execute(_ANSWER, {"b_id": row.id, **values}).rowcount != 1:
        raise Refused("move_refused", "已有人答复", "Expected feedback that nobody has answered yet")
    hot = hot_by_id(connection, row.case_id)
    if hot is not None:
        act = CaseAct(connection, services, hot, now, actor)
        act.record("feedback_answered", None, id=row.id, kind=row.kind, founded=founded)
        record_events(act)
