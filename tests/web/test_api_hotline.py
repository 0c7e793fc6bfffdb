"""The hotline's work order over the interface and on its pages: who sees it, who may act, what the public is told."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pypdf import PdfReader
from sqlalchemy import select

from service.database.session import reading
from service.database.tables import notice
from tests.service_fixtures import PDF, Office
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


SECRET = {"keep_secret": "yes"}


def _whole_way(office: Office, reader: str, number: str) -> str:
    """Everything that a person can read of an order, over the interface and on its pages."""
    person, browser = office.sign_in(reader), visit(office, reader)
    paths = f"/cases/{number}", f"/cases/{number}/history?limit=200", f"/cases?q={number}", f"/notices?case={number}"
    paths += f"/user-tasks?view=department&case={number}", f"/cases/{number}/clerical-corrections"
    texts = [person.get(path).get_data(as_text=True) for path in paths]
    for task in person.get(f"/cases/{number}").get_json()["user_tasks"]:
        texts.append(person.get(f"/user-tasks/{task['id']}").get_data(as_text=True))
    texts += [browser.page(f"/cases/{number}"), browser.page(f"/cases?q={number}"), browser.page("/work")]
    return "\n".join(texts)


def test_a_caller_who_wants_to_stay_unknown_is_known_to_those_alone_who_took_the_call(office: Office) -> None:
    number = _order(office, **SECRET)["number"]
    office.walk(number, "follow_up")
    for reader in ("sg_officer", "sg_section", "sg_dept_clerk", "sg_sup1"):
        text = _whole_way(office, reader, number)
        assert "13800138001" not in text and "张伟明" not in text, reader
        assert "保密诉求人" in text
    seen = office.sign_in("rx_hotline_visitor").get(f"/cases/{number}").get_json()["applicant"]
    assert (seen["name"], seen["mobile"], seen["secret"]) == ("张伟明", "13800138001", True)
    page = visit(office, "rx_hotline_visitor").page(f"/cases/{number}")
    assert "张伟明" in page and "要求保密" in page and "诉求人" in page
    assert office.sign_in("sup2").get(f"/cases/{number}").get_json()["applicant"]["mobile"] == "13800138001"
    assert office.sign_in("sg_officer").get("/cases?q=张伟明").get_json()["items"] == []


def test_no_paper_of_a_secret_caller_names_him(office: Office) -> None:
    number = _order(office, **SECRET)["number"]
    office.walk(number, "the end")
    for kind in ("work_order", "reply"):
        printed = office.sign_in("sg_dept_clerk").post(f"/cases/{number}/documents/{kind}/print")
        assert printed.status_code == 200, printed.text
        said = "".join(page.extract_text() for page in PdfReader(BytesIO(printed.data)).pages)
        assert "张伟明" not in said and "13800138001" not in said
    archive = office.sign_in("sup2").get(f"/cases/{number}/archive")
    assert archive.status_code in (200, 403)


def test_a_secret_caller_is_told_all_the_same(office: Office) -> None:
    number = _order(office, **SECRET)["number"]
    office.walk(number, "the end")
    with reading(office.engine) as connection:
        told = connection.execute(select(notice).where(notice.c.kind == "applicant_call_replied")).one()
    assert (told.recipient_name, told.address) == ("保密诉求人", "13800138001")


def test_who_does_not_ask_for_it_is_known_to_the_department(office: Office) -> None:
    number = _order(office)["number"]
    office.walk(number, "handle")
    assert office.sign_in("sg_officer").get(f"/cases/{number}").get_json()["applicant"]["mobile"] == "13800138001"


def test_departments_that_assist_read_the_order_and_do_nothing_in_it(office: Office) -> None:
    number = _order(office)["number"]
    assert office.sign_in("hb_officer").get(f"/cases/{number}").status_code == 404
    office.walk(number, "contact_caller", co_departments=["HB"])
    assert office.sign_in("hb_officer").get(f"/cases/{number}").status_code == 200
    assert number in visit(office, "hb_officer").page(f"/cases?q={number}")
    assert office.sign_in("wj_officer").get(f"/cases/{number}").status_code == 404
    uploaded = office.sign_in("hb_officer").upload(number, "handle_evidence", PDF)
    assert uploaded.status_code == 403
    printed = office.sign_in("hb_dept_clerk").post(f"/cases/{number}/documents/work_order/print")
    assert printed.status_code == 403


def test_a_department_that_assisted_and_is_then_chosen_does_its_steps(office: Office) -> None:
    number = _order(office)["number"]
    office.walk(number, "handle", co_departments=["HB"], target_department="HB")
    assert office.sign_in("hb_officer").upload(number, "handle_evidence", PDF).status_code == 201
