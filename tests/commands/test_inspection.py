"""The random inspection: a plan, a draw that anyone can repeat, and a case of its own for each object drawn."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from service.commands.inspecting import OPEN_INSPECTION, OPEN_LEAD
from service.commands.open_inspection import open_inspection, open_lead
from service.commands.recuse_officer import RecuseOfficer, recuse_officer
from service.database.session import transaction
from service.database.tables import (
    case,
    document,
    inspection_draw,
    inspection_object,
    officer_interest,
    outbox,
    person,
    publication,
)
from service.inspections.drawing import draw, pool_of
from service.reads.inspections import read_public_draws
from service.reads.work_list import WorkFilter, list_work
from tests.commands.office import Office
from tests.commands.stories import HOTLINE, INSPECTION
from tests.commands.walking import do


def plan(office: Office, **choices: Any) -> Any:
    """A plan that is approved and drawn; the draw."""
    number = office.start(INSPECTION, **choices)
    do(office, "approve_plan", number)
    office.deliver()
    return office.rows(select(inspection_draw).order_by(inspection_draw.c.id.desc()))[0]


def inspections(office: Office) -> list[str]:
    """The numbers of the cases of the objects that were drawn."""
    rows = office.rows(select(case.c.number).where(case.c.power_item == INSPECTION).order_by(case.c.id))
    return [row.number for row in rows][1:]


def named(office: Office, number: str, element: str = "inspect") -> list[str]:
    """User names of the two whose step it is."""
    ids = [int(one) for one in office.task(element, number).named.strip(",").split(",")]
    names = {person_id: name for name, person_id in office.ids.items()}
    return [names[one] for one in ids]


def inspect(office: Office, number: str, element: str = "inspect", **choices: Any) -> None:
    """Both officers do their step in good time, with its papers."""
    first, second = named(office, number, element)
    office.put(number=number)
    office.stories.setdefault(number, office.stories[next(iter(office.stories))])
    office.advance(to=max(office.now, office.task(element, number).earliest_at))
    office.claim(first, element, number)
    office.sign(second, element, number)
    office.complete(first, element, number, **choices)


def review(office: Office, number: str, **choices: Any) -> None:
    office.advance(timedelta(minutes=5))
    office.complete("sg_section", "section_review", number, **choices)


def test_a_plan_is_drawn_into_a_case_for_each_object(office: Office) -> None:
    drawn = plan(office)
    assert (office.case().status, office.case().outcome) == ("completed", "drawn")
    assert [len(one["officers"]) for one in drawn.drawn] == [2, 2]  # a quarter of eight
    found = inspections(office)
    assert [one["case"] for one in drawn.drawn] == found and len(found) == 2
    assert [office.open_steps(number) for number in found] == [["inspect"], ["inspect"]]
    known = {row.credit_code: row.name for row in office.rows(select(inspection_object))}
    assert [office.case(number).applicant_name for number in found] == [known[one["object"]] for one in drawn.drawn]


def test_anyone_can_draw_again_with_what_was_published(office: Office) -> None:
    drawn = plan(office)
    assert drawn.commitment == sha256(drawn.secret.encode()).hexdigest()
    canonical = json.dumps(drawn.pool, sort_keys=True, separators=(",", ":"))
    assert drawn.pool_digest == sha256(canonical.encode()).hexdigest()
    assert drawn.seed == sha256(f"{drawn.secret}|{drawn.pool_digest}|{drawn.approval}".encode()).hexdigest()
    ranked = sorted(drawn.pool["objects"], key=lambda code: sha256(f"{drawn.seed}|object|{code}".encode()).hexdigest())
    assert [one["object"] for one in drawn.drawn] == ranked[:2]
    again = draw(drawn.seed, pool_of(drawn.pool), drawn.percent)
    assert [{"object": one.object, "officers": list(one.officers)} for one in again] == [
        {key: one[key] for key in ("object", "officers")} for one in drawn.drawn
    ]


def test_the_secret_is_told_only_after_the_draw(office: Office) -> None:
    office.start(INSPECTION)
    with office.looking() as connection:
        (before,) = read_public_draws(connection)
    assert (before.secret, before.seed, before.pool, before.drawn) == (None, None, None, ())
    assert len(before.commitment) == 64 and before.name == "2026 年价格行为双随机抽查"
    (frozen,) = [row for row in office.history() if row["kind"] == "pool_frozen"]
    assert "secret" not in frozen["payload"]
    do(office, "approve_plan")
    with office.looking() as connection:
        (after,) = read_public_draws(connection)
    assert after.commitment == before.commitment == sha256((after.secret or "").encode()).hexdigest()


def test_what_enters_the_pool_after_it_was_frozen_is_not_drawn(office: Office) -> None:
    office.start(INSPECTION, draw_percent=100)
    with transaction(office.engine) as connection:
        late = {"department": "SG", "credit_code": "91329901MA1ZZZZZ0X", "name": "后来的", "address": "—"}
        connection.execute(insert(inspection_object).values(**late, matters=["price"], active=True))
    do(office, "approve_plan")
    office.deliver()
    assert len(inspections(office)) == 8


def test_a_plan_that_is_sent_back_is_committed_to_anew(office: Office) -> None:
    office.start(INSPECTION)
    do(office, "approve_plan", plan_ok="no")
    assert office.open_steps() == ["make_plan"]
    do(office, "make_plan")
    first, second = office.rows(select(inspection_draw).order_by(inspection_draw.c.id))
    assert first.commitment != second.commitment and first.drawn_at is None
    do(office, "approve_plan")
    assert office.rows(select(inspection_draw.c.drawn_at).order_by(inspection_draw.c.id))[0].drawn_at is None


def test_who_has_an_interest_is_never_drawn_for_that_object(office: Office) -> None:
    drawn = plan(office, draw_percent=100)
    (interest,) = drawn.pool["interests"]
    officers = {one["object"]: one["officers"] for one in drawn.drawn}
    assert interest[0] not in officers[interest[1]]
    assert any(interest[0] in two for two in officers.values())


def test_a_draw_without_two_free_officers_is_refused_and_leaves_the_plan_open(office: Office) -> None:
    with transaction(office.engine) as connection:
        people = connection.execute(select(person.c.id).where(person.c.username.like("sg_officer%"))).scalars().all()
        code = connection.execute(select(inspection_object.c.credit_code)).scalars().first()
        for one in people[1:]:
            values = {"person_id": one, "credit_code": code, "reason": "亲属", "declared_at": office.now}
            connection.execute(insert(officer_interest).values(**values))
    office.start(INSPECTION, draw_percent=100)
    with office.refused("control_node_missing"):
        do(office, "approve_plan")
    assert office.open_steps() == ["approve_plan"] and inspections(office) == []


def test_a_matter_that_nobody_is_inspected_for_makes_no_plan(office: Office) -> None:
    with transaction(office.engine) as connection:
        connection.execute(update(inspection_object).values(active=False))
    with office.refused("invalid_answers"):
        office.start(INSPECTION)


def test_the_message_that_opens_a_case_may_come_twice(office: Office) -> None:
    plan(office)
    sent = office.rows(select(outbox.c.payload).where(outbox.c.kind == OPEN_INSPECTION))
    for row in sent:
        with transaction(office.engine) as connection:
            open_inspection(connection, office.services, row.payload, office.now)
    assert len(inspections(office)) == len(sent) == 2


def test_only_those_who_were_drawn_see_and_do_the_inspection(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    first, second = named(office, number)
    others = [
        name for name in ("sg_officer", "sg_officer2", "sg_officer4", "sg_officer5") if name not in (first, second)
    ]
    for other in others:
        with office.refused("not_permitted"):
            office.claim(other, "inspect", number)
        with office.looking() as connection:
            rows = list_work(connection, office.actor(other), WorkFilter("claimable", case=number)).items
        assert rows == () or list(rows) == []
    office.claim(first, "inspect", number)
    with office.refused("not_permitted"):
        office.sign(others[0], "inspect", number)
    office.sign(second, "inspect", number)


def test_a_clean_result_is_published_with_its_papers(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    inspect(office, number)
    review(office, number)
    assert (office.case(number).status, office.case(number).outcome) == ("completed", "inspected")
    assert {row.kind for row in office.rows(select(document).where(document.c.case_id == office.case(number).id))} == {
        "record",
        "result",
    }
    assert office.rows(select(publication).where(publication.c.case_id == office.case(number).id))
    with office.looking() as connection:
        (told,) = read_public_draws(connection)
    results = {one.credit_code: one.result for one in told.drawn}
    assert sorted(map(str, results.values())) == ["None", "clean"]


def test_a_review_sends_the_inspection_back(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    inspect(office, number)
    review(office, number, inspect_review="back")
    assert office.open_steps(number) == ["inspect"]


@pytest.mark.parametrize(("recheck_result", "outcome"), [("ok", "inspected"), ("bad", "transferred")])
def test_what_must_be_rectified_is_looked_at_again(office: Office, recheck_result: str, outcome: str) -> None:
    plan(office)
    number = inspections(office)[0]
    inspect(office, number, inspect_result="rectify")
    review(office, number)
    assert office.open_steps(number) == ["await_rectification"]
    office.message("correction", number)
    inspect(office, number, "recheck", recheck_result=recheck_result)
    assert office.case(number).outcome == outcome


def test_a_report_that_does_not_come_in_thirty_days_leads_to_the_recheck(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    inspect(office, number, inspect_result="rectify")
    review(office, number)
    office.advance(timedelta(days=31))
    assert office.open_steps(number) == ["recheck"]


def test_a_result_waits_no_longer_than_twenty_working_days_for_its_publication(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    inspect(office, number)
    due = office.due_rows(number)["section_review_publication", "step_limit"]
    assert due == office.calendar.add_working_days(office.today, 20)


@pytest.mark.parametrize("step", ["inspect"])
def test_an_inspection_in_no_time_halts(office: Office, step: str) -> None:
    plan(office)
    number = inspections(office)[0]
    first, second = named(office, number)
    office.put(number=number)
    office.sign(second, step, number)
    office.stories[number] = office.stories[next(iter(office.stories))]
    assert office.complete(first, step, number).outcome == "halted"
    office.complete("sg_sup1", "inspect_ruling", number, halt_ruling="redo")
    assert office.task("inspect", number).named is not None


def test_a_suspected_violation_begins_a_case_that_is_filled_with_what_was_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into another item than the county's own choice, so that the test needs no penalty."""
    monkeypatch.setattr("service.commands.open_inspection.LEAD_TO", HOTLINE)
    plan(office)
    number = inspections(office)[0]
    inspect(office, number, inspect_result="violation")
    review(office, number)
    assert office.case(number).outcome == "transferred"
    office.deliver()
    (lead,) = office.rows(select(case).where(case.c.power_item == HOTLINE))
    assert lead.applicant["lead_from"] == number and lead.applicant_name == office.case(number).applicant_name
    task = office.task("register_call", lead.number)
    assert (task.status, task.draft["party_code"]) == ("open", lead.applicant["credit_code"])
    assert "现场检查证照" in task.draft["facts_brief"]
    for row in office.rows(select(outbox.c.payload).where(outbox.c.kind == OPEN_LEAD)):
        with transaction(office.engine) as connection:
            open_lead(connection, office.services, row.payload, office.now)
    assert len(office.rows(select(case).where(case.c.power_item == HOTLINE))) == 1


