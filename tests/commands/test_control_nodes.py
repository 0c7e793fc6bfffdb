"""Control nodes: what is missing is named, and a refused act leaves nothing behind but the record that it was tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import update

from service.database.session import transaction
from service.database.tables import power_item
from service.errors import Refused
from tests.commands.office import Office, Refusal
from tests.commands.stories import HB, ITEMS, MZ, SG, WJ, YJ, ZR
from tests.commands.walking import do, finish, reach

WRITTEN_BY_A_REFUSAL = {"case", "event"}


@contextmanager
def refused_without_a_trace(office: Office, code: str) -> Iterator[Refusal]:
    """Afterwards the case has one event more, `act_refused`, and its version and head of chain moved; nothing else."""
    before, row = office.everything(), office.case()
    with office.refused(code) as refusal:
        yield refusal
    after, now = office.everything(), office.case()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= WRITTEN_BY_A_REFUSAL, changed
    moved = {name for name in row._fields if getattr(row, name) != getattr(now, name)}
    assert moved == {"version", "event_seq", "event_hash"}
    last = office.history()[-1]
    assert (now.version, now.event_seq) == (row.version + 1, row.event_seq + 1)
    assert (last["kind"], last["payload"]["code"]) == ("act_refused", code)
    assert last["payload"]["missing"] == list(refusal.missing)


# item, choices, the step whose completion needs them, the materials of the catalogue that apply
NEEDED: list[tuple[str, dict[str, Any], str, list[str]]] = [
    (
        YJ,
        {},
        "formal_check",
        "application_form responsibility_list manager_certs special_operators injury_insurance safety_assessment "
        "plan_filing business_licence".split(),
    ),
    (YJ, {}, "site_survey", ["survey_opinion", "site_photos"]),
    (YJ, {"complex_process": True}, "expert_review", ["survey_opinion", "site_photos", "expert_report"]),
    (
        MZ,
        {"reg_kind": "found"},
        "formal_check",
        ["application_form", "unit_consent", "capital_report", "domicile_proof", "founders", "charter"],
    ),
    (MZ, {}, "formal_check", ["application_form", "unit_consent", "domicile_proof", "change_resolution"]),
    (
        MZ,
        {"change_items": ["name", "rep"]},
        "formal_check",
        ["application_form", "unit_consent", "change_resolution"],
    ),
    (MZ, {"reg_kind": "cancel"}, "formal_check", ["application_form", "unit_consent", "settlement_report"]),
    (MZ, {}, "site_survey", ["survey_opinion"]),
    (HB, {}, "formal_check", ["application_letter", "eia_document", "publicity_version", "site_plan"]),
    (
        HB,
        {"doc_type": "book"},
        "formal_check",
        ["application_letter", "eia_document", "public_participation", "publicity_version", "site_plan"],
    ),
    (ZR, {}, "formal_check", ["application_form", "identity", "old_certificate", "contract", "tax_proof"]),
    (ZR, {"needs_view": "yes"}, "site_view", ["tax_proof", "view_record"]),
    (
        SG,
        {},
        "formal_check",
        ["application_form", "business_licence", "layout_plan", "safety_rules", "health_certs"],
    ),
    (
        SG,
        {"application_kind": "extend"},
        "formal_check",
        ["application_form", "business_licence", "safety_rules", "health_certs"],
    ),
    (SG, {}, "site_survey", ["survey_table", "survey_photos"]),
    (WJ, {}, "formal_check", ["application_form", "premises_proof", "floor_plan", "staff_certs", "rules"]),
    (WJ, {"beds": 20}, "expert_review", ["survey_opinion", "expert_report"]),
]


def put_what_comes_before(office: Office, step: str, needed: list[str]) -> None:
    number = office.number
    item = office.stories[number].power_item
    known = office.item(item).materials
    office.put(*[key for key in known if key not in needed])


@pytest.mark.parametrize(("item", "choices", "step", "needed"), NEEDED)
def test_a_step_is_not_left_without_the_materials_that_the_next_one_needs_and_each_is_named(
    office: Office, item: str, choices: dict[str, Any], step: str, needed: list[str]
) -> None:
    office.start(item, **choices)
    put_what_comes_before(office, step, needed)
    reach(office, step)
    task = office.task(step)
    office.advance(to=max(office.now, task.earliest_at or office.now))
    if task.officers == 2:
        office.sign("officer2", step)
    with refused_without_a_trace(office, "control_node_missing") as refusal:
        office.complete(task.post, step)
    assert list(refusal.missing) == needed
    names = [office.item(item).materials[key].name_zh for key in needed]
    assert all(name in refusal.message for name in names)
    for missing in range(len(needed)):
        office.put(needed[missing])
        if missing < len(needed) - 1:
            with office.refused("control_node_missing") as refusal:
                office.complete(task.post, step)
            assert list(refusal.missing) == needed[missing + 1 :]
    office.complete(task.post, step)
    assert not office.is_open(step)


@pytest.mark.parametrize("files", [1, 2])
def test_three_photos_are_three_and_not_fewer(office: Office, files: int) -> None:
    office.start(YJ)
    put_what_comes_before(office, "site_survey", ["site_photos"])
    office.put("site_photos", files=files)
    reach(office, "site_survey")
    with office.refused("control_node_missing") as refusal:
        do(office, "site_survey")
    assert refusal.missing == ("site_photos",)
    assert "至少 3 份" in refusal.message
    office.put("site_photos", files=3 - files)
    office.complete("officer", "site_survey")
    assert office.open_steps() == ["section_review"]


def test_a_file_taken_off_again_is_no_longer_on_file(office: Office) -> None:
    office.start(YJ)
    office.put()
    office.remove("business_licence")
    with office.refused("control_node_missing") as refusal:
        do(office, "formal_check")
    assert refusal.missing == ("business_licence",)


def test_the_branch_to_a_correction_stays_open_without_any_material(office: Office) -> None:
    office.start(YJ)
    do(office, "formal_check", check_result="correction")
    assert office.open_steps() == ["await_correction"]


ROLES = (
    "yj_clerk yj_officer yj_section yj_vice yj_printer yj_cashier yj_sup1 mz_clerk "
    "sup2 centre designer sysadmin secadmin auditor"
).split()


@pytest.mark.parametrize("who", ROLES)
def test_no_role_forces_a_completion_that_lacks_something(office: Office, who: str) -> None:
    office.start(YJ)
    office.claim("clerk", "formal_check")
    office.draft("clerk", "formal_check", {"check_result": "accept"})
    before = office.task("formal_check")
    for answers in ({}, {"check_result": "accept"}):
        with pytest.raises(Refused) as refusal:
            office.complete_as(office.actor(who), before.id, answers)
        assert refusal.value.code in ("invalid_answers", "control_node_missing", "not_permitted", "task_taken")
    assert office.task("formal_check") == before
    if who == "yj_clerk":
        assert [event["kind"] for event in office.history()][-2:] == ["act_refused", "act_refused"]


@pytest.mark.parametrize("item", ITEMS)
def test_every_required_field_of_the_first_form_is_named_and_no_number_is_drawn(office: Office, item: str) -> None:
    fields = office.item(item).content["forms"]["apply"]
    required = {field["key"] for field in fields if field["required"] and not field.get("condition")}
    before = office.everything()
    with office.refused("invalid_answers") as refusal:
        office.start(item, answers_instead=dict.fromkeys(required))
    assert {f"/answers/{key}" for key in required} <= set(refusal.missing)
    assert office.everything() == before


def test_wrong_missing_and_unknown_answers_are_all_named_at_once_and_kept_out_of_the_history(office: Office) -> None:
    office.start(YJ)
    office.put()
    reach(office, "site_survey")
    office.sign("officer2", "site_survey")
    office.advance(minutes=31)
    with refused_without_a_trace(office, "invalid_answers") as refusal:
        office.complete(
            "officer", "site_survey", survey_record="太短", checklist=["roof"], officer_b="F-0003", survey_date=None
        )
    named = {pointer.rsplit("/", 1)[-1] for pointer in refusal.missing}
    assert {"survey_record", "officer_b", "survey_date"} <= named
    assert "太短" not in str(office.history()[-1]["payload"])
    with office.refused("invalid_answers"):
        office.complete_with("officer", "site_survey", {**office.answers("site_survey"), "role": "head"})


def test_an_answer_to_a_hidden_field_of_an_earlier_round_does_not_live_on(office: Office) -> None:
    office.start(YJ)
    office.put()
    reach(office, "formal_check")
    do(office, "formal_check", check_result="correction")
    do(office, "await_correction")
    with office.refused("invalid_answers"):
        do(office, "formal_check", check_result="accept", correction_items=[{"material": "x", "problem": "y"}])
    do(office, "formal_check")
    assert finish(office) == "granted"


def test_an_item_beyond_the_countys_power_can_only_be_found_not_competent(office: Office) -> None:
    office.start(YJ, beyond_county="yes")
    office.put()
    with office.refused("invalid_answers") as refusal:
        do(office, "formal_check", check_result="accept")
    assert refusal.missing == ("/answers/check_result",)
    do(office, "formal_check", check_result="not_competent")
    assert office.case().outcome == "not_accepted"


def test_no_form_sets_a_fact_or_a_date_of_the_service(office: Office) -> None:
    office.start(ZR)
    office.put()
    reach(office, "decide")
    task = office.task("decide")
    for stolen in ({"fee_settled": True}, {"paid": True}, {"accepted_on": "2020-01-01"}, {"cert_no": "1"}):
        with office.refused("invalid_answers"):
            office.complete_with("vice", "decide", {**office.answers("decide"), **stolen})
    assert office.task("decide").id == task.id


def test_the_second_officer_signs_before_the_first_completes_and_is_another_person(office: Office) -> None:
    office.start(YJ)
    office.put()
    reach(office, "site_survey")
    office.advance(minutes=31)
    with refused_without_a_trace(office, "control_node_missing") as refusal:
        office.complete("officer", "site_survey")
    assert refusal.missing == ("/signature",)
    office.sign("officer", "site_survey")
    with office.refused("control_node_missing"):
        office.complete("officer", "site_survey")
    office.complete("officer2", "site_survey")
    assert office.case().actors["investigate"] == sorted(office.ids[f"yj_{who}"] for who in ("officer", "officer2"))


def test_nobody_signs_the_task_that_he_has_claimed(office: Office) -> None:
    office.start(YJ)
    office.put()
    reach(office, "site_survey")
    office.claim("officer", "site_survey")
    with office.refused("separation_of_duty"):
        office.sign("officer", "site_survey")
    with office.refused("not_permitted"):
        office.sign("clerk", "site_survey")
    office.sign("officer2", "site_survey")


def test_a_signature_once_given_is_not_overwritten_by_a_third_officer(office: Office) -> None:
    office.hire("yj_officer3", "YJ", "officer")
    office.start(YJ)
    office.put()
    reach(office, "site_survey")
    office.sign("officer2", "site_survey")
    first = office.task("site_survey")
    office.advance(minutes=1)
    office.sign("officer2", "site_survey")
    with office.refused("task_taken") as refusal:
        office.sign("yj_officer3", "site_survey")
    assert refusal.facts["by"] == office.actor("yj_officer2").name
    assert (office.task("site_survey").signed_by, office.task("site_survey").signed_at) == (
        first.signed_by,
        first.signed_at,
    )
    assert len(office.history(kind="second_officer_signed")) == 1


def test_one_officer_alone_is_enough_where_the_step_asks_for_no_second(office: Office) -> None:
    office.start(YJ)
    with office.refused("invalid_request"):
        office.sign("clerk2", "formal_check")


def test_an_unknown_item_task_or_case_is_not_found(office: Office) -> None:
    with pytest.raises(Refused, match="not_found"):
        office.start("LJ-YJ-XK-999", by="yj_clerk")
    office.start(YJ)
    with office.refused("not_found"):
        office.message("objection", "YJ-XK-2026-000099")
    with office.refused("not_found"):
        office.complete_task_of_id("clerk", "f" * 32)
    with office.refused("not_found"):
        office.complete_task_of_id("clerk", "no task at all")


def test_only_a_clerk_of_the_department_takes_in_its_applications(office: Office) -> None:
    for nobody in ("mz_clerk", "yj_officer", "yj_sup1", "sup2", "secadmin"):
        with office.refused("not_permitted"):
            office.start(YJ, by=nobody)


def test_a_suspended_item_takes_no_applications_while_its_cases_go_on(office: Office) -> None:
    number = office.start(YJ)
    office.put()
    with transaction(office.engine) as connection:
        connection.execute(update(power_item).where(power_item.c.code == YJ).values(status="suspended"))
    with office.refused("not_found"):
        office.start(YJ)
    assert finish(office, number) == "granted"
