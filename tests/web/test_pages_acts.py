"""What one does on pages without a script: claim, sign, upload, pay, print, and how a refusal comes back."""

from __future__ import annotations

import io
import re

from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage

from service.database.session import reading, transaction
from service.database.tables import attachment, case, user_task
from tests.service_fixtures import PDF, Office
from tests.web.visiting import Page, told, visit


def task_of(office: Office, number: str) -> str:
    with reading(office.engine) as connection:
        return str(
            connection.execute(
                select(user_task.c.id)
                .join(case, case.c.id == user_task.c.case_id)
                .where(case.c.number == number, user_task.c.status == "open")
            ).scalar_one()
        )


def assignee_of(office: Office, task_id: str) -> int | None:
    with reading(office.engine) as connection:
        return connection.execute(select(user_task.c.assignee).where(user_task.c.id == task_id)).scalar_one()


def test_a_task_is_claimed_worked_on_and_given_back(office: Office) -> None:
    number = office.start()["number"]
    clerk, task = visit(office, "yj_clerk"), task_of(office, office.start()["number"])
    page = clerk.page(f"/cases/{number}")
    assert "领取" in told(page) and "data-readonly" in page
    after = clerk.sent(f"/tasks/{task_of(office, number)}/claim", next=f"/cases/{number}")
    assert "已领取" in told(after)
    assert f'data-submit="/api/v1/user-tasks/{task_of(office, number)}/complete"' in after
    assert "data-readonly" not in after
    assert "已退签" in told(clerk.sent(f"/tasks/{task_of(office, number)}/release", next=f"/cases/{number}"))
    assert assignee_of(office, task) is None


def test_a_task_that_somebody_else_took_says_who_and_when(office: Office) -> None:
    number = office.start()["number"]
    first, second = visit(office, "yj_clerk"), visit(office, "yj_clerk2")
    task = task_of(office, number)
    first.sent(f"/tasks/{task}/claim", next="/work")
    late = second.sent(f"/tasks/{task}/claim", next="/work?view=claimable")
    assert "本环节已由王晓燕于 2026-11-23 09:00 领取" in told(late)
    assert "由 王晓燕 办理" in told(second.page(f"/cases/{number}"))


def test_several_tasks_are_claimed_at_once_and_never_completed_at_once(office: Office) -> None:
    numbers = [office.start()["number"] for _ in range(3)]
    clerk = visit(office, "yj_clerk")
    visit(office, "yj_clerk2").sent("/work/claim", claim=task_of(office, numbers[0]))
    after = clerk.send("/work/claim", task=[task_of(office, number) for number in numbers], act="claim").text
    assert "已签收 2 件 · 未签收 1 件" in told(after) and "周海涛" in told(after)
    assert all(number in told(after) for number in numbers)
    assert [assignee_of(office, task_of(office, number)) for number in numbers] == [2, 1, 1]
    assert "没有勾选办件" in told(clerk.sent("/work/claim"))


def test_the_work_list_filters_counts_and_keeps_what_is_excluded_apart(office: Office) -> None:
    numbers = [office.start()["number"] for _ in range(2)]
    office.walk(numbers[0], "section_review")
    clerk, section = visit(office, "yj_clerk"), visit(office, "yj_section")
    assert numbers[1] in clerk.page("/work?view=claimable")
    assert numbers[0] not in clerk.page("/work?view=claimable")
    assert numbers[0] in section.page("/work?view=claimable&step=section_review")
    assert "没有符合条件的办件" in section.page("/work?view=claimable&q=nobody")
    assert numbers[0] in section.page("/work?view=claimable&q=恒晟")
    assert numbers[0] in clerk.page("/work?view=done")
    assert "手上没有要办的" in clerk.page("/work")


def test_a_page_of_another_department_does_not_exist(office: Office) -> None:
    number = office.start()["number"]
    task = task_of(office, number)
    stranger = visit(office, "sg_clerk")
    for path in (f"/cases/{number}", f"/cases/{number}/diagram.json"):
        assert stranger.get(path).status_code == 404
    for path in (
        f"/tasks/{task}/claim",
        f"/cases/{number}/attachments",
        f"/cases/{number}/documents/certificate/print",
    ):
        assert stranger.send(path).status_code == 404, path


