"""What people make of a difference: a statement of the office, the county's decision, an order about many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from service.attachments.kinds import require_accepted
from service.attachments.store import StagedFile
from service.commands.attach_file import clean_filename
from service.commands.compare_treasury import DECIDED
from service.database.tables import case, difference_act, treasury_difference
from service.errors import Detail, Refused, not_found
from service.notices.writing import add_to_outbox
from service.people.actor import Actor
from service.people.permissions import may

DECISIONS: Final = (*DECIDED, "reopened")
ORDER_KIND: Final = "order_differences"
MOST_IN_ORDER: Final = 500
_ONE = select(treasury_difference).where(treasury_difference.c.id == bindparam("id")).with_for_update()
_MANY = (
    select(treasury_difference)
    .where(treasury_difference.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(treasury_difference.c.id)
    .with_for_update()
)
_SET = (
    update(treasury_difference)
    .where(treasury_difference.c.id == bindparam("b_id"))
    .values(status=bindparam("status"), alarm_id=bindparam("alarm_id"))
)
_CASE = select(case.c.id).where(case.c.number == bindparam("number"), case.c.department == bindparam("department"))
_ACT = insert(difference_act).inline()


@dataclass(frozen=True, slots=True)
class EvidencePaper:
    """A file that shows it: `staged` has been received; `keep` moves it into the store."""

    filename: str
    staged: StagedFile
    keep: Callable[[StagedFile], None]


@dataclass(frozen=True, slots=True)
class DecideDifference:
    """`decision` one of DECISIONS. `evidence`: for explained what shows it, for entered_late the case's number.

    A `paper` shows as much as a text does.
    """

    difference_id: int
    decision: str
    reason: str
    evidence: str = ""
    paper: EvidencePaper | None = None


@dataclass(frozen=True, slots=True)
class OrderDifferences:
    """Differences of one department that one order is about; `demand` what it has to do."""

    ids: Sequence[int]
    demand: str


def may_decide(actor: Actor) -> bool:
    """Level 2 and the centre: nobody whose department the difference concerns."""
    return may(actor, "decide_differences")


@dataclass(frozen=True, slots=True)
class StateReason:
    """What the department knows of a difference, and what shows it."""

    difference_id: int
    reason: str
    evidence: str = ""
    paper: EvidencePaper | None = None


def state_reason(connection: Connection, actor: Actor, command: StateReason, now: datetime) -> None:
    """The department says what it knows; the difference stays as it is.

    Raises Refused: not_found, not_permitted, invalid_request, unsupported_media for a file of another kind.
    """
    row = _found(connection, command.difference_id)
    if not may(actor, "explain_differences", row.department):
        raise Refused("not_permitted", "只有本部门负责人和监察员可以说明", "Expected a leader of the department")
    _require(command.reason, "reason")
    said = _Said(command.reason, command.evidence, command.paper)
    _note(connection, actor, [row.id], "statement", said, now)


def decide_difference(connection: Connection, actor: Actor, command: DecideDifference, now: datetime) -> None:
    """Explained, entered late, off the system; or open again. Each is kept with its reason.

    Raises Refused: not_found, not_permitted, invalid_request without reason or evidence, or for no such case.
    """
    if not may_decide(actor):
        raise _not_permitted()
    row = _found(connection, command.difference_id)
    if command.decision not in DECISIONS:
        raise _wrong("decision", "not_a_choice", "没有这种处理", "There is no such decision")
    _require(command.reason, "reason")
    if command.decision == "explained" and command.paper is None:
        _require(command.evidence, "evidence")
    if command.decision == "entered_late":
        given = {"number": command.evidence.strip(), "department": row.department}
        if connection.execute(_CASE, given).one_or_none() is None:
            raise _wrong(
                "evidence", "not_found", "没有该部门的这一办件", "Expected the number of a case of the department"
            )
    status = "open" if command.decision == "reopened" else command.decision
    connection.execute(_SET, {"b_id": row.id, "status": status, "alarm_id": row.alarm_id})
    said = _Said(command.reason, command.evidence, command.paper)
    _note(connection, actor, [row.id], command.decision, said, now)


def order_differences(connection: Connection, actor: Actor, command: OrderDifferences, now: datetime) -> None:
    """One order about several differences of a department, in one step; supervision opens it from the outbox.

    Raises Refused: not_permitted, not_found, invalid_request for several departments, or what is decided or ordered.
    """
    if not may_decide(actor):
        raise _not_permitted()
    _require(command.demand, "demand")
    ids = sorted(set(command.ids))
    if not 0 < len(ids) <= MOST_IN_ORDER:
        words = f"请选择 1 至 {MOST_IN_ORDER} 条差异", f"Choose 1 to {MOST_IN_ORDER} differences"
        raise _wrong("ids", "required", *words)
    rows = connection.execute(_MANY, {"ids": ids}).all()
    if len(rows) != len(ids):
        raise not_found("部分差异", "all of these differences")
    if len({row.department for row in rows}) != 1 or not rows[0].department:
        raise _wrong("ids", "invalid", "一张督办单只针对一个部门", "Expected differences of one department")
    if any(row.status != "open" or row.cleared_at is not None for row in rows):
        raise _wrong("ids", "invalid", "所选差异中有已处理的", "Expected differences that are open")
    connection.execute(_SET, [{"b_id": row.id, "status": "ordered", "alarm_id": None} for row in rows])
    _note(connection, actor, ids, "ordered", _Said(command.demand), now)
    payload: dict[str, Any] = {"ids": ids, "demand": command.demand.strip()[:400], "at": now.isoformat()}
    key = f"{ORDER_KIND}/{ids[0]}/{now.isoformat()}"
    add_to_outbox(connection, ORDER_KIND, key, payload, now)


def _found(connection: Connection, difference_id: int) -> Any:
    row = connection.execute(_ONE, {"id": difference_id}).one_or_none()
    if row is None:
        raise not_found("该差异", f"a difference {difference_id}")
    return row


@dataclass(frozen=True, slots=True)
class _Said:
    reason: str
    evidence: str = ""
    paper: EvidencePaper | None = None


def _note(connection: Connection, actor: Actor, ids: Sequence[int], act: str, said: _Said, now: datetime) -> None:
    about: dict[str, Any] = {"at": now, "person_id": actor.person_id, "act": act, **_kept(said.paper)}
    about |= {"reason": said.reason.strip()[:500], "evidence": said.evidence.strip()[:300]}
    connection.execute(_ACT, [{"difference_id": each, **about} for each in ids])


def _kept(paper: EvidencePaper | None) -> dict[str, Any]:
    """The columns of a paper, whose bytes are kept before the row is written."""
    if paper is None:
        return dict.fromkeys(("file_digest", "file_name", "file_type", "file_size"))
    require_accepted(paper.staged.media_type, ())
    paper.keep(paper.staged)
    about = {"file_digest": paper.staged.digest, "file_name": clean_filename(paper.filename)}
    return about | {"file_type": paper.staged.media_type, "file_size": paper.staged.size}


def _require(text: str, name: str) -> None:
    if not text.strip():
        zh = {"reason": "请写明理由", "evidence": "请写明依据", "demand": "请写明要求"}[name]
        en = {"reason": "Say why", "evidence": "Say what shows it", "demand": "Say what has to be done"}[name]
        raise _wrong(name, "required", zh, en)


def _wrong(name: str, code: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail(code, zh, en, pointer=f"/{name}")])


def _not_permitted() -> Refused:
    return Refused("not_permitted", "只有二级监察和控制中心可以处理", "Expected level 2 or the centre")
