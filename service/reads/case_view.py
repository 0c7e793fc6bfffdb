"""The case page: one case with all that hangs on it, in two statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from service.catalogue.item import PowerItem
from service.catalogue.office import materials_of
from service.database.gathering import Gathering
from service.database.in_text import in_text
from service.database.rows import read_row
from service.database.tables import case, department, paper_receipt, process_definition, setting
from service.definitions.bundle import Bundle
from service.people.actor import Actor
from service.people.masking import mask_id_number
from service.people.secrecy import HIDDEN, applicant_for
from service.reads.alarms import ALARMS_OF_CASE, AlarmView, alarms_view
from service.reads.case_clock import LIMITS, STOPS, CaseClock, clock_view
from service.reads.case_parts import (
    DOCUMENTS,
    FILES,
    NOTICES,
    TASKS,
    CaseFees,
    DocumentView,
    MaterialView,
    TaskSummary,
    checklist,
    documents_view,
    fees_view,
    files_view,
    tasks_view,
)
from service.reads.case_values import Caches, CaseValues, county_today
from service.reads.outages import PaperOfCase, paper_of_case
from service.reads.visibility import reads_case

_CALENDAR = select(setting.c.content).where(setting.c.name == in_text("calendar_version")).scalar_subquery()
# Few cases came in so; they have a statement of their own.
_FROM_PAPER = exists().where(paper_receipt.c.case_id == case.c.id)
_JOINED = (
    select(
        *(c for c in case.c if c.name not in ("previous_state", "actors")),
        department.c.name_zh.label("department_name_zh"),
        department.c.name_en.label("department_name_en"),
        process_definition.c.key.label("definition_key"),
        process_definition.c.version.label("definition_version"),
        _CALENDAR.label("calendar_version"),
        _FROM_PAPER.label("from_paper"),
    )
    .join(process_definition, process_definition.c.id == case.c.definition_id)
    .outerjoin(department, department.c.code == case.c.department)
)
_PARTS = Gathering(
    {
        "tasks": TASKS,
        "limits": LIMITS,
        "stops": STOPS,
        "files": FILES,
        "notices": NOTICES,
        "documents": DOCUMENTS,
        "alarms": ALARMS_OF_CASE,
    }
)
_BY_NUMBER = _JOINED.where(case.c.number == bindparam("number"))


@dataclass(frozen=True, slots=True)
class CaseView:
    """`user_tasks` are open, `steps_done` are over. `events` counts the history; `version` is the ETag.

    `secret` is put in by the shell for those who may have it.
    """

    id: int
    number: str
    kind: str
    power_item: str | None
    item_name_zh: str
    item_name_en: str
    department: str
    department_name_zh: str
    department_name_en: str
    definition_key: str
    definition_version: int
    status: str
    outcome: str | None
    applicant: Mapping[str, Any]
    created_at: datetime
    received_on: date | None
    accepted_on: date | None
    decided_on: date | None
    due_at: datetime | None
    closed_at: datetime | None
    due_provisional: bool
    clock: CaseClock
    user_tasks: tuple[TaskSummary, ...]
    steps_done: tuple[TaskSummary, ...]
    materials: tuple[MaterialView, ...]
    fees: CaseFees
    documents: tuple[DocumentView, ...]
    alarms: tuple[AlarmView, ...]
    events: int
    version: int
    paper_receipt: PaperOfCase | None = None
    secret: str | None = None
    applicant_called: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The bare case with what its rules need; for reads that want one part of it.

    `applicant_name` and `applicant` are what this reader may know of whom the case is about.
    """

    row: Any
    bundle: Bundle
    item: PowerItem | None
    values: CaseValues
    applicant_name: str
    applicant: Mapping[str, Any]


