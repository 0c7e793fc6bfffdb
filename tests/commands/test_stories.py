"""The six items from the counter to their ends, by every way that the catalogue draws."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from service.database.tables import publication
from tests.commands.office import Office
from tests.commands.stories import HB, ITEMS, MZ, SG, WJ, YJ, ZR
from tests.commands.walking import begin, do, done, finish

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
