"""Outbox messages of a random inspection: a case for each object drawn, a penalty's lead for what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from service.catalogue.item import DEFINITION_KEYS
from service.commands.inspecting import LEAD_TO
from service.commands.open_case import OpenCase, open_case
from service.commands.services import Services
from service.database.tables import case, inspection_draw, inspection_object, person, user_task
from service.reads.answers import answers_given


def open_inspection(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: the case of one object that was drawn. Doing it twice changes nothing."""
    found = connection.execute(
        select(inspection_draw).where(inspection_draw.c.id == payload["draw_id"]).with_for_update()
    ).one()
    rows = [dict(one) for one in found.drawn]
    mine = next(one for one in rows if one["object"] == payload["object"])
    if "case" in mine:
        return
    plan = connection.execute(select(case).where(case.c.id == found.case_id)).one()
    today = services.calendars.get(connection).local_date(now).isoformat()
    variables = {"object_drawn": True, "drawn_on": today, "received_on": today}
    variables |= _about_plan(connection, plan.id) | _about_object(connection, plan.department, mine)
    command = OpenCase(
        DEFINITION_KEYS[plan.power_item],
        "item",
        plan.department,
        str(variables["party_name"]),
        power_item=plan.power_item,
        variables=variables,
        applicant={"name": variables["party_name"], "credit_code": mine["object"]},
        about={"plan": plan.number, "draw": found.id},
    )
    _, mine["case"] = open_case(connection, services, command, now, with_case=lambda _case_id, _number: None)
    connection.execute(update(inspection_draw).where(inspection_draw.c.id == found.id).values(drawn=rows))


def _about_plan(connection: Connection, plan_id: int) -> dict[str, Any]:
    return {key: answers_given(connection, plan_id, "make_plan", key)[-1] for key in ("plan_name", "plan_matter")}


def _about_object(connection: Connection, department: str, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """What the inspectors' form shows, and whose task it is: those who were drawn and nobody else."""
    known = connection.execute(
        select(inspection_object.c.name, inspection_object.c.address).where(
            inspection_object.c.department == department, inspection_object.c.credit_code == drawn["object"]
        )
    ).one()
    rows = connection.execute(
        select(person.c.id, person.c.name, person.c.officer_number).where(
            person.c.officer_number.in_(drawn["officers"])
        )
    ).all()
    people = {row.officer_number: row for row in rows}
    first, second = (people[number] for number in drawn["officers"])
    return {
        "party_name": known.name,
        "party_code": drawn["object"],
        "party_address": known.address,
        "officer_a": f"{first.name} {first.officer_number}",
        "officer_b": f"{second.name} {second.officer_number}",
        "drawn_officers": f",{first.id},{second.id},",
    }


def open_lead(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: a penalty case whose lead waits to be registered. Doing it twice changes nothing."""
    found = connection.execute(select(case).where(case.c.id == payload["case_id"]).with_for_update()).one()
    item = services.items.current(connection, LEAD_TO)
    if item is None or _lead_is_there(connection, found.number):
        return
    command = OpenCase(
        item.definition_key,
        "item",
        item.department,
        found.applicant_name,
        power_item=item.code,
        variables={"received_on": services.calendars.get(connection).local_date(now).isoformat()},
        applicant={**found.applicant, "lead_from": found.number},
        about={"lead_from": found.number},
    )
    case_id, _ = open_case(connection, services, command, now, with_case=lambda _case_id, _number: None)
    first = user_task.c.case_id == case_id, user_task.c.status == "open"
    connection.execute(update(user_task).where(*first).values(draft=_lead(connection, found)))


def _lead_is_there(connection: Connection, number: str) -> bool:
    known = select(case.c.id).where(case.c.power_item == LEAD_TO, case.c.applicant["lead_from"].as_string() == number)
    return connection.execute(known).first() is not None


def _lead(connection: Connection, found: Any) -> dict[str, Any]:
    """What the lead's form is filled with to begin with; whoever registers it goes on from there."""

    def said(key: str) -> Any:
        given = answers_given(connection, found.id, "inspect", key)
        return given[-1] if given else None

    address = connection.execute(
        select(inspection_object.c.address).where(
            inspection_object.c.department == found.department,
            inspection_object.c.credit_code == found.applicant.get("credit_code"),
        )
    ).scalar_one_or_none()
    return {
        "lead_source": "inspection",
        "found_on": said("inspected_on"),
        "place": address or "",
        "party_kind": "organisation",
        "party_name": found.applicant_name,
        "party_code": found.applicant.get("credit_code"),
        "facts_brief": said("inspect_record"),
    }