def recuse(office: Office, number: str, officer: str, by: str = "sg_head", reason: str = "与检查对象有亲属关系") -> str:
    with transaction(office.engine) as connection:
        command = RecuseOfficer(number, officer, reason)
        return recuse_officer(connection, office.services, office.actor(by), command, office.now)


def drawn_for(office: Office, number: str) -> dict[str, Any]:
    (row,) = office.rows(select(inspection_draw.c.drawn))
    return next(one for one in row.drawn if one["case"] == number)


def test_a_recused_officer_is_replaced_by_a_draw_that_anyone_can_repeat(office: Office) -> None:
    drawn = plan(office)
    number = inspections(office)[0]
    before = named(office, number)
    first, second = drawn_for(office, number)["officers"]
    office.claim(before[0], "inspect", number)
    new = recuse(office, number, first)
    now_drawn = drawn_for(office, number)
    assert now_drawn["officers"] == [new, second] and new not in (first, second)
    code = now_drawn["object"]
    seed = sha256(f"{drawn.seed}|recusal|{code}|1".encode()).hexdigest()
    interested = [officer for officer, other in drawn.pool["interests"] if other == code]
    free = [one for one in drawn.pool["officers"] if one not in (first, second, *interested)]
    assert new == min(free, key=lambda one: sha256(f"{seed}|officer|{code}|{one}".encode()).hexdigest())
    with office.looking() as connection:
        (told,) = read_public_draws(connection)
    (recusal,) = next(one for one in told.drawn if one.credit_code == code).recusals
    assert (recusal.officer, recusal.replaced_by, recusal.seed) == (first, new, seed)
    (event,) = office.history(number, kind="officer_recused")
    assert event["payload"]["reason"] == "与检查对象有亲属关系"
    assert office.task("inspect", number).assignee is None, "what the officer had in hand is free"
    with office.refused("not_permitted"):
        office.claim(before[0], "inspect", number)
    inspect(office, number)
    review(office, number)
    assert office.case(number).outcome == "inspected"


