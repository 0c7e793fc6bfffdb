"""What the applicant is told in writing: special procedures, extensions, suspensions, and what was served on him."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.service_fixtures import Office
from tests.web.test_case_moves import ENDING, GROUND, MZ, due, under_review
from tests.web.test_certificates import text_of

SG = "LJ-SG-XK-001"


def printed(office: Office, number: str, kind: str, by: str) -> str:
    answer = office.sign_in(by).sure().post(f"/cases/{number}/documents/{kind}/print")
    assert answer.status_code == 200, answer.text
    return text_of(answer.data)


def papers(office: Office, number: str) -> dict[str, Any]:
    return {one["kind"]: one for one in office.case(number)["documents"]}


def in_words(day: datetime) -> str:
    local = day + timedelta(hours=8)
    return f"{local.year}年{local.month}月{local.day}日"


def test_a_special_procedure_is_told_with_the_day_on_which_the_case_is_then_due(office: Office) -> None:
    number = under_review(office)
    before, _ = due(office, number, "promised_limit")
    reviewer = office.sign_in("yj_section")
    reviewer.post(f"/user-tasks/{office.task(number, 'section_review')['id']}/claim")
    body = {"kind": "appraisal", "planned_working_days": 5, "reason": "储罐送检"}
    assert reviewer.post(f"/cases/{number}/special-step", body).status_code == 200
    paper = papers(office, number)["special_notice"]
    assert (paper["number"], paper["name"]) == ("临应急特〔2026〕0001号", "特别程序告知书")
    text = printed(office, number, "special_notice", "yj_section")
    assert "鉴定" in text and "储罐送检" in text and "第四十五条" in text
    expected = in_words(before + timedelta(days=7) - timedelta(microseconds=1))
    assert f"顺延至{expected}" in text
    office.wait(days=14)
    assert due(office, number, "promised_limit")[0] == before + timedelta(days=7), "as the paper said"
    assert f"顺延至{expected}" in printed(office, number, "special_notice", "yj_section")


def test_the_procedure_that_a_diagram_draws_is_named_as_it_is(office: Office) -> None:
    number = office.start(complex_process=True)["number"]
    office.walk(number, "expert_review", complex_process=True)
    assert "专家评审" in printed(office, number, "special_notice", "yj_section")


def test_an_extension_is_told_with_its_reason_and_both_days(office: Office) -> None:
    number = under_review(office, MZ, change_items=["name"])
    before, _ = due(office, number, "promised_limit")
    why = {"reason": "材料复杂，需向上级请示"}
    assert office.sign_in("mz_head").sure().post(f"/cases/{number}/extend", why).status_code == 200
    text = printed(office, number, "extension_notice", "mz_section")
    after, _ = due(office, number, "promised_limit")
    for said in ("第四十二条", "材料复杂", "10个工作日", in_words(before), in_words(after)):
        assert said in text.replace(" ", ""), said


def test_a_suspension_and_its_end_are_told_each_by_a_paper_with_its_ground(office: Office) -> None:
    number = under_review(office)
    vice = office.sign_in("yj_vice").sure()
    assert vice.post(f"/cases/{number}/suspend", GROUND).status_code == 200
    text = printed(office, number, "suspension_notice", "yj_section")
    assert "《行政许可法实施细则》第三条" in text and GROUND["reason"] in text
    assert "书面告知新的办结期限" in text
    office.wait(days=14)
    assert vice.post(f"/cases/{number}/resume", {"reason": "判决已生效"}).status_code == 200
    text = printed(office, number, "resumption_notice", "yj_section")
    after, _ = due(office, number, "promised_limit")
    assert "判决已生效" in text and f"应于{in_words(after)}前" in text


def test_a_termination_is_a_decision_with_its_remedies(office: Office) -> None:
    number = under_review(office)
    assert office.sign_in("yj_vice").sure().post(f"/cases/{number}/terminate", ENDING).status_code == 200
    text = printed(office, number, "termination_decision", "yj_section")
    assert GROUND["reason"] in text and "六十日内向临江县人民政府申请行政复议" in text


def test_who_has_the_secret_sees_the_notices_with_their_numbers(office: Office) -> None:
    started = office.start()
    number = started["number"]
    office.walk(number, "section_review")
    assert office.sign_in("yj_vice").sure().post(f"/cases/{number}/suspend", GROUND).status_code == 200
    seen = office.client().get(f"/api/v1/public/cases/{number}?secret={started['secret']}").get_json()
    assert ("suspension_notice", "临应急中〔2026〕0001号") in [(d["kind"], d["number"]) for d in seen["documents"]]


def test_a_licence_that_is_delivered_has_a_receipt_for_the_holder_to_sign(office: Office) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "deliver")
    assert "delivery_receipt" not in papers(office, number)
    certificate = papers(office, number)["certificate"]["number"]
    office.work(number, "deliver")
    text = printed(office, number, "delivery_receipt", "sg_printer")
    for said in (certificate, "送达方式", "送达时间", "送达地点", "受送达人签名或者盖章", "见证人签名"):
        assert said in text, said


def test_a_refusal_that_is_served_has_one_too(office: Office) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "serve_refusal", decision="refuse")
    office.work(number, "serve_refusal")
    assert "不予" in printed(office, number, "delivery_receipt", "sg_clerk")
