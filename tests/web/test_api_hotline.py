"""The hotline's work order over the interface and on its pages: who sees it, who may act, what the public is told."""

from __future__ import annotations

from typing import Any

from tests.service_fixtures import Office
from tests.web.visiting import visit

HOTLINE = "LJ-RX-EX-001"


def _order(office: Office, **choices: Any) -> dict[str, Any]:
    return office.start(HOTLINE, **choices)


def test_an_order_goes_its_whole_way_over_the_interface(office: Office) -> None:
    number = _order(office)["number"]
    case = office.walk(number, "the end")
    assert (case["status"], case["outcome"]) == ("completed", "answered")
    by_department = {step["element_id"]: step["department"] for step in case["steps_done"]}
    assert by_department["dispatch"] == "RX" and by_department["handle"] == "SG"
    papers = {paper["kind"]: paper["number"] for paper in case["documents"]}
    assert papers["work_order"].startswith("LJ12345-") and papers["reply"].startswith("临市监复")


def test_the_department_prints_the_reply_and_another_knows_of_nothing(office: Office) -> None:
    number = _order(office)["number"]
    office.walk(number, "follow_up")
    printed = office.sign_in("sg_dept_clerk").post(f"/cases/{number}/documents/reply/print")
    assert printed.status_code == 200 and printed.data.startswith(b"%PDF")
    for stranger in ("hb_dept_clerk", "hb_officer", "yj_clerk"):
        assert office.sign_in(stranger).get(f"/cases/{number}").status_code == 404
        assert office.sign_in(stranger).post(f"/cases/{number}/documents/reply/print").status_code in (403, 404)


def test_only_an_operator_takes_calls_and_no_applicant_is_asked_for(office: Office) -> None:
    body = office.application(HOTLINE)
    assert "applicant" not in body
    refused = office.sign_in("rx_hotline_dispatcher").post("/cases", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    refused = office.sign_in("yj_clerk").post("/cases", {"power_item": "LJ-YJ-XK-001", "answers": {}})
    assert refused.status_code == 422


def test_the_public_follows_an_order_masked(office: Office) -> None:
    case = _order(office)
    answer = office.client().get(f"/api/v1/public/cases/{case['number']}?secret={case['secret']}")
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert "13800138001" not in text and "油烟" not in text and "张伟明" not in text
    assert answer.get_json()["applicant"] == "张**"


def test_the_operator_opens_the_form_at_once_and_finds_the_item_in_the_list(office: Office) -> None:
    operator = visit(office, "rx_hotline_operator")
    assert HOTLINE in operator.page("/cases/new")
    page = operator.page(f"/cases/new/{HOTLINE}")
    assert "诉求内容" in page and "第 1 步" not in page
    assert "新收申请" in operator.page("/work")
    assert visit(office, "hb_officer").get("/cases/new").status_code == 403


def test_nobody_is_chosen_where_nobody_can_take_it(office: Office) -> None:
    number = _order(office)["number"]
    task = office.task(number, "dispatch")
    given = {"target_department": "JY", "co_departments": []}
    refused = (
        office.sign_in("rx_hotline_dispatcher").sure().post(f"/user-tasks/{task['id']}/complete", {"answers": given})
    )
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/answers/target_department"]
