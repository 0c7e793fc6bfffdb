"""停机补录 over the interface and at the counter: declare, print, enter, account for every number."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from pypdf import PdfReader

from tests.service_fixtures import Office
from tests.web.test_pages_counter import CODE, FIRM, json_of
from tests.web.visiting import told, visit


def instant(office: Office, **ahead: float) -> str:
    """In the county's zone."""
    return (office.now + timedelta(**ahead)).astimezone(office.services.settings.zone).isoformat()


def written(office: Office, **ahead: float) -> str:
    """As people write it."""
    return instant(office, **ahead)[:16].replace("T", " ")


def block(office: Office, count: int = 3, by: str = "yj_clerk") -> dict[str, Any]:
    body = {"department": by[:2].upper(), "count": count, "place": "1 号窗口", "reason": "备用"}
    made = office.sign_in(by).post("/paper-receipt-blocks", body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.get_json()
    return found


def declare(office: Office, **changes: Any) -> Any:
    body = {"departments": ["YJ"], "starts_at": instant(office), "ends_at": instant(office, hours=4), "reason": "断电"}
    return office.sign_in("secadmin").sure().post("/outages", body | changes)


def out_for_two_hours(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """Receipts are printed, the outage is declared, it ends two hours later: the block and the outage."""
    printed = block(office)
    office.wait(minutes=5)
    outage = declare(office)
    assert outage.status_code == 201, outage.text
    office.wait(hours=2)
    ended = office.sign_in("secadmin").post(f"/outages/{outage.get_json()['id']}/end", {"reason": "恢复供电"})
    assert ended.status_code == 200, ended.text
    return printed, ended.get_json()


def test_what_came_in_during_an_outage_is_entered_over_the_interface(office: Office) -> None:
    printed, outage = out_for_two_hours(office)
    assert (outage["state"], outage["receipts"]["blank"], outage["ended_by"]) == ("entering", 3, outage["declared_by"])
    number, received = printed["numbers"][0]["number"], instant(office, hours=-1)
    clerk = office.sign_in("yj_clerk")
    body = {**office.application(), "paper_receipt": {"number": number, "received_at": received}}
    entered = clerk.post("/cases", body)
    assert entered.status_code == 201, entered.text
    case = entered.get_json()
    assert case["paper_receipt"] == {
        "number": number,
        "received_at": received,
        "entered_at": instant(office),
        "outage": outage["number"],
        "in_time": True,
    }
    assert case["received_on"] == received[:10] and case["created_at"] == instant(office)
    again = clerk.post("/cases", body)
    assert (again.status_code, again.get_json()["code"]) == (422, "receipt_refused")
    (error,) = again.get_json()["errors"]
    assert (error["code"], error["pointer"]) == ("receipt_used", "/paper_receipt/number")
    (told_so,) = [e for e in clerk.get(f"/cases/{case['number']}/history").get_json()["items"] if "paper" in e["kind"]]
    assert told_so["payload"]["receipt"] == number
    seen = clerk.get(f"/paper-receipt-blocks/{printed['id']}").get_json()
    assert [one["status"] for one in seen["numbers"]] == ["entered", "blank", "blank"]
    assert seen["numbers"][0]["case_number"] == case["number"]
    assert office.start()["paper_receipt"] is None


def test_numbers_are_accounted_for_after_the_outage(office: Office) -> None:
    printed, outage = out_for_two_hours(office)
    first = printed["first"]
    body = {"first": first, "last": first + 1, "reason": "清点收回"}
    path = f"/paper-receipt-blocks/{printed['id']}"
    assert office.sign_in("yj_clerk").post(f"{path}/void", body).status_code == 403
    assert office.sign_in("sg_section").post(f"{path}/void", body).status_code == 404
    voided = office.sign_in("yj_section").post(f"{path}/void", body)
    assert [one["status"] for one in voided.get_json()["numbers"]] == ["void", "void", "blank"]
    office.wait(days=5)
    seen = office.sign_in("sup2").get(path).get_json()
    assert seen["receipts"] == {"entered": 0, "void": 2, "blank": 0, "missing": 1}
    assert [one["status"] for one in seen["numbers"]] == ["void", "void", "missing"]
    assert office.sign_in("sup2").get(f"/outages/{outage['id']}").get_json()["state"] == "over"
    blocks = office.sign_in("auditor").get(f"/paper-receipt-blocks?outage={outage['id']}").get_json()
    assert blocks["total"] == 1 and "numbers" not in blocks["items"][0]
    assert office.sign_in("sg_section").get("/paper-receipt-blocks").get_json()["total"] == 0


def test_the_sheets_have_a_page_for_each_blank_number_with_its_own_code(office: Office) -> None:
    printed = block(office)
    for language in ("zh-CN", "en"):
        body = {"lang": language, "reason": "换一种文字"}
        paper = office.sign_in("yj_clerk").post(f"/paper-receipt-blocks/{printed['id']}/paper", body)
        assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
        pages = PdfReader(io.BytesIO(paper.data)).pages
        assert len(pages) == 3
        for page, one in zip(pages, printed["numbers"], strict=True):
            assert page.extract_text().count(one["number"]) == 2
    path = f"/paper-receipt-blocks/{printed['id']}/paper"
    assert office.sign_in("sg_clerk").post(path, {}).status_code == 404
    assert office.sign_in("secadmin").post(path, {}).status_code == 403


def test_sheets_are_printed_again_with_a_reason_alone(office: Office) -> None:
    printed = block(office)
    clerk, path = office.sign_in("yj_clerk"), f"/paper-receipt-blocks/{printed['id']}/paper"
    assert clerk.post(path, {}).mimetype == "application/pdf"
    again = clerk.post(path, {})
    assert again.status_code == 422 and again.get_json()["errors"][0]["pointer"] == "/reason"
    assert clerk.post(path, {"reason": "卡纸，残页已收回"}).mimetype == "application/pdf"
    changes = (
        office.sign_in("auditor").get(f"/office-changes?subject=receipt_block/{printed['id']}").get_json()["items"]
    )
    assert [one["reason"] for one in changes if one["kind"] == "paper_sheets_printed"] == [
        "卡纸，残页已收回",
        "首次打印",
    ]


def test_an_outage_that_ends_by_itself_is_told_to_windows_and_to_who_declared_it(office: Office) -> None:
    block(office)
    office.wait(minutes=1)
    declare(office)
    office.wait(minutes=5)
    before = {who: _told_of_end(office, who) for who in ("yj_clerk", "secadmin", "yj_sup1")}
    assert set(before.values()) == {0}
    office.wait(hours=30)
    assert {who: _told_of_end(office, who) for who in before} == dict.fromkeys(before, 1)


def test_an_outage_that_was_lengthened_is_told_once_at_its_later_end(office: Office) -> None:
    block(office)
    office.wait(minutes=1)
    made = declare(office).get_json()
    later = datetime.fromisoformat(made["ends_at"]) + timedelta(hours=6)
    body = {"ends_at": later.isoformat(), "reason": "抢修未完"}
    done = office.sign_in("secadmin").sure().post(f"/outages/{made['id']}/lengthen", body)
    assert done.status_code == 200, done.text
    office.stepping.move_to(datetime.fromisoformat(made["ends_at"]) + timedelta(minutes=1))
    assert _told_of_end(office, "yj_clerk") == 0
    office.stepping.move_to(later + timedelta(minutes=1))
    assert _told_of_end(office, "yj_clerk") == 1


def _told_of_end(office: Office, who: str) -> int:
    told = office.sign_in("auditor").get("/notices?limit=200").get_json()["items"]
    name = office.sign_in(who).get("/me").get_json()["user"]["name"]
    return sum(one["recipient_name"] == name and "已到预计恢复时间" in one["text"] for one in told)


def test_how_far_back_and_how_long_an_outage_may_be_is_the_county_s_own_setting(office: Office) -> None:
    block(office)
    office.wait(minutes=1)
    assert declare(office, starts_at=instant(office, hours=-20)).status_code == 422
    chosen = {"most_back_hours": 24, "longest_days": 3, "most_ahead_days": 30}
    for wrong in ({**chosen, "longest_days": 0}, {**chosen, "most_back_hours": True}, {}):
        refused = (
            office.sign_in("secadmin").sure().post("/settings/outages/proposals", {"content": wrong, "reason": "试"})
        )
        assert refused.status_code == 422, refused.text
    offered = (
        office.sign_in("secadmin").sure().post("/settings/outages/proposals", {"content": chosen, "reason": "夜间停电"})
    )
    assert offered.status_code == 202, offered.text
    assert declare(office, starts_at=instant(office, hours=-20)).status_code == 422
    agreed = office.sign_in("sysadmin").sure().post(f"/proposals/{offered.get_json()['id']}/approve", {})
    assert agreed.status_code == 200, agreed.text
    assert declare(office, starts_at=instant(office, hours=-20)).status_code == 201
    page = told(visit(office, "secadmin").page("/settings"))
    assert "停机公告" in page and "本县选定" in page


def test_only_the_security_administrator_declares_and_in_person(office: Office) -> None:
    body = {"departments": [], "starts_at": instant(office), "ends_at": instant(office, hours=1), "reason": "断电"}
    unsure = office.sign_in("secadmin").post("/outages", body)
    assert (unsure.status_code, unsure.get_json()["code"]) == (403, "second_factor_required")
    for who in ("sysadmin", "yj_head", "sup2"):
        assert office.sign_in(who).sure().post("/outages", body).get_json()["code"] == "not_permitted"
    for wrong in (
        {"starts_at": instant(office, hours=-13)},
        {"ends_at": instant(office, days=8)},
        {"departments": ["XX"]},
        {"starts_at": "2026-11-23T09:00"},
    ):
        refused = declare(office, **wrong)
        assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")
    made = declare(office).get_json()
    twice = declare(office, departments=[])
    assert twice.get_json()["errors"][0]["code"] == "overlaps"
    longer = {"ends_at": instant(office, hours=6), "reason": "未修好"}
    seen = office.sign_in("secadmin").sure().post(f"/outages/{made['id']}/lengthen", longer).get_json()
    assert seen["ends_at"] == longer["ends_at"]
    objection = office.sign_in("yj_sup1").post(f"/outages/{made['id']}/object", {"reason": "未见停机"}).get_json()
    assert objection["objection"] == "未见停机"
    assert office.sign_in("sg_sup1").post(f"/outages/{made['id']}/object", {"reason": "同"}).status_code == 403
    kinds = [one["kind"] for one in office.sign_in("auditor").get("/office-changes").get_json()["items"]]
    assert kinds == ["outage_objected", "outage_lengthened", "outage_declared"]
    assert [one["number"] for one in office.sign_in("yj_clerk").get("/outages").get_json()["items"]] == [made["number"]]


def test_the_public_reads_of_outages_and_checks_a_receipt(office: Office) -> None:
    printed = block(office)
    number = printed["numbers"][0]["number"]
    office.wait(minutes=1)
    outage = declare(office).get_json()
    public = office.client()
    (announced,) = public.get("/api/v1/public/outages").get_json()["items"]
    assert (announced["number"], announced["state"]) == (outage["number"], "running")
    assert "declared_by" not in announced
    seen = public.get(f"/api/v1/public/paper-receipts/{number}").get_json()
    assert (seen["status"], seen["number"]) == ("blank", number)
    assert public.get("/api/v1/public/paper-receipts/SJ-2026-000001-AAAAA").status_code == 404
    home, page = visit(office).page("/public"), visit(office).page(f"/public/paper-receipts/{number}")
    assert "系统停机，窗口凭纸质凭证收件" in told(home) and outage["number"] in told(home)
    assert "真实 未补录" in told(page) and "应急" in told(page)
    unknown = visit(office).get("/public/paper-receipts/SJ-2026-000001-AAAAA")
    assert unknown.status_code == 404 and "没有印制过" in told(unknown.text)
    office.wait(hours=5)
    assert "正在补录" in told(visit(office).page("/public"))
    office.wait(days=5)
    assert outage["number"] not in visit(office).page("/public")


def test_guessing_receipts_is_slowed_down(office: Office) -> None:
    public = office.client()
    codes = {public.get(f"/api/v1/public/paper-receipts/SJ-2026-{n:06d}-AAAAA").status_code for n in range(61)}
    assert codes == {404, 429}


def test_an_outage_is_declared_ended_and_objected_to_on_its_pages(office: Office) -> None:
    admin = visit(office, "secadmin").sure()
    form = {"starts_at": written(office), "ends_at": written(office, hours=3), "reason": "机房断电"}
    wrong = admin.send("/outages", **form | {"ends_at": "下午"})
    assert wrong.status_code == 422 and "请填时间" in told(wrong.text) and "机房断电" in wrong.text
    page = admin.sent("/outages", **form, departments="YJ")
    assert "停机已公告" in told(page) and "停机中" in told(page)
    office.wait(hours=1)
    longer = {"ends_at": written(office, hours=4), "reason": "未修好"}
    assert "停机已延长" in told(admin.sent("/outages/1/lengthen", **longer))
    refused = admin.send("/outages/1/lengthen", ends_at=written(office), reason="错")
    assert refused.status_code == 422 and "须晚于原止点" in told(refused.text)
    assert "已公告恢复" in told(admin.sent("/outages/1/end", at="", reason="恢复供电"))
    assert admin.send("/outages/1/end", at="", reason="恢复供电").status_code == 409
    assert admin.send("/outages/1/anything", reason="x").status_code == 404
    supervisor = visit(office, "yj_sup1")
    assert "监察员有异议" in told(supervisor.sent("/outages/1/object", reason="未见停机"))
    assert "有异议" in told(visit(office, "yj_clerk").page("/outages"))
    assert visit(office, "yj_clerk").send("/outages", **form).status_code == 403
    planned = {"starts_at": written(office, days=2), "ends_at": written(office, days=2, hours=1), "reason": "升级"}
    assert "未开始" in told(admin.sent("/outages", **planned))
    assert "已取消" in told(admin.sent("/outages/2/end", reason="改期"))


def test_declaring_on_the_page_asks_for_the_person(office: Office) -> None:
    admin = visit(office, "secadmin")
    form = {"starts_at": written(office), "ends_at": written(office, hours=3), "reason": "机房断电"}
    answer = admin.send("/outages", **form)
    assert answer.status_code == 403 and "动态" in told(answer.text)


def test_receipts_are_printed_and_voided_on_their_pages(office: Office) -> None:
    clerk = visit(office, "yj_clerk")
    wrong = clerk.send("/paper-receipts", department="YJ", count="0", place="", reason="备用")
    assert wrong.status_code == 422 and "1 至 200 份" in told(wrong.text)
    page = clerk.sent("/paper-receipts", department="YJ", count="3", place="1 号窗口", reason="备用")
    assert "号码已登记" in told(page) and page.count("SJ-2026-00000") == 3 and "清点作废" not in told(page)
    assert clerk.send("/paper-receipts/1/paper").mimetype == "application/pdf"
    assert "已打印 1 次" in told(clerk.page("/paper-receipts/1"))
    assert "须写明理由" in told(clerk.send("/paper-receipts/1/paper").text)
    assert clerk.send("/paper-receipts/1/paper", reason="卡纸").mimetype == "application/pdf"
    section = visit(office, "yj_section")
    bad = section.send("/paper-receipts/1/void", first="1", last="9", reason="清点")
    assert bad.status_code == 422 and "号段须在" in told(bad.text)
    assert "已作废 3 份" in told(section.sent("/paper-receipts/1/void", first="1", last="3", reason="清点"))
    assert section.send("/paper-receipts/1/paper").status_code == 404
    assert visit(office, "sg_section").get("/paper-receipts/1").status_code == 404


def test_the_counter_asks_for_the_receipt_where_the_department_was_out(office: Office) -> None:
    clerk = visit(office, "yj_clerk")
    assert "凭停机收件凭证补录" not in told(clerk.page(CODE))
    printed, outage = out_for_two_hours(office)
    page = clerk.page(CODE)
    assert "凭停机收件凭证补录" in told(page) and outage["number"] in told(page)
    assert "凭停机收件凭证补录" not in told(visit(office, "sg_clerk").page("/cases/new/LJ-SG-XK-001"))
    number, at = printed["numbers"][0]["number"], written(office, hours=-1)
    for paper, words in (
        ({"paper_number": "SJ-2026-000001-AAAAA", "paper_received_at": at}, "没有这个收件凭证编号"),
        ({"paper_number": number, "paper_received_at": "上午"}, "请填时间"),
        ({"paper_number": number, "paper_received_at": written(office, hours=-3)}, "收件时间须在停机"),
        ({"paper_number": "", "paper_received_at": at}, "请填收件凭证编号"),
    ):
        answer = clerk.send(CODE, **FIRM, **paper)
        assert answer.status_code == 422 and words in told(answer.text), words
    form = clerk.send(CODE, **FIRM, paper_number=number, paper_received_at=at)
    assert form.status_code == 200
    extra = json_of(form.text, "extra")
    assert extra["paper_receipt"] == {"number": number, "received_at": instant(office, hours=-1)[:16] + ":00+08:00"}
    entered = office.sign_in("yj_clerk").post("/cases", {**office.application(), **extra})
    assert entered.status_code == 201, entered.text
    case = told(visit(office, "yj_section").page(f"/cases/{entered.get_json()['number']}"))
    assert number in case and at in case and f"停机补录：{at} 凭收件凭证" in case
    english = told(visit(office, "yj_section", "en").page(f"/cases/{entered.get_json()['number']}"))
    assert "Entered after an outage" in english


def test_a_call_of_the_hotline_is_entered_from_its_receipt(office: Office) -> None:
    item = "LJ-RX-EX-001"
    operator = visit(office, "rx_hotline_operator")
    assert 'data-island="form"' in operator.page(f"/cases/new/{item}")
    printed = block(office, by="rx_hotline_operator")
    office.wait(minutes=1)
    declare(office, departments=["RX"])
    office.wait(minutes=10)
    page = operator.page(f"/cases/new/{item}")
    assert "停机收件补录" in told(page) and 'name="mobile"' not in page
    paper = {"paper_number": printed["numbers"][0]["number"], "paper_received_at": written(office, minutes=-5)}
    form = operator.send(f"/cases/new/{item}", **paper)
    assert json_of(form.text, "extra")["paper_receipt"]["number"] == paper["paper_number"]
    assert json_of(operator.send(f"/cases/new/{item}").text, "extra") == {"power_item": item}


def test_a_case_is_linked_for_those_alone_who_may_open_it(office: Office) -> None:
    printed, _ = out_for_two_hours(office)
    receipt = {"number": printed["numbers"][0]["number"], "received_at": instant(office, hours=-1)}
    case = office.sign_in("yj_clerk").post("/cases", {**office.application(), "paper_receipt": receipt}).get_json()
    place, link = f"/paper-receipts/{printed['id']}", f'href="/cases/{case["number"]}"'
    opens, names = visit(office, "yj_section").page(place), visit(office, "secadmin").page(place)
    assert link in opens
    assert link not in names and case["number"] in names