def test_the_second_officer_signs_after_seeing_what_was_written(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    first, second = visit(office, "yj_officer"), visit(office, "yj_officer2")
    task = task_of(office, number)
    first.sent(f"/tasks/{task}/claim", next="/work")
    office.sign_in("yj_officer").put(f"/user-tasks/{task}/draft", {"answers": {"survey_record": "看过罐区和值班室"}})
    assert number in second.page("/work?view=to_sign")
    seen = second.page(f"/cases/{number}")
    assert "看过罐区和值班室" in seen and "data-readonly" in seen
    path = {"next": f"/cases/{number}"}
    assert "已签字" in told(second.sent(f"/tasks/{task}/sign", content=shown(seen), **path))
    assert "第二名人员 陈国强 已于" in told(first.page(f"/cases/{number}"))
    refused = first.sent(f"/tasks/{task}/sign", content=shown(seen), **path)
    assert "签字人不能是本环节的经办人" in told(refused)


def shown(page: str) -> str:
    """The digest of what a page offers to sign."""
    return next(str(given["value"]) for given in Page(page).all("input") if given.get("name") == "content")


def test_nothing_that_is_not_written_is_signed_on_a_page(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    first, second = visit(office, "yj_officer"), visit(office, "yj_officer2")
    task = task_of(office, number)
    first.sent(f"/tasks/{task}/claim", next="/work")
    page = second.page(f"/cases/{number}")
    assert "请其先填写并存草稿" in told(page) and f"/tasks/{task}/sign" not in page
    assert "没有可签的内容：请其先存草稿" in told(second.sent(f"/tasks/{task}/sign", next=f"/cases/{number}"))
    assert office.task(number, "site_survey")["signed_by"] is None


def test_content_that_changes_after_the_signature_shows_to_both_and_is_signed_anew(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    first, second = visit(office, "yj_officer"), visit(office, "yj_officer2")
    task, api = task_of(office, number), office.sign_in("yj_officer")
    first.sent(f"/tasks/{task}/claim", next="/work")
    api.put(f"/user-tasks/{task}/draft", {"answers": {"survey_record": "看过罐区和值班室"}})
    seen = second.page(f"/cases/{number}")
    second.sent(f"/tasks/{task}/sign", content=shown(seen), next=f"/cases/{number}")
    assert f"/tasks/{task}/sign" not in second.page(f"/cases/{number}"), "the same is not signed twice"
    api.put(f"/user-tasks/{task}/draft", {"answers": {"survey_record": "罐区未看"}})
    assert api.get(f"/user-tasks/{task}").get_json()["signature"] == "outdated"
    for one in (first, second):
        words = told(one.page(f"/cases/{number}"))
        assert "其后内容已改动" in words and "第二名执法人员签字 签字后内容已改动，须重新签字" in words
    stale = second.sent(f"/tasks/{task}/sign", content=shown(seen), next=f"/cases/{number}")
    assert "内容已有改动，请看过后再签字" in told(stale)
    again = second.page(f"/cases/{number}")
    assert "罐区未看" in again and "重新签字" in told(again)
    second.sent(f"/tasks/{task}/sign", content=shown(again), next=f"/cases/{number}")
    page = told(first.page(f"/cases/{number}"))
    assert "其后内容已改动" not in page and "第二名人员对改动后的内容重新签字" in page


def test_a_signature_of_nothing_is_plain_in_the_history_and_its_officer_is_told(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    task, first = office.task(number, "site_survey"), office.sign_in("yj_officer")
    first.post(f"/user-tasks/{task['id']}/claim")
    signed = office.sign_in("yj_officer2").post(f"/user-tasks/{task['id']}/sign").get_json()
    assert signed["signature"] == "blank"
    assert "签字时尚无内容" in told(visit(office, "yj_officer").page(f"/cases/{number}"))
    for material in first.get(f"/user-tasks/{task['id']}").get_json()["required_materials"]:
        for _ in range(material["need"] - material["have"]):
            first.upload(number, material["key"])
    office.wait(minutes=31)
    assert office.complete(number, "site_survey", "yj_officer").status_code == 200
    assert "第二名人员在填写之前签字" in told(visit(office, "yj_officer").page(f"/cases/{number}"))
    second = visit(office, "yj_officer2")
    notices = second.page("/notices")
    assert "您签字时尚无所填内容" in told(notices)
    opened = next(str(given["action"]) for given in Page(notices).all("form") if "/open" in str(given.get("action")))
    assert number in told(second.sent(opened))


def test_files_are_uploaded_opened_and_taken_away_without_a_script(office: Office) -> None:
    number = office.start()["number"]
    clerk = visit(office, "yj_clerk")
    path = f"/cases/{number}/attachments"
    file = FileStorage(io.BytesIO(PDF), "申请书.pdf")
    page = clerk.sent(path, material="application_form", file=file, next=f"/cases/{number}")
    assert "已上传 1 个文件" in told(page) and "申请书.pdf" in page
    with reading(office.engine) as connection:
        file_id = connection.execute(select(attachment.c.id)).scalar_one()
    opened = clerk.client.get(f"{path}/{file_id}", buffered=True)
    assert (opened.mimetype, opened.data) == ("application/pdf", PDF)
    assert opened.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "inline" in opened.headers["Content-Disposition"]
    gone = clerk.sent(f"{path}/{file_id}/remove", next=f"/cases/{number}")
    assert "已移除" in told(gone)
    assert clerk.get(f"{path}/{file_id}").status_code == 404
    history = told(gone)
    assert "移除材料" in history and "上传材料" in history


def test_a_file_that_is_refused_says_why_on_the_page_it_came_from(office: Office) -> None:
    number = office.start()["number"]
    clerk = visit(office, "yj_clerk")

    def refusal(content: bytes, name: str, material: str = "application_form") -> str:
        file = FileStorage(io.BytesIO(content), name)
        return told(clerk.sent(f"/cases/{number}/attachments", material=material, file=file, next=f"/cases/{number}"))

    assert "只接收 PDF、PNG、JPEG、DOCX、XLSX 文件" in refusal(b"MZ\x90\x00", "程序.pdf")
    assert "文件是空的" in refusal(b"", "空.pdf")
    assert "文件超过 1 MB" in refusal(PDF + b"%" * 1_000_000, "大.pdf")
    assert "本事项没有材料" in refusal(PDF, "申请书.pdf", material="no_such_material")
    assert "没有选择文件" in told(clerk.sent(f"/cases/{number}/attachments", next=f"/cases/{number}"))


def test_a_certificate_is_printed_after_payment_and_refused_before(office: Office) -> None:
    number = office.start("LJ-ZR-QR-001")["number"]
    office.walk(number, "the end")
    printer = visit(office, "zr_printer").sure()
    early = printer.send(f"/cases/{number}/documents/certificate/print")
    assert early.status_code == 409 and "费用尚未网上缴清" in told(early.text)
    page = printer.page(f"/cases/{number}")
    assert "未缴清" in told(page) and "等网上缴款" in told(page)
    assert "红色报警 · 收费异常" in told(page)


def test_a_paper_is_printed_as_pdf_and_counted(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    clerk = visit(office, "yj_clerk")
    printed = clerk.send(f"/cases/{number}/documents/acceptance_notice/print")
    assert (printed.status_code, printed.mimetype, printed.data[:5]) == (200, "application/pdf", b"%PDF-")
    page = clerk.page(f"/cases/{number}")
    assert "已打印 1 份" in told(page) and "打印受理通知书" in told(page)
    form = next(given for given in Page(page).all("form") if given.get("action", "").endswith("/print"))
    assert form["target"] == "_blank"


def test_the_case_page_tells_its_clock_its_nodes_and_its_story(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    officer = visit(office, "yj_officer")
    officer.sent(f"/tasks/{task_of(office, number)}/claim", next="/work")
    page = officer.page(f"/cases/{number}")
    words = told(page)
    assert "最早可提交" in words and "未满最短时限提交不算完成，会报红色报警并中止办件。" in page
    assert "/ 15 个工作日" in words and "控制节点" in words and "第二名执法人员签字 未签字" in words
    assert "现场照片(不少于3张)，至少 3 份 缺 3 份" in words
    assert re.search(r"受理，出具受理通知书.*办结“材料核对”.*收件登记", words)
    assert "data-confirm-until" in page


def test_the_diagram_tells_the_same_as_the_list_beside_it(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    officer = visit(office, "yj_officer")
    state = officer.get(f"/cases/{number}/diagram.json").get_json()
    assert state["focus"] == "site_survey"
    assert state["elements"]["formal_check"]["state"] == "done"
    assert state["elements"]["site_survey"]["state"] == "current"
    assert state["posts"]["site_survey"] == "经办/执法人员"
    assert state["within"]["await_correction"] == "correction"
    words = told(officer.page(f"/cases/{number}"))
    assert re.search(r"材料核对 已办 .* 现场踏勘 当前 .* 科室审核 未到 .* 分管负责人审批 未到 .* 制证 未到", words)
    english = visit(office, "yj_officer", "en").get(f"/cases/{number}/diagram.bpmn").text
    assert 'name="Site survey"' in english and 'name="现场踏勘"' not in english


def test_a_halted_case_shows_the_supervisor_what_happened(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    office.upload_all(number, "section_review", "yj_officer")
    office.wait(seconds=58)
    office.complete(number, "site_survey", "yj_officer")
    officer = told(visit(office, "yj_officer").page(f"/cases/{number}"))
    assert "办件已中止" in officer and "“现场踏勘”用时 58 秒，最短时限 30 分" in officer
    supervisor = visit(office, "yj_sup1")
    supervisor.sent(f"/tasks/{task_of(office, number)}/claim", next="/work")
    page = supervisor.page(f"/cases/{number}")
    assert "规定最短 30 分 实际用时 58 秒" in told(page)
    assert "监察员处置" in told(page) and "/complete" in page
    state = supervisor.get(f"/cases/{number}/diagram.json").get_json()
    assert state["elements"]["site_survey"]["state"] == "halted"
    assert state["focus"] == "site_survey_ruling"


def test_separation_of_duty_is_told_before_anybody_fills_in_a_form(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "section_review")
    with reading(office.engine) as connection:
        clerk = connection.execute(select(case.c.created_by).where(case.c.number == number)).scalar_one()
    head = visit(office, "yj_section")
    form = {
        "post": "section/YJ",
        "delegate": clerk,
        "starts_on": "2026-11-23",
        "ends_on": "2026-12-31",
        "reason": "外出",
    }
    assert "已委托" in told(head.sent("/delegations", **form))
    delegate = visit(office, "yj_clerk")
    assert "职责分离，不能领取" in told(delegate.page("/work?view=claimable"))
    page = told(delegate.page(f"/cases/{number}"))
    assert "已办理本件的受理环节，不得再办理审核环节" in page
    refused = delegate.sent(f"/tasks/{task_of(office, number)}/claim", next=f"/cases/{number}")
    assert "不得再办理审核环节" in told(refused)


def test_names_of_any_kind_are_shown_as_they_are_and_run_nothing(office: Office) -> None:
    number = office.start()["number"]
    name = "<script>alert(1)</script>“长江沿岸精细化工新材料研究开发与生产示范基地有限责任公司”"
    with transaction(office.engine) as connection:
        connection.execute(update(case).where(case.c.number == number).values(applicant_name=name))
    clerk = visit(office, "yj_clerk")
    for path in (f"/cases/{number}", "/cases", "/work?view=claimable"):
        page = clerk.page(path)
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_two_hundred_rows_come_in_pages(office: Office) -> None:
    office.start()
    with transaction(office.engine) as connection:
        row = dict(connection.execute(select(case)).mappings().one())
        for number in range(2, 201):
            copy = {**row, "number": f"YJ-XK-2026-{number:06d}"}
            del copy["id"]
            connection.execute(case.insert().values(copy))
    clerk = visit(office, "yj_clerk")
    seen: list[str] = []
    path = "/cases"
    for _ in range(10):
        html = clerk.page(path)
        seen += re.findall(r'class="sub nowrap">(YJ-XK-2026-\d+)<', html)
        following = [given for given in Page(html).all("a") if given.get("rel") == "next"]
        if not following:
            break
        path = following[0]["href"]
    assert len(seen) == len(set(seen)) == 200
    assert seen == sorted(seen, reverse=True)
    assert clerk.get("/cases?cursor=made-up").status_code == 422
