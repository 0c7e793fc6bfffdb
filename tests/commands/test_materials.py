"""Materials one by one: originals seen, refusals with their reasons in one notice, and the agent's authorisation."""

from __future__ import annotations

import pytest

from service.commands.examine_file import ExamineFile, examine_file
from tests.commands.office import Office
from tests.commands.stories import ITEMS, MZ, YJ
from tests.commands.walking import do

REASON = "营业执照已过有效期，请提交现行有效的执照"


def file_of(office: Office, material: str) -> int:
    return next(row.id for row in office.files() if row.material == material)


def examine(
    office: Office, material: str, *, by: str = "clerk", seen: bool = False, because: str | None = None
) -> None:
    command = ExamineFile(office.number, file_of(office, material), seen, because)
    actor = office.actor(by)
    office.perform(lambda c: examine_file(c, office.services, actor, command, office.now), actor, office.number)


def notice(office: Office) -> list[dict[str, str]]:
    made = next(row for row in office.documents() if row.kind == "correction_notice")
    lacking: list[dict[str, str]] = made.content["lacking"]
    return lacking


def test_a_refused_material_is_not_on_file_until_its_refusal_is_undone(office: Office) -> None:
    office.start(YJ)
    office.put()
    examine(office, "business_licence", because=REASON)
    with office.refused("control_node_missing") as refusal:
        do(office, "formal_check")
    assert refusal.missing == ("business_licence",)
    examine(office, "business_licence")
    do(office, "formal_check")


def test_one_notice_names_every_material_refused_or_lacking_with_its_reason(office: Office) -> None:
    office.start(YJ)
    office.put()
    office.remove("plan_filing")
    examine(office, "business_licence", because=REASON)
    examine(office, "injury_insurance", because="参保名单与申请人数不符")
    do(office, "formal_check", check_result="correction")
    materials = office.item(YJ).content["materials"]
    names = {row["key"]: row["name_zh"] for row in materials}
    assert {(row["material"], row["problem"]) for row in notice(office)} == {
        (names["business_licence"], REASON),
        (names["injury_insurance"], "参保名单与申请人数不符"),
        (names["plan_filing"], "未提交"),
    }
    assert [row.kind for row in office.notices()].count("applicant_correction") == 1


def test_an_original_that_was_seen_is_noted_with_its_person_and_counts_as_on_file(office: Office) -> None:
    office.start(YJ)
    office.put()
    examine(office, "business_licence", seen=True)
    assert office.history()[-1]["kind"] == "original_seen"
    row = next(row for row in office.files() if row.material == "business_licence")
    assert (row.original_seen_at, row.original_seen_by) == (office.now, office.ids["yj_clerk"])
    do(office, "formal_check")


@pytest.mark.parametrize(("seen", "because"), [(False, "  "), (False, "长" * 501), (True, "又看又退")])
def test_a_refusal_says_why_and_is_no_confirmation(office: Office, seen: bool, because: str) -> None:
    office.start(YJ)
    office.put("business_licence")
    with office.refused("invalid_request"):
        examine(office, "business_licence", seen=seen, because=because)


def test_what_a_step_relies_upon_is_examined_no_more(office: Office) -> None:
    office.start(YJ)
    office.put()
    do(office, "formal_check")
    with office.refused("not_permitted"):
        examine(office, "business_licence", because=REASON)


@pytest.mark.parametrize("by", ["mz_clerk", "sup1", "sup2", "sysadmin"])
def test_nobody_else_examines_a_departments_papers(office: Office, by: str) -> None:
    office.start(YJ)
    office.put()
    with office.refused("not_permitted"):
        examine(office, "business_licence", by=by, because=REASON)


@pytest.mark.parametrize("item", ITEMS)
def test_who_acts_through_an_agent_hands_in_the_authorisation(office: Office, item: str) -> None:
    office.start(item, by_agent=True)
    office.put()
    office.remove("agent_authorisation")
    step = office.item(item).materials["agent_authorisation"].needed_before_step
    with office.refused("control_node_missing") as refusal:
        do(office, "formal_check")
    assert (refusal.missing, step) == (("agent_authorisation",), "issue_acceptance")
    office.put("agent_authorisation")
    do(office, "formal_check")


def test_who_acts_for_himself_needs_no_authorisation(office: Office) -> None:
    office.start(MZ)
    office.put()
    office.remove("agent_authorisation")
    do(office, "formal_check")
