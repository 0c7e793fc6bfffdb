"""A new case at the counter, and what the public may open."""

from __future__ import annotations

import io
import json
import re
from typing import Any

from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from service.database.session import reading
from service.database.tables import document
from tests.service_fixtures import Office
from tests.web.visiting import Page, Visitor, told, visit

FIRM = {
    "kind": "organisation",
    "name": "临江县恒晟化工有限公司",
    "number": "91329901MA1K2T3X6K",
    "mobile": "13800138001",
}
CODE = "/cases/new/LJ-YJ-XK-001"


def json_of(page: str, script: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{script}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_only_items_of_the_clerks_department_are_offered(office: Office) -> None:
    page = visit(office, "yj_clerk").page("/cases/new")
    assert "LJ-YJ-XK-001" in page and "LJ-SG-XK-001" not in page
    assert "没有符合条件的事项" in told(visit(office, "yj_clerk").page("/cases/new?q=婚姻登记"))


def test_the_guide_stands_beside_the_questions(office: Office) -> None:
    words = told(visit(office, "yj_clerk").page(CODE))
    for part in (
        "15 个工作日",
        "45 日",
        "不收费",
        "安全评价报告 原件 1 自备",
        "数据共享，免交",
        "材料齐全、符合法定形式",
    ):
        assert part in words, part
    assert "安全生产许可证条例 第 7 条" in words


def test_wrong_numbers_are_named_and_nothing_typed_is_lost(office: Office) -> None:
    clerk = visit(office, "yj_clerk")
    wrong = {**FIRM, "name": "", "number": "91329901MA1K2T3X60", "mobile": "12345", "agent_name": "李", "agent_id": "1"}
    answer = clerk.send(CODE, **wrong)
    assert answer.status_code == 422
    words = told(answer.text)
    assert "还不能继续，有 4 处要改" in words and "请填写申请人名称" in words and "信用代码校验不通过" in words
    assert 'value="91329901MA1K2T3X60"' in answer.text and 'value="12345"' in answer.text
    links = {given["href"] for given in Page(answer.text).all("a") if given.get("href", "").startswith("#")}
    assert {"#name", "#number", "#mobile", "#agent_id"} <= links
    described = {given.get("aria-describedby") for given in Page(answer.text).all("input", id="number")}
    assert described == {"number-h number-e"}


def test_the_form_knows_what_was_asked_before(office: Office) -> None:
    page = visit(office, "yj_clerk").send(CODE, **FIRM).text
    known = json_of(page, "values")
    assert known == {
        "today": "2026-11-23",
        "applicant_name": FIRM["name"],
        "applicant_code": FIRM["number"],
        "contact_mobile": FIRM["mobile"],
    }
    applicant = {"name": FIRM["name"], "mobile": FIRM["mobile"], "credit_code": FIRM["number"]}
    assert json_of(page, "extra") == {"power_item": "LJ-YJ-XK-001", "applicant": applicant}
    assert "近期已申请过" not in told(page)


def test_what_the_page_hands_to_the_interface_starts_the_case(office: Office) -> None:
    clerk = visit(office, "yj_clerk")
    extra = json_of(clerk.send(CODE, **FIRM).text, "extra")
    body = {**extra, "answers": office.application()["answers"]}
    answer = clerk.client.post("/api/v1/cases", json=body, headers={"X-CSRF-Token": clerk.token})
    assert answer.status_code == 201, answer.text
    assert told(clerk.page(f"/cases/{answer.get_json()['number']}")).count("材料核对") > 1
    missing = clerk.client.post("/api/v1/cases", json=body)
    assert missing.get_json()["code"] == "csrf_failed"


def test_a_second_application_for_the_same_item_is_asked_about(office: Office) -> None:
    number = office.start()["number"]
    clerk = visit(office, "yj_clerk")
    words = told(clerk.send(CODE, **FIRM).text)
    assert "同一申请人近期已申请过同一事项" in words and number in words and "确需再收的，可以继续" in words
    other = {**FIRM, "name": "另一个名字"}
    assert number in told(clerk.send(CODE, **other).text)
    office.wait(days=61)
    assert number not in told(visit(office, "yj_clerk").send(CODE, **FIRM).text)


def find(visitor: Visitor, number: str, secret: str) -> Any:
    return visitor.client.post("/public", data={"number": number, "secret": secret})


def test_the_public_sees_progress_masked_and_what_comes_next(office: Office) -> None:
    case = office.start()
    office.walk(case["number"], "site_survey")
    stranger = visit(office)
    answer = find(stranger, case["number"].lower(), case["secret"].lower())
    assert answer.status_code == 303 and case["secret"] not in answer.headers["Location"]
    words = told(stranger.page(answer.headers["Location"]))
    assert "正在办理：现场踏勘" in words and "您不用做什么" in words
    assert re.search(r"材料核对 已办 .* 现场踏勘 正在办 .* 科室审核 未到", words)
    for name in ("王晓燕", "李建华", "13800138001"):
        assert name not in words


def test_a_wrong_number_and_a_wrong_secret_are_answered_alike(office: Office) -> None:
    case = office.start()
    stranger = visit(office)
    answers = [
        find(stranger, case["number"], "AAAAAAAAAA"),
        find(stranger, "YJ-XK-2026-999999", case["secret"]),
        find(stranger, "", ""),
    ]
    assert {answer.status_code for answer in answers} == {404}
    heads = {told(answer.text).partition("办件编号")[0] for answer in answers}
    assert len(heads) == 1 and "编号或查询码不正确" in heads.pop()
    assert stranger.get(f"/public/cases/{case['number']}").status_code == 303


def test_guessing_secrets_is_slowed_down(office: Office) -> None:
    case = office.start()
    stranger = visit(office)
    for _ in range(20):
        assert find(stranger, case["number"], "AAAAAAAAAA").status_code == 404
    assert find(stranger, case["number"], case["secret"]).status_code == 429


def test_the_applicant_is_asked_for_a_correction_and_sends_it_from_the_page(office: Office) -> None:
    case = office.start()
    office.work(case["number"], "formal_check", check_result="correction")
    stranger = visit(office)
    find(stranger, case["number"], case["secret"])
    page = stranger.page(f"/public/cases/{case['number']}")
    words = told(page)
    assert "请您补齐材料并在下面提交" in words and "等您办理" in words
    extra = json_of(page, "extra-correction")
    assert extra == {"kind": "correction", "secret": case["secret"]}
    address = next(given["data-submit"] for given in Page(page).all("div") if "data-submit" in given)
    sent = stranger.client.post(address, json={**extra, "answers": {"correction_note": "已补齐安全评价报告"}})
    assert sent.status_code == 200, sent.text
    assert "正在办理：材料核对" in told(stranger.page(f"/public/cases/{case['number']}"))
    clerk = told(visit(office, "yj_clerk").page(f"/cases/{case['number']}"))
    assert "收到申请人补正" in clerk


def test_anybody_with_the_secret_may_object_during_publicity(office: Office) -> None:
    case = office.start("LJ-HB-XK-001")
    office.work(case["number"], "formal_check")
    stranger = visit(office)
    find(stranger, case["number"], case["secret"])
    page = stranger.page(f"/public/cases/{case['number']}")
    assert "正在公示" in told(page) and "提出意见" in told(page)
    assert json_of(page, "extra-objection")["kind"] == "objection"


def test_a_certificate_is_genuine_once_it_has_been_printed(office: Office) -> None:
    number = office.start("LJ-SG-XK-001")["number"]
    office.walk(number, "print_certificate")
    with reading(office.engine) as connection:
        paper = connection.execute(select(document.c.number).where(document.c.kind == "certificate")).scalar_one()
    stranger = visit(office)
    assert "没有找到编号为" in told(stranger.page(f"/public/verify?number={paper}"))
    assert visit(office, "sg_printer").sure().send(f"/cases/{number}/documents/certificate/print").status_code == 200
    words = told(stranger.page(f"/public/verify?number={paper}"))
    assert "真实" in words and paper in words and "县市场监督管理局" in words
    assert "没有找到编号为" in told(stranger.page("/public/verify?number=%25"))


def test_a_guide_shows_its_fee_in_words_and_its_diagram(office: Office) -> None:
    stranger = visit(office)
    words = told(stranger.page("/public/items/LJ-ZR-QR-001"))
    assert "¥80.00" in words and "property_use" not in words and "每增加一本" in words
    page = stranger.page("/public/items/LJ-YJ-XK-001")
    assert 'data-xml="/public/items/LJ-YJ-XK-001/drawing.bpmn"' in page
    assert "现场踏勘 5 个工作日 经办/执法人员 · 两名 · 最短 30 分钟" in told(page)
    assert "监察员处置" not in told(page)
    assert stranger.get("/public/items/LJ-YJ-XK-001/drawing.bpmn").mimetype == "application/xml"


def test_a_blank_form_asks_what_the_form_in_force_asks(office: Office) -> None:
    stranger = visit(office)
    page = stranger.page("/public/items/LJ-YJ-XK-001")
    address = "/public/items/LJ-YJ-XK-001/blank/application_form.pdf"
    assert page.count("/blank/") == 2 and f'href="{address}"' in page
    answer = stranger.get(address)
    assert answer.mimetype == "application/pdf" and answer.headers["Content-Disposition"].startswith("inline")
    words = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    for asked in ("安全生产许可证申请书", "县应急管理局", "统一社会信用代码", "CAS号", "首次申请", "第1版"):
        assert asked in words
    letter = stranger.get("/public/items/LJ-YJ-XK-001/blank/agent_authorisation.pdf")
    assert "受托人身份证号" in PdfReader(io.BytesIO(letter.data)).pages[0].extract_text()
    for wrong in ("LJ-YJ-XK-001/blank/survey_opinion.pdf", "LJ-YJ-XK-001/blank/nothing.pdf", "NO-SUCH/blank/a.pdf"):
        assert stranger.client.get(f"/public/items/{wrong}").status_code == 404


def test_a_blank_form_is_written_in_english_too(office: Office) -> None:
    answer = visit(office, language="en").get("/public/items/LJ-SG-XK-001/blank/application_form.pdf")
    words = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert "Market Regulation" in words and "courtesy translation" in words


def test_somebody_signed_in_may_ask_as_the_public_does(office: Office) -> None:
    case = office.start()
    clerk = visit(office, "yj_clerk")
    assert 'name="csrf_token"' in clerk.page("/public")
    assert clerk.send("/public", number=case["number"], secret=case["secret"]).status_code == 303


def test_anybody_may_upload_a_document_to_see_whether_it_is_as_it_was_signed(office: Office) -> None:
    number = office.start("LJ-SG-XK-001")["number"]
    office.walk(number, "print_certificate")
    pdf = visit(office, "sg_printer").sure().send(f"/cases/{number}/documents/certificate/print").data
    stranger = visit(office)

    def answer(content: bytes) -> str:
        return told(stranger.send("/public/verify", file=FileStorage(io.BytesIO(content), "x.pdf")).text)

    words = answer(pdf)
    assert "真实：与签发时完全一致" in words and "第 1 份" in words and "县市场监督管理局" in words
    assert "已被改动" in answer(pdf + b"\n")
    assert "不是本县签发的文件" in answer(b"%PDF-1.7 another")
    assert "请选择要核验的文件" in answer(b"")


def test_the_interface_verifies_numbers_and_files(office: Office) -> None:
    number = office.start("LJ-SG-XK-001")["number"]
    office.walk(number, "print_certificate")
    pdf = visit(office, "sg_printer").sure().send(f"/cases/{number}/documents/certificate/print").data
    client = office.client()
    paper = office.case(number)["documents"][-1]["number"]
    found = client.get("/api/v1/public/certificates", query_string={"number": paper}).get_json()
    assert (found["number"], found["kind"], found["department"]) == (paper, "certificate", "县市场监督管理局")
    assert client.get("/api/v1/public/certificates?number=JY0").status_code == 404
    for content, status in ((pdf, "genuine"), (pdf + b" ", "altered"), (b"other", "unknown")):
        stream, _, boundary = stream_encode_multipart(
            {"file": FileStorage(io.BytesIO(content), "x.pdf")}, use_tempfile=False
        )
        kind = f"multipart/form-data; boundary={boundary}"
        answer = client.post("/api/v1/public/files/verify", data=stream.read(), content_type=kind)
        assert answer.get_json()["status"] == status, answer.text
