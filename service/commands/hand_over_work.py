"""All that a person has in hand goes to others in one step (交接), when he leaves or moves to another post.

The one act that touches several cases in one transaction: it takes them in the order of their ids, so that two never
wait for each other, and either all of it is handed over or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from service.commands.act import CaseAct
from service.commands.ask_opinion import require_askable
from service.commands.complete_task import current_row, taken
from service.commands.hand_over_task import assign, require_able
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import person, task_opinion
from service.errors import Detail, Refused, not_found
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import read_actor
from service.reads.open_work import opinions_in_hand, tasks_in_hand
from service.user_tasks.moves import MOVES, require_reason
from service.user_tasks.rules import require_present

_GIVER = select(person.c.id, person.c.name, person.c.department).where(person.c.id == bindparam("person_id"))
_ASKED = select(task_opinion.c.person_id).where(task_opinion.c.round == bindparam("round"))
_RECEIVERS = (
    select(person.c.id, person.c.name, person.c.mobile)
    .where(person.c.id.in_(bindparam("people", expanding=True)))
    .order_by(person.c.id)
)
# A message names so many cases.
_MOST_NAMED = 3
_ASK_INSTEAD = (
    update(task_opinion)
    .where(task_opinion.c.id == bindparam("b_id"), task_opinion.c.answered_at.is_(None))
    .values(person_id=bindparam("person"))
)


@dataclass(frozen=True, slots=True)
class HandOverWork:
    """`tasks` and `opinions` name the receiver (a person's id) of each; what they do not name stays."""

    person_id: int
    reason: str
    tasks: Mapping[str, int] = field(default_factory=dict)
    opinions: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandedOver:
    tasks: int
    opinions: int


def hand_over_work(
    connection: Connection, services: Services, actor: Actor, command: HandOverWork, now: datetime
) -> HandedOver:
    """Give each named task and opinion to its receiver; drafts, entry and clocks stay as they are.

    Halted and suspended cases too: who leaves, leaves. Raises Refused: not_permitted, not_found, invalid_request, or
    the code of the first receiver who may not, with a line for each of them; nothing is handed over then.
    """
    giver = connection.execute(_GIVER, {"person_id": command.person_id}).one_or_none()
    if giver is None:
        raise not_found("该人员", f"person {command.person_id}")
    require_may_hand_over(actor, giver.id, giver.department)
    require_reason(MOVES["hand_over"], command.reason)
    tasks = {row.task_id: row for row in tasks_in_hand(connection, giver.id, now)}
    opinions = {row.opinion_id: row for row in opinions_in_hand(connection, giver.id)}
    _require_known(command, tasks, opinions)
    handing = _Handing(connection, services, actor, giver, command.reason.strip(), now)
    work: list[tuple[int, str, Callable[[], None]]] = []
    for task_id, to in command.tasks.items():
        work.append(_step(handing.give_task, tasks[task_id], to, f"/tasks/{task_id}"))
    for opinion_id, to in command.opinions.items():
        work.append(_step(handing.give_opinion, opinions[opinion_id], to, f"/opinions/{opinion_id}"))
    refusals: list[tuple[Refused, Detail]] = []
    for _case_id, pointer, give in sorted(work, key=lambda one: one[:2]):
        try:
            give()
        except Refused as refusal:
            refusals.append((refusal, Detail(refusal.code, refusal.message, refusal.message_en, pointer=pointer)))
    if refusals:
        raise _refused(refusals)
    handing.tell_by_sms()
    return HandedOver(len(command.tasks), len(command.opinions))


def require_may_hand_over(actor: Actor, person_id: int, department: str) -> None:
    """The security administrator or a leader of the department, never for oneself. Raises Refused not_permitted."""
    if person_id == actor.person_id or not may(actor, "hand_over_work", department):
        raise Refused(
            "not_permitted",
            "工作交接由安全管理员或本部门负责人为他人办理",
            "Expected a security administrator or a leader of the department, and another person's work",
        )


def _step(
    give: Callable[[Row[Any], int], None], row: Row[Any], to: int, pointer: str
) -> tuple[int, str, Callable[[], None]]:
    return row.case_id, pointer, lambda: give(row, to)


def _require_known(command: HandOverWork, tasks: Mapping[str, Any], opinions: Mapping[int, Any]) -> None:
    strange = [f"/tasks/{one}" for one in command.tasks if one not in tasks]
    strange += [f"/opinions/{one}" for one in command.opinions if one not in opinions]
    if strange or not (command.tasks or command.opinions):
        words = "请选择该人员手上的工作", "Choose work that this person has in hand"
        details = [Detail("not_in_hand", *words, pointer=pointer) for pointer in strange]
        raise Refused("invalid_request", *words, details)


def _refused(refusals: list[tuple[Refused, Detail]]) -> Refused:
    number = len(refusals)
    zh, en = f"有 {number} 项不能交接，全部未交接", f"Nothing was handed over: {number} receivers may not take it on"
    return Refused(refusals[0][0].code, zh, en, [detail for _, detail in refusals])


@dataclass(frozen=True, slots=True)
class _Handing:
    """What every piece of one hand-over has in common."""

    connection: Connection
    services: Services
    actor: Actor
    giver: Any
    reason: str
    now: datetime
    # The cases of what each receiver got, by the receiver's id.
    given: dict[int, list[CaseAct]] = field(default_factory=dict)

    def give_task(self, row: Row[Any], to: int) -> None:
        act = self._act(row)
        if act.row.task_status != "open":
            raise taken(act, act.row.task_completed_by, act.row.task_completed_at, "completed")
        receiver = self._receiver(to)
        require_able(act, receiver)
        assign(act, receiver)
        self._record(act, "task_handed_over", receiver)
        tell_people(act, [receiver.person_id], "work_handed_over", self._words())

    def give_opinion(self, row: Row[Any], to: int) -> None:
        act = self._act(row)
        receiver = self._receiver(to)
        if receiver.person_id in self.connection.execute(_ASKED, {"round": row.round}).scalars().all():
            raise Refused("invalid_request", "该人员已在本轮被征求", "Expected somebody who was not asked already")
        require_askable(act, receiver, row.way)
        self.connection.execute(_ASK_INSTEAD, {"b_id": row.opinion_id, "person": receiver.person_id})
        self._record(act, "opinion_handed_over", receiver, way=row.way)
        tell_people(act, [receiver.person_id], "work_handed_over", self._words())

    def _act(self, row: Row[Any]) -> CaseAct:
        hot = current_row(self.connection, self.services, row.task_id, self.now)
        return CaseAct(self.connection, self.services, hot, self.now, self.actor)

    def _receiver(self, person_id: int) -> Actor:
        if person_id == self.giver.id:
            raise Refused("invalid_request", "请选择另一人", "Expected another person than the one who hands over")
        found = read_actor(self.connection, person_id, self.now)
        if found is None:
            raise not_found("该人员", f"person {person_id}")
        require_present(found)
        return found

    def _record(self, act: CaseAct, kind: str, receiver: Actor, **more: object) -> None:
        given = {"task": act.row.task_id, "from": self.giver.id, "from_name": self.giver.name, "reason": self.reason}
        given |= {"person": receiver.person_id, "person_name": receiver.name}
        self.given.setdefault(receiver.person_id, []).append(act)
        act.record(kind, act.row.task_element_id, **given, **more)
        record_events(act)

    def tell_by_sms(self) -> None:
        """One message to each receiver, however much it is; what it is in particular stands in the product."""
        found = self.connection.execute(_RECEIVERS, {"people": sorted(self.given)}).all()
        for row in found:
            numbers = list(dict.fromkeys(act.row.number for act in self.given[row.id]))
            more = f"等 {len(numbers)} 件" if len(numbers) > _MOST_NAMED else ""
            text = (
                f"{self.giver.name}手上的工作已交接给您：{'、'.join(numbers[:_MOST_NAMED])}{more}。理由：{self.reason}"
            )
            notify(
                self.connection,
                [Recipient(row.name, row.mobile, row.id)],
                case_id=self.given[row.id][0].row.case_id,
                kind="work_handed_over",
                text=text,
                now=self.now,
                sms=True,
            )

    def _words(self) -> str:
        return f"由{self.giver.name}交接给您办理。理由：{self.reason}"