def test_a_second_recusal_has_a_seed_of_its_own_and_brings_nobody_back(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    first = drawn_for(office, number)["officers"][0]
    second = recuse(office, number, first)
    third = recuse(office, number, second)
    told = drawn_for(office, number)["recusals"]
    assert third not in (first, second) and told[0]["seed"] != told[1]["seed"]
    with office.refused("control_node_missing"):
        for _ in range(10):
            recuse(office, number, drawn_for(office, number)["officers"][0])


def test_a_recusal_is_the_heads_with_its_reason_and_only_while_the_inspection_is_open(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    first = drawn_for(office, number)["officers"][0]
    with office.refused("not_permitted"):
        recuse(office, number, first, by="sg_section")
    with office.refused("invalid_request"):
        recuse(office, number, first, reason=" ")
    with office.refused("invalid_request"):
        recuse(office, number, "0")
    inspect(office, number)
    with office.refused("move_refused"):
        recuse(office, number, first)


def test_who_steps_in_does_the_recheck_too(office: Office) -> None:
    plan(office)
    number = inspections(office)[0]
    recuse(office, number, drawn_for(office, number)["officers"][0])
    now_named = named(office, number)
    inspect(office, number, inspect_result="rectify")
    review(office, number)
    office.message("correction", number)
    assert named(office, number, "recheck") == now_named
