"""Opens a case that nobody applies for: a supervision order, an inspection of what was drawn, a lead for a penalty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.cases.numbers import case_number, next_number
from service.commands.act import CaseAct
from service.commands.services import Services
from service.commands.start_case import insert_case_rows
from service.commands.writing import settle
from service.engine import CaseRun
from service.errors import not_found
from service.people.actor import Actor
from service.reads.hot import unborn


@dataclass(frozen=True, slots=True)
class OpenCase:
    """`subject` is what the case is called in lists; `prefix` begins its number."""

    definition_key: str
    kind: str
    department: str
    subject: str
    # What its number begins with, where it follows no item.
    prefix: str = ""
    power_item: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    # Who it is about, whom the diagram may tell by SMS.
    applicant: Mapping[str, Any] = field(default_factory=dict)
    # Who opens it counts for separation as having done `group`; None where no person does.
    actor: Actor | None = None
    group: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


def open_case(
    connection: Connection,
    services: Services,
    command: OpenCase,
    now: datetime,
    *,
    with_case: Callable[[int, str], None],
) -> tuple[int, str]:
    """Open the case; `with_case(case id, number)` writes what belongs to it before its first steps run.

    Raises Refused not_found if no such diagram is deployed.
    """
    bundle = services.bundles.current(connection, command.definition_key)
    if bundle is None:
        raise not_found("该流程", f"a deployed diagram {command.definition_key}")
    item = services.items.current(connection, command.power_item) if command.power_item else None
    calendar = services.calendars.get(connection)
    row = unborn(
        kind=command.kind,
        power_item=item.code if item else None,
        item_version=item.version if item else None,
        received_on=calendar.local_date(now) if item else None,
        definition_id=bundle.id,
        case_department=command.department,
        applicant_name=command.subject[:200],
        applicant=dict(command.applicant),
        created_at=now,
    )
    act = CaseAct(connection, services, row, now, command.actor)
    row.number = _number(act, command)
    row.case_id = insert_case_rows(act, command.actor.person_id if command.actor else None)
    with_case(row.case_id, row.number)
    (act.note if command.actor is None else act.record)("case_started", None, subject=command.subject, **command.about)
    act.count_for_separation(command.group, act.persons())
    act.run = CaseRun.start(bundle.model, act, now, dict(command.variables))
    settle(act, act.run.outcome())
    return row.case_id, row.number


def _number(act: CaseAct, command: OpenCase) -> str:
    """A case of an item is numbered like any other of it."""
    if act.item is not None:
        return case_number(act.connection, command.department, act.item.category, act.today)
    year = act.today.year
    sequence = next_number(act.connection, f"case/{command.prefix}/{command.department}/{year}")
    return f"{command.prefix}-{command.department}-{year}-{sequence:06d}"
