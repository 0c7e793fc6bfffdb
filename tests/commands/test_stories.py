"""The six items from the counter to their ends, by every way that the catalogue draws."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from service.database.tables import publication
from tests.commands.office import Office
from tests.commands.stories import HB, ITEMS, MZ, OBJECTION, SG, WJ, YJ, ZR
from tests.commands.walking import begin, do, done, finish, reach

REVIEW = ["section_review", "decide"]
PAPERS = ["print_certificate", "deliver"]

# The steps that people complete on the way to a grant, by item and what distinguishes the case.
WAYS: list[tuple[str, dict[str, Any], list[str]]] = [
    (YJ, {}, ["site_survey", *REVIEW, *PAPERS]),
    (YJ, {"complex_process": True}, ["site_survey", "expert_review", *REVIEW, *PAPERS]),
    (MZ, {"reg_kind": "found"}, ["site_survey", *REVIEW, *PAPERS]),
    (MZ, {"reg_kind": "change"}, ["site_survey", *REVIEW, "collect_old", *PAPERS]),
    (MZ, {"reg_kind": "change", "change_items": ["name"]}, [*REVIEW, "collect_old", *PAPERS]),
    (MZ, {"reg_kind": "cancel"}, ["check_settlement", *REVIEW, "collect_old", *PAPERS]),
    (HB, {}, ["technical_review", "section_review", "vice_approve", "decide", *PAPERS]),
    (HB, {"doc_type": "book"}, ["technical_review", "section_review", "vice_approve", "decide", *PAPERS]),
    (ZR, {}, [*REVIEW, *PAPERS]),
    (ZR, {"needs_view": "yes"}, ["site_view", *REVIEW, *PAPERS]),
    (SG, {}, ["site_survey", *REVIEW, *PAPERS]),
    (SG, {"application_kind": "change", "layout": "yes"}, ["site_survey", *REVIEW, *PAPERS]),
    (SG, {"application_kind": "extend"}, [*REVIEW, *PAPERS]),
    (WJ, {}, ["site_survey", *REVIEW, *PAPERS]),
    (WJ, {"beds": 20}, ["site_survey", "expert_review", *REVIEW, *PAPERS]),
    (WJ, {"ownership": "specialised"}, ["site_survey", "expert_review", *REVIEW, *PAPERS]),
]


@pytest.mark.parametrize(
    ("item", "choices", "way"), WAYS, ids=[f"{i[3:5]}-{'-'.join(map(str, c.values()))}" for i, c, _ in WAYS]
)
def test_an_application_goes_its_way_to_the_certificate(
    office: Office, item: str, choices: dict[str, Any], way: list[str]
) -> None:
    begin(office, item, "formal_check", **choices)
    assert finish(office) == "granted"
    assert done(office) == ["apply", "formal_check", *way]
    assert office.case().closed_at is not None
    assert office.alarms() == []
    assert [row.kind for row in office.notices(channel="sms")] == _told(item)


def _told(item: str) -> list[str]:
    usual = ["applicant_received", "applicant_accepted", "applicant_granted"]
    return [*usual, "applicant_payment_due"] if item == ZR else usual


@pytest.mark.parametrize("item", ITEMS)
def test_a_refusal_is_served_and_draws_no_certificate(office: Office, item: str) -> None:
    begin(office, item, "decide", review_result="agree_refuse", decision="refuse")
    assert finish(office) == "refused"
    assert done(office)[-2:] == ["decide", "serve_refusal"]
    made = [row.kind for row in office.documents()]
    assert "refusal" in made and "certificate" not in made and "cancel_proof" not in made
    assert office.payment_notices() == []
    assert office.rows(select(publication)) == []


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("result", ["not_competent", "not_needed"])
def test_what_is_not_the_organs_business_is_not_accepted_in_writing(office: Office, item: str, result: str) -> None:
    begin(office, item, "formal_check", check_result=result)
    assert finish(office) == "not_accepted"
    row = office.case()
    assert (row.accepted_on, row.decided_on) == (None, None)
    assert [row.kind for row in office.documents()] == ["non_acceptance"]
    assert office.notices()[-1].kind == "applicant_not_accepted"


@pytest.mark.parametrize("item", ITEMS)
def test_a_corrected_application_is_received_anew_and_accepted(office: Office, item: str) -> None:
    number = begin(office, item, "formal_check")
    do(office, "formal_check", check_result="correction")
    assert office.open_steps() == ["await_correction"]
    assert [row.kind for row in office.documents()] == ["correction_notice"]
    office.advance(working_days=6)
    office.message("correction", number, by="clerk")
    row = office.case()
    assert row.received_on == date(2026, 3, 17)
    assert office.task("formal_check").due_at.date() == date(2026, 3, 24)
    assert finish(office) == "granted"
    assert office.case().accepted_on == date(2026, 3, 17)


@pytest.mark.parametrize("item", ITEMS)
def test_an_application_not_corrected_within_thirty_days_counts_as_withdrawn(office: Office, item: str) -> None:
    begin(office, item, "formal_check")
    do(office, "formal_check", check_result="correction")
    # Wednesday 8 April is the thirtieth day; it ends at 24:00.
    office.advance(to=office.now.replace(month=4, day=9, hour=0, minute=0, second=0))
    assert office.case().status == "open"
    office.advance(seconds=1)
    assert (office.case().status, office.case().outcome) == ("completed", "withdrawn")
    assert office.notices()[-1].kind == "applicant_withdrawn"
    assert office.alarms() == []
    with office.refused("case_closed"):
        office.message("correction")


# Ways back ------------------------------------------------------------------------------------------------------------

SENT_BACK: list[tuple[str, dict[str, Any], str]] = [
    (YJ, {}, "site_survey"),
    (MZ, {"reg_kind": "found"}, "site_survey"),
    (MZ, {"reg_kind": "cancel"}, "check_settlement"),
    (MZ, {"change_items": ["name"]}, "formal_check"),
    (HB, {}, "technical_review_again"),
    (ZR, {}, "formal_check"),
    (SG, {}, "site_survey"),
    (SG, {"application_kind": "extend"}, "formal_check"),
    (WJ, {}, "site_survey"),
]


@pytest.mark.parametrize(("item", "choices", "step"), SENT_BACK)
def test_a_review_that_sends_back_leads_where_the_catalogue_says(
    office: Office, item: str, choices: dict[str, Any], step: str
) -> None:
    begin(office, item, "section_review", **choices)
    office.advance(minutes=31)
    with office.refused("invalid_answers") as refusal:
        office.complete("section", "section_review", review_result="back", back_reason=None)
    assert refusal.missing == ("/answers/back_reason",)
    office.complete("section", "section_review", review_result="back")
    assert office.open_steps() == [step]
    assert finish(office) == "granted"
    assert done(office).count("section_review") == 2


@pytest.mark.parametrize("item", ITEMS)
def test_a_decision_that_sends_back_goes_to_the_review_and_decides_nothing(office: Office, item: str) -> None:
    begin(office, item, "decide")
    do(office, "decide", decision="back")
    assert office.open_steps() == ["section_review"]
    assert office.case().decided_on is None
    assert not [d for d in office.documents() if d.kind in ("certificate", "refusal")]
    assert finish(office) == "granted"
    assert [row.kind for row in office.notices()].count("applicant_granted") == 1


def test_a_survey_that_fails_goes_to_the_section_with_what_it_found(office: Office) -> None:
    begin(office, YJ, "site_survey", survey_result="fail", review_result="agree_refuse", decision="refuse")
    do(office, "site_survey")
    assert office.open_steps() == ["section_review"]
    assert finish(office) == "refused"


def test_an_application_corrected_twice_is_received_with_the_last_correction(office: Office) -> None:
    begin(office, SG, "formal_check")
    for day in (date(2026, 3, 11), date(2026, 3, 13)):
        do(office, "formal_check", check_result="correction")
        office.advance(working_days=2)
        office.message("correction")
        assert office.case().received_on == day
    assert [row.kind for row in office.documents()] == ["correction_notice"] * 2
    assert finish(office) == "granted"


def test_a_correction_is_taken_once_and_only_where_one_is_waited_for(office: Office) -> None:
    begin(office, YJ, "formal_check")
    with office.refused("not_waiting"):
        office.message("correction", correction_note="主动补充")
    do(office, "formal_check", check_result="correction")
    with office.refused("invalid_answers"):
        office.message("correction", correction_note="补齐", approved=True)
    for nobody in ("officer", "section", "mz_clerk", "sup1"):
        with office.refused("not_permitted"):
            office.message("correction", by=nobody)
    office.message("correction")
    with office.refused("not_waiting"):
        office.message("correction", correction_note="再次补充")


# The impact approval and the public -----------------------------------------------------------------------------------


def to_the_decision_publicity(office: Office, **choices: Any) -> None:
    begin(office, HB, "decision_publicity", **choices)


@pytest.mark.parametrize(("doc_type", "ends"), [("form", date(2026, 3, 16)), ("book", date(2026, 3, 23))])
def test_acceptance_is_public_for_as_many_days_as_the_document_asks(office: Office, doc_type: str, ends: date) -> None:
    begin(office, HB, "technical_review", doc_type=doc_type)
    assert office.due_rows()["acceptance_publicity", "move"].date() == ends
    do(office, "technical_review")
    assert office.open_steps() == ["acceptance_publicity"], "the review waits for the publicity"
    do(office, "acceptance_publicity")
    assert office.open_steps() == ["section_review"]


def test_nobody_objects_and_the_vice_head_signs_next(office: Office) -> None:
    to_the_decision_publicity(office)
    do(office, "decision_publicity")
    assert office.open_steps() == ["vice_approve"]
    assert finish(office) == "granted"


def test_an_objection_is_dealt_with_before_the_vice_head_signs(office: Office) -> None:
    to_the_decision_publicity(office)
    office.message("objection", **OBJECTION)
    do(office, "decision_publicity")
    assert office.open_steps() == ["handle_objections"]
    with office.refused("not_permitted"):
        office.complete("officer", "handle_objections")
    assert finish(office) == "granted"
    assert "handle_objections" in done(office)


def test_an_objection_that_is_founded_leads_back_to_the_review(office: Office) -> None:
    to_the_decision_publicity(office)
    office.message("objection", by="clerk", **OBJECTION)
    do(office, "decision_publicity")
    do(office, "handle_objections", objection_result="founded")
    assert office.open_steps() == ["section_review"]
    do(office, "section_review", review_result="back")
    assert office.open_steps() == ["technical_review_again"]
    assert finish(office) == "granted"


def test_an_objection_is_heard_in_a_publicity_alone_and_needs_a_name_and_a_reason(office: Office) -> None:
    begin(office, HB, "formal_check")
    with office.refused("not_waiting"):
        office.message("objection", **OBJECTION)
    reach(office, "technical_review")
    with office.refused("invalid_answers") as refusal:
        office.message("objection", objection_text="反对")
    assert set(refusal.missing) == {
        "/answers/objector_name",
        "/answers/objector_mobile",
        "/answers/objection_text",
    }
    office.message("objection", **OBJECTION)
    office.message("objection", **OBJECTION)
    assert len(office.history(kind="objection_received")) == 2
    begin(office, YJ, "site_survey")
    with office.refused("not_waiting"):
        office.message("objection", **OBJECTION)


def test_the_vice_head_can_send_back_and_the_head_alone_decides(office: Office) -> None:
    begin(office, HB, "vice_approve")
    do(office, "vice_approve", vice_opinion="back", vice_note="防护距离依据不足")
    assert office.open_steps() == ["section_review"]
    reach(office, "decide")
    with office.refused("not_permitted"):
        office.complete("vice", "decide")
    assert finish(office) == "granted"


def test_the_publicity_leaves_its_proof_on_file(office: Office) -> None:
    """The material `publicity_proof` is the system's: nobody uploads it, and nothing waits for it."""
    office.start(HB)
    office.put(*[key for key in office.item(HB).materials if key != "publicity_proof"])
    reach(office, "vice_approve")
    assert finish(office) == "granted"
