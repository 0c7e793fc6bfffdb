"""The public view: who has the secret sees the progress, masked; nobody else learns that the case is there."""

from __future__ import annotations

from typing import Any

import pytest

from service.enquiry.reference import is_secret_of, secret_of
from service.people.masking import mask_account, mask_address, mask_id_number, mask_mobile, mask_name
from tests.service_fixtures import Office


def ask(office: Office, case: dict[str, Any], **headers: str) -> Any:
    answer = office.client().get(f"/api/v1/public/cases/{case['number']}?secret={case['secret']}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_a_stranger_follows_a_case_by_number_and_secret(office: Office) -> None:
    case = office.start()
    office.walk(case["number"], "section_review")
    found = ask(office, case)
    assert (found["reference"], found["status"], found["accepted_on"]) == (case["number"], "open", "2026-11-23")
    assert [(step["name"], step["done"]) for step in found["steps"]] == [
        ("提交申请", True),
        ("材料核对", True),
        ("现场踏勘", True),
        ("科室审核", False),
    ]
    assert [document["kind"] for document in found["documents"]] == ["acceptance_notice"]
    assert ask(office, case, **{"Accept-Language": "en"})["steps"][1]["name"] == "Check of materials"


def test_no_person_no_number_and_no_secret_of_the_office_is_shown(office: Office) -> None:
    case = office.start()
    office.walk(case["number"], "the end")
    shown = office.client().get(f"/api/v1/public/cases/{case['number']}?secret={case['secret']}").text
    for hidden in (
        "张伟明",
        "329901198506072015",
        "13800138001",
        "王晓燕",
        "李建华",
        "港城路",
        case["secret"],
        "assignee",
    ):
        assert hidden not in shown


def test_a_result_shows_the_items_public_fields_alone_and_masks_them(office: Office) -> None:
    case = office.start("LJ-MZ-XK-001")
    before = ask(office, case)
    assert (before["published_at"], before["result"]) == (None, [])
    office.walk(case["number"], "print_certificate")
    result = {row["key"]: row["value"] for row in ask(office, case)["result"]}
    assert set(result) <= {"applicant_name", "reg_kind", "cert_no", "address", "legal_rep_name", "supervisor_unit"}
    assert result["legal_rep_name"] == "张**"
    assert result["address"] == "临江县****"
    assert result["reg_kind"] == "变更登记"


def test_a_land_register_case_shows_its_progress_and_neither_side(office: Office) -> None:
    body = office.application("LJ-ZR-QR-001")
    body["applicant"] = {"name": "欧阳建国", "id_number": "329901197802153376", "mobile": "13800138003"}
    case = office.sign_in("zr_clerk").post("/cases", body).get_json()
    office.walk(case["number"], "print_certificate")
    found = ask(office, case)
    assert found["applicant"] == "欧阳**"
    assert {row["key"] for row in found["result"]} == {"case_no", "status", "decided_on"}


def test_a_wrong_number_and_a_wrong_secret_are_answered_alike(office: Office) -> None:
    case = office.start()
    client = office.client()
    answers = [
        client.get(f"/api/v1/public/cases/{number}?secret={secret}")
        for number, secret in (
            (case["number"], "A" * 10),
            (case["number"], ""),
            ("YJ-XK-2026-000002", case["secret"]),
            ("YJ-XK-2026-000002", secret_of(office.services.settings.secret_key, "YJ-XK-2026-000002")),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    told = [{k: v for k, v in answer.get_json().items() if k != "request_id"} for answer in answers]
    assert all(one == told[0] for one in told)


def test_a_supervision_order_is_not_for_the_public(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    office.wait(seconds=58)
    office.complete(number, "site_survey", "yj_officer")
    order = office.sign_in("yj_sup1").get("/supervision-orders").get_json()["items"][0]["number"]
    secret = secret_of(office.services.settings.secret_key, order)
    assert office.client().get(f"/api/v1/public/cases/{order}?secret={secret}").status_code == 404


def test_guessing_secrets_is_stopped_and_the_right_one_waits_too(office: Office) -> None:
    case = office.start()
    client, path = office.client(), f"/api/v1/public/cases/{case['number']}"
    statuses = [client.get(f"{path}?secret=A{i:09d}").status_code for i in range(25)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    assert client.get(f"{path}?secret={case['secret']}").status_code == 429
    elsewhere = client.get(f"{path}?secret={case['secret']}", environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert elsewhere.status_code == 200


def test_asking_rightly_is_never_slowed_down(office: Office) -> None:
    case = office.start()
    for _ in range(30):
        ask(office, case)


def test_an_applicant_sends_a_correction_through_the_public_door(office: Office) -> None:
    case = office.start()
    office.work(case["number"], "formal_check", check_result="correction")
    assert ask(office, case)["waiting_for"] == ["correction"]
    path = f"/api/v1/public/cases/{case['number']}/messages"
    body = {"kind": "correction", "answers": office.answers("LJ-YJ-XK-001", "await_correction")}
    assert office.client().post(path, json=body).status_code == 404, "without the secret there is no such case"
    wrong = office.client().post(path, json={**body, "answers": {"x": 1}, "secret": case["secret"]})
    assert wrong.get_json()["code"] == "invalid_answers"
    key = {"Idempotency-Key": "m1"}
    taken = office.client().post(f"{path}?secret={case['secret']}", json=body, headers=key)
    assert (taken.status_code, taken.get_json()["waiting_for"]) == (200, [])
    again = office.client().post(f"{path}?secret={case['secret']}", json=body, headers=key)
    assert again.get_json() == taken.get_json()
    assert [t["element_id"] for t in office.case(case["number"])["user_tasks"]] == ["formal_check"]
    late = office.client().post(f"{path}?secret={case['secret']}", json=body)
    assert (late.status_code, late.get_json()["code"]) == (409, "not_waiting")


def test_an_objection_is_taken_while_the_publicity_runs(office: Office) -> None:
    case = office.start("LJ-HB-XK-001")
    office.work(case["number"], "formal_check")
    assert "objection" in ask(office, case)["waiting_for"]
    filled = {
        "objector_name": "李秀兰",
        "objector_mobile": "13800138002",
        "objection_text": "项目距居民区不足一百米，夜间噪声扰民，报告未作评价，请复核后再行决定。",
    }
    body = {"kind": "objection", "answers": filled, "secret": case["secret"]}
    sent = office.client().post(f"/api/v1/public/cases/{case['number']}/messages", json=body)
    assert sent.status_code == 200, sent.text
    kinds = [e["kind"] for e in office.sign_in("auditor").get(f"/cases/{case['number']}/history").get_json()["items"]]
    assert "objection_received" in kinds


def test_the_applicant_sees_what_to_pay(office: Office) -> None:
    case = office.start("LJ-ZR-QR-001")
    office.walk(case["number"], "await_payment")
    fee = ask(office, case)["fees"][0]
    assert (fee["amount_fen"], fee["status"], len(fee["pay_code"])) == (8000, "unpaid", 20)


def test_a_secret_is_ten_characters_of_its_number_alone() -> None:
    key = b"k" * 32
    secret = secret_of(key, "YJ-XK-2026-000001")
    assert len(secret) == 10
    assert is_secret_of(key, "YJ-XK-2026-000001", f" {secret[:4].lower()}-{secret[4:]}")
    assert not is_secret_of(key, "YJ-XK-2026-000002", secret)
    assert not is_secret_of(b"l" * 32, "YJ-XK-2026-000001", secret)
    assert not is_secret_of(key, "YJ-XK-2026-000001", "密")
    assert not is_secret_of(key, "YJ-XK-2026-000001", "")


@pytest.mark.parametrize(
    ("masked", "shown"),
    [
        (mask_name("张伟"), "张*"),
        (mask_name("张伟明"), "张**"),
        (mask_name("欧阳建国"), "欧阳**"),
        (mask_name("欧阳"), "欧*"),
        (mask_name("买买提·艾力"), "买*****"),
        (mask_name(""), ""),
        (mask_id_number("329901198506072015"), "329901********2015"),
        (mask_id_number("E12345678"), "E1*******"),
        (mask_mobile("13800138001"), "138****8001"),
        (mask_mobile("0513-1234"), "*********"),
        (mask_account("6222021234567890"), "************7890"),
        (mask_address("江苏省南通市临江县石桥镇振兴街 52 号"), "江苏省南通市临江县石桥镇****"),
        (mask_address("临江县南湖街道望江里 3 幢"), "临江县南湖街道****"),
        (mask_address("人民东路 206 号"), "****"),
    ],
)
def test_personal_data_is_masked(masked: str, shown: str) -> None:
    assert masked == shown