def find_case(connection: Connection, caches: Caches, actor: Actor | None, number: str) -> CaseRow | None:
    """The case; None if there is none that this person may see. `actor` None sees every one."""
    row = read_row(connection, _BY_NUMBER, {"number": number})
    if row is None:
        return None
    now = caches.clock.now()
    if actor is not None and not reads_case(connection, actor, row.id, row.department, row.kind, now=now):
        return None
    bundle = caches.bundles.get(connection, row.definition_id)
    item = caches.items.get(connection, row.power_item, row.item_version) if row.power_item else None
    return CaseRow(
        row,
        bundle,
        item,
        CaseValues(connection, row.id, bundle, item, row.state, lambda: county_today(connection, caches)),
        *applicant_for(actor, row.applicant_name, row.applicant or {}, row.department),
    )


def read_case(
    connection: Connection, caches: Caches, actor: Actor | None, number: str, now: datetime
) -> CaseView | None:
    """The case page of one case; None if there is none that this person may see."""
    found = find_case(connection, caches, actor, number)
    return None if found is None else case_view(connection, caches, found, now)


def case_view(connection: Connection, caches: Caches, found: CaseRow, now: datetime) -> CaseView:
    """The whole page of a case that has been found."""
    row, item = found.row, found.item
    parts = _PARTS.read(connection, case_id=row.id)
    tasks = tasks_view(parts["tasks"], found.bundle)
    alarms = alarms_view(parts["alarms"])
    calendar = caches.calendars.of(connection, row.calendar_version, row.department, row.power_item)
    return CaseView(
        id=row.id,
        number=row.number,
        kind=row.kind,
        power_item=row.power_item,
        item_name_zh=item.name_zh if item else found.bundle.model.name_zh,
        item_name_en=item.name_en if item else found.bundle.model.name_en,
        department=row.department,
        department_name_zh=row.department_name_zh or row.department,
        department_name_en=row.department_name_en or row.department,
        definition_key=row.definition_key,
        definition_version=row.definition_version,
        status=row.status,
        outcome=row.outcome,
        applicant=applicant_view(found.applicant_name, found.applicant),
        applicant_called=item.applicant_called if item else ("", ""),
        created_at=row.created_at,
        received_on=row.received_on,
        accepted_on=row.accepted_on,
        decided_on=row.decided_on,
        due_at=row.due_at,
        closed_at=row.closed_at,
        due_provisional=row.due_at is not None and calendar.provisional_at(row.due_at),
        clock=clock_view(parts["limits"], parts["stops"], calendar, now, _passed(row, alarms)),
        user_tasks=tuple(t for t in tasks if t.status == "open"),
        steps_done=tuple(t for t in tasks if t.status != "open"),
        materials=checklist(materials_of(item, row.definition_key), found.values, files_view(parts["files"])),
        fees=fees_view(parts["notices"], item, found.values),
        documents=documents_view(parts["documents"]),
        alarms=alarms,
        events=row.event_seq,
        version=row.version,
        paper_receipt=paper_of_case(connection, row.id) if row.from_paper else None,
    )


def _passed(row: Any, alarms: tuple[AlarmView, ...]) -> list[Mapping[str, Any]]:
    """What the alarms of limits that have passed saw, while the case is not decided."""
    if row.decided_on is not None or row.closed_at is not None:
        return []
    return [seen for one in alarms if one.kind == "overdue" and one.colour == "red" for seen in one.evidence]


def applicant_view(name: str, applicant: Mapping[str, Any]) -> dict[str, Any]:
    """The applicant as the office sees them: whom to call, but no whole ID number."""
    agent = applicant.get("agent")
    return {
        "name": name,
        "id_number": _masked(applicant.get("id_number")),
        "credit_code": applicant.get("credit_code"),
        "mobile": applicant.get("mobile"),
        "secret": bool(applicant.get(HIDDEN)),
        "agent": {**agent, "id_number": _masked(agent.get("id_number"))} if agent else None,
    }


def _masked(number: str | None) -> str | None:
    return mask_id_number(number) if number else None
