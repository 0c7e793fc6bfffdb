"""The islands in a real browser, against a small server that speaks API.md."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.modelling.lint import lint
from service.web import islands_build
from tests.browser.islands import harness

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent / "islands"
ROOT = Path(__file__).parents[2]
SURVEY = ROOT / "processes" / "power_items" / "hazardous_chemicals_licence.bpmn"
COMPLETE = "/api/v1/user-tasks/12/complete"
DRAFT = "/api/v1/user-tasks/12/draft"
LINT = "/api/v1/process-definitions/lint"
DEPLOY = "/api/v1/process-definitions"
RECORD = "十点到达，储罐区、装卸区、控制室逐一看过，设备完好，人员在岗，陈志强陪同。"


problem = harness.problem


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    islands_build.build()


@pytest.fixture
def desk() -> Any:
    desk = harness.Desk()
    desk.xml = SURVEY.read_text("utf-8")
    return desk


@pytest.fixture
def base(desk: Any) -> Iterator[str]:
    with harness.serving(desk) as address:
        yield address


def schema(name: str) -> Any:
    return json.loads((HERE / "schemas" / f"{name}.json").read_text("utf-8"))


def ready(page: Page, island: str) -> None:
    page.wait_for_selector(f"[data-island={island}][data-ready]")


@pytest.fixture
def survey(desk: Any, base: str, open_page: Callable[..., Page]) -> Page:
    """The site survey with officer a known, ready to be filled."""
    desk.schemas = {"schema": schema("site_survey"), "values": {"officer_a": "周海涛 F-0231"}}
    page = open_page(f"{base}/form")
    ready(page, "form")
    return page


def fill_survey(page: Page) -> None:
    page.fill("#f-survey_date", "2026-11-23")
    page.fill("#f-officer_b", "李明 F-0232")
    page.fill("#f-survey_record", RECORD)
    page.get_by_label("责任制与操作规程").check()
    page.locator("#f-complex_process").get_by_label("否").check()
    page.locator("#f-survey_result").get_by_label("符合", exact=True).check()


# — form —


def test_a_filled_form_sends_its_answers_and_goes_on(desk: Any, survey: Page) -> None:
    fill_survey(survey)
    survey.click("[data-submit-form]")
    survey.wait_for_url("**/arrived/YJ-XK-2026-000326")
    (sent,) = desk.to(COMPLETE)
    assert sent.json == {
        "answers": {
            "survey_date": "2026-11-23",
            "officer_a": "周海涛 F-0231",
            "officer_b": "李明 F-0232",
            "survey_record": RECORD,
            "checklist": ["system"],
            "complex_process": False,
            "survey_result": "pass",
        }
    }


def test_a_submission_carries_session_token_language_and_key(desk: Any, survey: Page) -> None:
    fill_survey(survey)
    survey.keyboard.press("Control+Enter")
    survey.wait_for_url("**/arrived/*")
    headers = desk.to(COMPLETE)[0].headers
    assert headers["X-Csrf-Token"] == harness.CSRF
    assert headers["Accept-Language"] == "zh-CN"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["Idempotency-Key"])


def test_missing_answers_are_listed_and_the_first_is_focused(desk: Any, survey: Page) -> None:
    survey.fill("#f-survey_record", "现场设备完好，人员在岗。")
    survey.click("[data-submit-form]")
    expect(survey.locator(".summary h2")).to_have_text("还不能提交，有 6 处要补")
    expect(survey.locator(".summary a").first).to_have_text("踏勘日期：请填写此项")
    expect(survey.locator("#f-survey_date")).to_be_focused()
    expect(survey.locator("#f-survey_record-e")).to_have_text("已写 12 字，还差 18 字")
    assert desk.to(COMPLETE) == []
    survey.click(".summary a >> text=踏勘人员二")
    expect(survey.locator("#f-officer_b")).to_be_focused()


def test_a_refusal_stands_at_its_fields_and_keeps_what_was_typed(
    desk: Any, survey: Page, complaints: list[str]
) -> None:
    desk.answer(
        COMPLETE,
        problem(
            422,
            "control_node_missing",
            "还不能提交",
            errors=[
                {"pointer": None, "material": "site_photos", "code": "missing", "message": "现场照片 0 张，至少 3 张"},
                {
                    "pointer": "/answers/officer_b",
                    "material": None,
                    "code": "rule",
                    "message": "两名人员不能是同一人",
                },
                {"pointer": "/answers/no_such_field", "material": None, "code": "x", "message": "不在本页的一项"},
            ],
        ),
    )
    fill_survey(survey)
    survey.fill("#f-officer_b", "周海涛 F-0231")
    survey.click("[data-submit-form]")
    expect(survey.locator(".summary li")).to_have_text(
        ["踏勘人员二（证号）：两名人员不能是同一人", "现场照片 0 张，至少 3 张", "不在本页的一项"]
    )
    expect(survey.locator("#f-officer_b")).to_be_focused()
    expect(survey.locator("#f-officer_b")).to_have_value("周海涛 F-0231")
    expect(survey.locator("#site_photos-e")).to_have_text("现场照片 0 张，至少 3 张")
    expect(survey).to_have_title(re.compile("^还不能提交，有 3 处要补"))
    survey.fill("#f-officer_b", "李明")
    expect(survey.locator("#f-officer_b-e")).to_have_count(0)
    complaints.clear()  # the browser tells of each 422 on the console


def test_refused_answers_are_kept_in_the_draft_with_the_field_that_the_press_left(
    desk: Any, survey: Page, complaints: list[str]
) -> None:
    desk.answer(COMPLETE, problem(422, "control_node_missing", "还不能提交"))
    fill_survey(survey)
    survey.fill("#f-officer_b", "李强 F-0233")
    with survey.expect_response(lambda one: "F-0233" in (one.request.post_data or "") and one.url.endswith(DRAFT)):
        survey.click("[data-submit-form]")
    expect(survey.locator(".summary")).to_be_visible()  # The draft may go ahead of the answers.
    assert len(desk.to(COMPLETE)) == 1
    complaints.clear()


def test_a_second_press_while_sending_sends_nothing(desk: Any, survey: Page) -> None:
    fill_survey(survey)
    survey.evaluate("document.querySelector('#task').addEventListener('mj:answered', e => e.preventDefault())")
    desk.pause_seconds = 0.4
    survey.dblclick("[data-submit-form]")
    expect(survey.locator("[data-submit-form]")).to_have_attribute("aria-busy", "true")
    survey.click("[data-submit-form]")
    survey.keyboard.press("Control+Enter")
    expect(survey.locator("[data-submit-form]")).not_to_have_attribute("aria-busy", "true")
    assert len(desk.to(COMPLETE)) == 1


def test_a_retry_after_a_broken_network_uses_the_same_key(desk: Any, survey: Page, complaints: list[str]) -> None:
    fill_survey(survey)
    tries = []

    def break_once(route: Any) -> None:
        tries.append(route.request.headers["idempotency-key"])
        if len(tries) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    survey.route(f"**{COMPLETE}", break_once)
    survey.click("[data-submit-form]")
    survey.wait_for_url("**/arrived/*")
    assert len(tries) == 2 and tries[0] == tries[1]
    complaints.clear()  # the browser tells of the broken connection on the console


def test_a_draft_is_put_away_on_leaving_a_field(desk: Any, survey: Page) -> None:
    survey.fill("#f-officer_b", "李明 F-0232")
    survey.press("#f-officer_b", "Tab")
    expect(survey.locator("[data-draft-state]")).to_have_text(re.compile(r"^草稿已存 \d\d:\d\d:\d\d$"))
    assert desk.to(DRAFT, "PUT")[-1].json == {"answers": {"officer_a": "周海涛 F-0231", "officer_b": "李明 F-0232"}}
    said = survey.locator("[data-draft-state]").inner_text()
    survey.click("[data-save-draft]")
    expect(survey.locator("[data-draft-state]")).to_have_text(said)
    assert len(desk.to(DRAFT, "PUT")) == 1


def test_the_button_says_when_there_is_nothing_to_put_away(desk: Any, survey: Page) -> None:
    survey.click("[data-save-draft]")
    expect(survey.locator("[data-draft-state]")).to_have_text("草稿没有改动")
    assert desk.to(DRAFT, "PUT") == []


def test_no_draft_overtakes_the_answers(desk: Any, survey: Page) -> None:
    fill_survey(survey)
    survey.focus("#f-officer_b")
    survey.keyboard.type("号")
    survey.click("[data-submit-form]")
    survey.wait_for_url("**/arrived/*")
    assert [one.path for one in desk.asked if one.path != DRAFT] == [COMPLETE]
    assert desk.asked[-1].path == COMPLETE


def test_a_hidden_field_is_absent_and_a_shown_list_is_asked_for(desk: Any, survey: Page) -> None:
    fill_survey(survey)
    expect(survey.locator("#f-rectify_items")).to_have_count(0)
    survey.get_by_label("限期整改").check()
    survey.click("[data-submit-form]")
    expect(survey.locator(".summary a")).to_have_text(["整改内容：请至少填写一行"])
    survey.fill("#f-rectify_items-0-problem", "标识不清")
    survey.click("text=添加一行")
    survey.fill("#f-rectify_items-1-problem", "通道堵塞")
    survey.fill("#f-rectify_items-1-deadline", "2026/12/1")
    survey.get_by_role("button", name="删除第 1 行").click()
    expect(survey.locator("#f-rectify_items-0-problem")).to_have_value("通道堵塞")
    expect(survey.locator("#f-rectify_items-0-deadline")).to_have_value("2026-12-01")
    survey.click("[data-submit-form]")
    survey.wait_for_url("**/arrived/*")
    assert desk.to(COMPLETE)[0].json["answers"]["rectify_items"] == [{"problem": "通道堵塞", "deadline": "2026-12-01"}]


def test_a_refusal_in_a_row_stands_at_that_row(desk: Any, survey: Page, complaints: list[str]) -> None:
    message = "期限不得早于今天"
    detail = {"pointer": "/answers/rectify_items/1/deadline", "material": None, "code": "rule", "message": message}
    desk.answer(COMPLETE, problem(422, "invalid_answers", "还不能提交", errors=[detail]))
    fill_survey(survey)
    survey.get_by_label("限期整改").check()
    survey.fill("#f-rectify_items-0-problem", "标识不清")
    survey.click("text=添加一行")
    survey.click("text=添加一行")
    survey.fill("#f-rectify_items-2-problem", "通道堵塞")  # the empty second row is dropped, this becomes row 2
    survey.click("[data-submit-form]")
    expect(survey.locator("#f-rectify_items-1-deadline-e")).to_have_text(message)
    expect(survey.locator(".summary a")).to_have_text([f"整改内容第 2 行 · 期限：{message}"])
    complaints.clear()


def test_money_is_shown_in_yuan_and_sent_in_fen(desk: Any, base: str, open_page: Callable[..., Page]) -> None:
    desk.schemas = {"schema": schema("every_type"), "values": {"fine_fen": 123450}}
    page = open_page(f"{base}/form")
    ready(page, "form")
    expect(page.locator("#f-fine_fen")).to_have_value("1234.50")
    page.fill("#f-fine_fen", "0.5")
    page.press("#f-fine_fen", "Tab")
    expect(page.locator("#f-fine_fen-e")).to_have_text("不得小于 1.00")
    expect(page.locator("#f-reason")).to_have_count(0)
    page.fill("#f-fine_fen", "6,000.1")
    with page.expect_response(lambda answer: "600010" in (answer.request.post_data or "")):
        page.press("#f-fine_fen", "Tab")
    expect(page.locator("#f-fine_fen")).to_have_value("6000.10")
    expect(page.locator("#f-reason")).to_be_visible()
    assert desk.to(DRAFT)[-1].json["answers"]["fine_fen"] == 600010


def test_numbers_of_persons_and_firms_are_checked_before_they_are_sent(
    desk: Any, base: str, open_page: Callable[..., Page]
) -> None:
    desk.schemas = {"schema": schema("every_type")}
    page = open_page(f"{base}/form")
    ready(page, "form")
    page.fill("#f-legal_rep_id", "329901199211030041")
    page.fill("#f-applicant_code", "91329901MA1K2T3X6L")
    page.fill("#f-contact_mobile", "12812345678")
    page.click("[data-submit-form]")
    for key in ("legal_rep_id", "applicant_code", "contact_mobile"):
        expect(page.locator(f"#f-{key}-e")).to_have_count(1)
    page.fill("#f-legal_rep_id", "32990119921103004x")
    page.fill("#f-applicant_code", "91329901ma1k2t3x6k")
    page.fill("#f-contact_mobile", "138 1234 5678")
    page.press("#f-contact_mobile", "Tab")
    for key in ("legal_rep_id", "applicant_code", "contact_mobile"):
        expect(page.locator(f"#f-{key}-e")).to_have_count(0)
    expect(page.locator("#f-applicant_code")).to_have_value("91329901MA1K2T3X6K")
    expect(page.locator("#f-contact_mobile")).to_have_value("13812345678")


def test_a_date_is_picked_from_a_chinese_calendar(survey: Page) -> None:
    survey.fill("#f-survey_date", "2026-11-05")
    survey.get_by_role("button", name="打开日历：踏勘日期").click()
    expect(survey.locator(".flatpickr-weekday").first).to_have_text("周一")
    survey.click(".flatpickr-day:not(.nextMonthDay) >> text=17")
    expect(survey.locator("#f-survey_date")).to_have_value("2026-11-17")


def test_a_new_case_merges_the_item_and_the_applicant(
    desk: Any, base: str, open_page: Callable[..., Page], complaints: list[str]
) -> None:
    message = "缺少统一社会信用代码"
    detail = {"pointer": "/applicant/credit_code", "material": None, "code": "required", "message": message}
    name = {"type": "textfield", "id": "F1", "key": "legal_rep_name", "label": "法定代表人"}
    desk.schemas = {"schema": {"schemaVersion": 19, "type": "default", "components": [name]}}
    desk.answer("/api/v1/cases", problem(422, "invalid_request", "不能受理", errors=[detail]))
    page = open_page(f"{base}/start")
    ready(page, "form")
    page.fill("#f-legal_rep_name", "张伟明")
    page.click("[data-submit-form]")
    expect(page.locator("#code-e")).to_have_text(message)
    page.fill("#code", "91329901MA1K2T3X6K")
    page.click("[data-submit-form]")
    page.wait_for_url("**/arrived/YJ-XK-2026-000400")
    assert desk.to("/api/v1/cases")[1].json == {
        "power_item": "LJ-YJ-XK-001",
        "applicant": {"name": "临江县恒晟化工有限公司", "credit_code": "91329901MA1K2T3X6K"},
        "answers": {"legal_rep_name": "张伟明"},
    }
    complaints.clear()


def test_the_second_factor_is_asked_for_and_the_act_repeated(desk: Any, survey: Page, complaints: list[str]) -> None:
    factor = "/api/v1/sessions/current/second-factor"
    desk.answer(COMPLETE, problem(403, "second_factor_required", "须第二次确认身份"))
    desk.answer(factor, problem(403, "second_factor_required", "口令不对"))
    fill_survey(survey)
    survey.click("[data-submit-form]")
    survey.fill("#mj-factor", "111111")
    survey.keyboard.press("Enter")
    expect(survey.locator("#mj-factor-e")).to_be_visible()
    survey.fill("#mj-factor", "222222")
    survey.keyboard.press("Enter")
    survey.wait_for_url("**/arrived/*")
    assert [one.json for one in desk.to(factor)] == [{"code": "111111"}, {"code": "222222"}]
    complaints.clear()


def test_the_phone_confirms_instead_of_a_code_and_the_act_is_repeated(
    desk: Any, survey: Page, complaints: list[str]
) -> None:
    asked = "/api/v1/sessions/current/confirmations"
    desk.answer(COMPLETE, problem(403, "second_factor_required", "须第二次确认身份"))
    desk.answer(asked, problem(503, "not_ready", "手机确认暂不可用，请用动态口令"))
    states = [(200, {"id": "a1", "status": status}) for status in ("waiting", "approved")]
    desk.answer(f"{asked}/a1", *states)
    survey.evaluate("document.head.insertAdjacentHTML('beforeend', '<meta name=\"mj-phone\" content=\"yes\">')")
    fill_survey(survey)
    survey.click("[data-submit-form]")
    survey.get_by_role("button", name="改用手机确认").click()
    expect(survey.locator("#mj-factor-e")).to_have_text("手机确认暂不可用，请用动态口令")
    survey.get_by_role("button", name="改用手机确认").click()
    expect(survey.locator("dialog .big-number")).to_have_text("42")
    survey.wait_for_url("**/arrived/*")
    assert len(desk.to(f"{asked}/a1")) == 2
    complaints.clear()


def test_every_stored_form_is_drawn_in_both_languages(desk: Any, base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/list")
    for folder in sorted((ROOT / "forms").iterdir()):
        desk.schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
        for language in ("zh-CN", "en"):
            page.goto(f"{base}/forms?lang={language}")
            expect(page.locator("[data-island=form][data-ready]")).to_have_count(len(desk.schemas))
            expect(page.locator("[data-island=form]:not(:has(.field))")).to_have_count(0)
        shown = page.locator("main").inner_text()
        assert not re.search(r"[\u4e00-\u9fff]+", shown), f"{folder.name} says in Chinese: {shown}"


def test_a_read_only_form_shows_and_sends_nothing(desk: Any, base: str, open_page: Callable[..., Page]) -> None:
    desk.schemas = {"schema": schema("site_survey"), "values": {"officer_a": "周海涛", "survey_result": "pass"}}
    page = open_page(f"{base}/form?readonly=1")
    ready(page, "form")
    expect(page.locator("#f-officer_b")).to_have_attribute("readonly", "")
    expect(page.get_by_label("符合", exact=True)).to_be_disabled()
    page.click("[data-submit-form]")
    assert desk.to(COMPLETE) == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_form_fits_a_phone_and_shows_the_mark(
    desk: Any, base: str, open_page: Callable[..., Page], language: str
) -> None:
    desk.schemas = {"schema": schema("every_type")}
    page = open_page(f"{base}/form?lang={language}", width=390, height=844)
    ready(page, "form")
    page.click("[data-submit-form]")
    expect(page.locator(".summary")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".fjs-powered-by svg").bounding_box()
    assert box and box["width"] == 53 and box["height"] == 21


# — page —


def test_the_work_list_is_worked_by_keys(desk: Any, base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/list")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".item").nth(1)).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator(".toast")).to_contain_text("已领取")
    assert [one.path for one in desk.asked] == ["/api/v1/user-tasks/1/claim"]
    page.keyboard.press("/")
    page.keyboard.type("jc/")
    expect(page.locator("#q")).to_have_value("jc/")
    page.keyboard.press("Escape")
    page.locator(".item").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/arrived/case-2")


def test_a_refused_claim_says_who_was_faster(
    desk: Any, base: str, open_page: Callable[..., Page], complaints: list[str]
) -> None:
    desk.answer("/api/v1/user-tasks/0/claim", problem(409, "task_taken", "已由李某领取 10:04"))
    page = open_page(f"{base}/list")
    page.locator("[name=claim]").first.click()
    expect(page.locator(".toast")).to_contain_text("已由李某领取 10:04")
    complaints.clear()


def test_bulk_claim_counts_and_sleeps_at_none(base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/list")
    bulk = page.get_by_role("button", name="一并领取")
    expect(bulk).to_be_disabled()
    page.locator(".pick").nth(0).check()
    page.locator(".pick").nth(2).check()
    expect(page.locator("[data-picked]")).to_have_text("已选 2 件")
    expect(bulk).to_be_enabled()


def test_files_go_up_at_once_with_their_material(desk: Any, survey: Page) -> None:
    survey.set_input_files(
        "#site_photos",
        [
            {"name": "IMG_0412.jpg", "mimeType": "image/jpeg", "buffer": b"j" * 2048},
            {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"p"},
            {"name": "big.png", "mimeType": "image/png", "buffer": b"x" * 1_500_000},
            {"name": "empty.png", "mimeType": "image/png", "buffer": b""},
        ],
    )
    expect(survey.locator(".files li.ok a")).to_have_text("IMG_0412.jpg")
    expect(survey.locator(".files .error-text")).to_have_text(
        ["不收这种格式，请换 JPG/PNG。", "文件 1.4 MB，超过上限 1.0 MB。", "文件是空的，请检查。"]
    )
    (sent,) = desk.to("/api/v1/cases/YJ-XK-2026-000326/attachments")
    assert sent.fields == {"material": "site_photos"} and sent.files == {"file": b"j" * 2048}
    assert sent.headers["X-Csrf-Token"] == harness.CSRF
    expect(survey.locator("#fresh")).to_be_visible()  # data-refresh-on="uploaded"


def test_a_large_file_goes_on_after_a_cut_where_it_was(
    desk: Any, base: str, open_page: Callable[..., Page], complaints: list[str]
) -> None:
    desk.schemas = {"schema": schema("site_survey")}
    page, uploads = open_page(f"{base}/form"), "/api/v1/cases/YJ-XK-2026-000326/uploads"
    ready(page, "form")
    page.evaluate("document.querySelector('.upload').dataset.maxBytes = 9_000_000")
    content, cuts = b"0123456789abcdef" * 160_000, iter([False, True])
    page.route(f"**{uploads}/u1", lambda route: route.abort() if cut(route.request.method, cuts) else route.continue_())
    page.set_input_files("#site_photos", {"name": "large.png", "mimeType": "image/png", "buffer": content})
    expect(page.locator(".files li.ok a")).to_have_text("large.png")
    offsets = [int(one.headers["Upload-Offset"]) for one in desk.to(f"{uploads}/u1", "PATCH")]
    assert offsets == [0, 1024 * 1024, 2 * 1024 * 1024]
    digest = hashlib.sha256(content).hexdigest()
    (announced,) = desk.to(uploads)
    assert announced.json["digest"] == digest and announced.json["size"] == len(content)
    expect(page.locator(".files li.ok")).to_contain_text(digest[-4:])
    complaints.clear()


def cut(method: str, cuts: Iterator[bool]) -> bool:
    return method == "PATCH" and next(cuts, False)


def test_an_early_submission_is_asked_about_first(desk: Any, base: str, open_page: Callable[..., Page]) -> None:
    desk.schemas = {"schema": schema("site_survey"), "values": {"officer_a": "周海涛 F-0231"}}
    page = open_page(f"{base}/form?confirm=1")
    ready(page, "form")
    expect(page.locator("[data-due]")).to_have_text("还有 29 分钟")
    fill_survey(page)
    page.click("[data-submit-form]")
    expect(page.locator("dialog")).to_contain_text("提前提交不算完成，并中止办件。")
    page.get_by_role("button", name="取消").click()
    assert desk.to(COMPLETE) == []
    page.click("[data-submit-form]")
    page.locator("dialog .button.main").click()
    page.wait_for_url("**/arrived/*")
    assert len(desk.to(COMPLETE)) == 1


def test_larger_text_is_remembered(base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/list")
    page.click("[data-elder-toggle]")
    expect(page.locator("html")).to_have_attribute("data-elder", "")
    assert {"elder": "1"}.items() <= {one["name"]: one["value"] for one in page.context.cookies()}.items()
    page.click("[data-elder-toggle]")
    expect(page.locator("html")).not_to_have_attribute("data-elder", "")


def test_a_number_is_copied(base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/list")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制").click()
    expect(page.locator(".toast")).to_contain_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == "YJ-XK-2026-000326"


def test_the_phone_navigation_closes_on_a_link(base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/list", width=390, height=844)
    page.click(".tool-menu")
    expect(page.locator("#nav")).to_be_visible()
    page.click("#nav >> text=办件")
    expect(page.locator("#nav")).to_be_hidden()


# — viewer —

STATE = {
    "focus": "site_survey",
    "elements": {
        "apply": {"state": "done"},
        "site_survey": {"state": "current", "badge": "剩 5 个工作日"},
        "await_correction": {"state": "overdue", "count": 2},
    },
    "within": {"await_correction": "correction"},
    "posts": {"site_survey": "经办/执法人员", "formal_check": "窗口受理人员"},
}


@pytest.fixture
def diagram(desk: Any, base: str, open_page: Callable[..., Page]) -> Page:
    desk.state = STATE
    page = open_page(f"{base}/viewer")
    ready(page, "viewer")
    return page


def shape(page: Page, element: str) -> Any:
    return page.locator(f".djs-container > svg [data-element-id={element}].djs-shape")


def test_the_diagram_says_the_state_in_colour_shape_and_word(diagram: Page) -> None:
    expect(shape(diagram, "site_survey")).to_have_class(re.compile("mj-current"))
    expect(diagram.locator(".mj-badge.current")).to_have_text("● 当前 · 剩 5 个工作日")
    expect(shape(diagram, "correction")).to_have_class(re.compile("mj-overdue"))
    expect(diagram.locator(".mj-badge.overdue")).to_have_text("■ 超期 ×2")
    expect(diagram.locator(".mj-post")).to_have_text(["经办/执法人员", "窗口受理人员"])


def test_the_diagram_follows_the_case(desk: Any, diagram: Page) -> None:
    desk.state = {"focus": "section_review", "elements": {"section_review": {"state": "halted"}}}
    expect(diagram.locator(".mj-badge.halted")).to_have_text("■ 中止")  # refreshed each second here
    expect(diagram.locator(".mj-badge.current")).to_have_count(0)


def test_a_large_diagram_opens_at_the_current_step(diagram: Page) -> None:
    diagram.set_viewport_size({"width": 390, "height": 844})
    diagram.reload()
    ready(diagram, "viewer")
    stage, step = diagram.locator(".viewer-stage").bounding_box(), shape(diagram, "site_survey").bounding_box()
    assert stage and step
    assert step["width"] > 80
    assert abs((step["x"] + step["width"] / 2) - (stage["x"] + stage["width"] / 2)) < 60
    assert diagram.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_diagram_is_moved_and_zoomed_by_keys(diagram: Page) -> None:
    scale = "document.querySelector('[data-island=viewer]').mjViewer.get('canvas').viewbox()"
    diagram.locator(".djs-container > svg").focus()
    before = diagram.evaluate(scale)
    diagram.keyboard.press("+")
    diagram.keyboard.press("ArrowRight")
    after = diagram.evaluate(scale)
    assert after["scale"] > before["scale"] and after["x"] != before["x"]
    diagram.keyboard.press("0")
    assert diagram.evaluate(scale)["scale"] < before["scale"]


def test_the_whole_diagram_opens_in_a_dialog_and_returns(diagram: Page) -> None:
    diagram.get_by_role("button", name="看全图").click()
    expect(diagram.locator("dialog .djs-container")).to_be_visible()
    diagram.keyboard.press("Escape")
    expect(diagram.locator("main .djs-container")).to_be_visible()
    expect(diagram.locator("dialog")).to_have_count(0)


# — modeler —

FOUND = {
    "code": "material_bypassed",
    "severity": "error",
    "element_id": "section_review",
    "line": 120,
    "message": "“科室审核”可以在没有现场踏勘意见书时到达",
    "path": ["site_survey", "site_survey_too_early", "site_survey_ruling"],
}


@pytest.fixture
def modeler(desk: Any, base: str, open_page: Callable[..., Page]) -> Page:
    page = open_page(f"{base}/modeler", width=1440, height=1000)
    ready(page, "modeler")
    return page


def select(page: Page, element: str) -> None:
    page.evaluate(
        """id => { const m = document.querySelector('[data-island=modeler]').mjModeler;
                   m.get('selection').select(m.get('elementRegistry').get(id)); }""",
        element,
    )


def xml_of(page: Page) -> str:
    script = "document.querySelector('[data-island=modeler]').mjModeler.saveXML({format: true}).then(r => r.xml)"
    return str(page.evaluate(script))


def set_field(page: Page, entry: str, value: str) -> None:
    field = page.locator(f"[data-entry-id={entry}] input, [data-entry-id={entry}] textarea").first
    field.fill(value)
    field.press("Tab")


def test_the_modeler_asks_the_linter_and_leads_to_the_element(desk: Any, modeler: Page) -> None:
    desk.problems = [FOUND]
    modeler.get_by_role("button", name="校验").click()
    row = modeler.locator(".problem-list li[data-severity=error]")
    expect(row).to_contain_text("反例：现场踏勘 → 过早办结 → 监察员处置")
    assert desk.to(LINT)[-1].headers["Content-Type"] == "application/xml"
    assert 'id="hazardous_chemicals_licence"' in desk.to(LINT)[-1].text
    row.get_by_role("button", name="在图上看").click()
    expect(modeler.locator(".bio-properties-panel-header-label")).to_have_text("科室审核")
    expect(shape(modeler, "site_survey_ruling")).to_have_class(re.compile("mj-path"))
    expect(modeler.locator(".djs-connection.mj-path")).to_have_count(1)
    expect(modeler.locator("[data-deploy]")).to_have_attribute("aria-disabled", "true")


def test_a_diagram_with_errors_is_not_deployed(desk: Any, modeler: Page) -> None:
    desk.problems = [FOUND]
    modeler.click("[data-deploy]", force=True)
    expect(modeler.locator(".toast")).to_contain_text("还有 1 个错误")
    assert desk.to(DEPLOY) == []


def test_a_limit_is_changed_at_its_boundary_timer_alone(modeler: Page) -> None:
    select(modeler, "site_survey")
    set_field(modeler, "mj-minimum", "45")
    xml = xml_of(modeler)
    assert "'PT45M'" in xml and "'PT30M'" not in xml
    assert re.search(r'id="site_survey_minimum" name="最短 45 分钟"', xml)
    assert "At least 45 minutes" in xml
    modeler.get_by_role("button", name="撤销").click()
    assert "'PT30M'" in xml_of(modeler)


def test_a_missing_limit_is_drawn_with_its_role_and_way_out(modeler: Page) -> None:
    select(modeler, "print_certificate")
    set_field(modeler, "mj-minimum", "10")
    xml = xml_of(modeler)
    event = re.search(r'<bpmn:boundaryEvent id="print_certificate_minimum".*?</bpmn:boundaryEvent>', xml, re.S)
    assert event and 'cancelActivity="false"' in event[0] and 'attachedToRef="print_certificate"' in event[0]
    assert '<spiffworkflow:property name="role" value="minimum" />' in event[0] and "'PT10M'" in event[0]
    assert 'id="print_certificate_minimum_reached" name="已满最短时限"' in xml
    select(modeler, "print_certificate")
    set_field(modeler, "mj-minimum", "")
    assert "print_certificate_minimum" not in xml_of(modeler)
    modeler.get_by_role("button", name="撤销").click()
    modeler.get_by_role("button", name="撤销").click()
    assert "print_certificate_minimum" not in xml_of(modeler)


def findings(xml: bytes) -> list[tuple[str, str | None]]:
    shared = {path.stem: path.read_bytes() for path in (ROOT / "processes" / "shared").glob("*.bpmn")}
    return sorted((found.code, found.element_id) for found in lint(xml, called=shared))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "processes" / "power_items").glob("*.bpmn")), ids=lambda path: path.stem
)
def test_a_diagram_that_was_opened_and_saved_lints_as_before(
    desk: Any, base: str, open_page: Callable[..., Page], path: Path
) -> None:
    desk.xml = path.read_text("utf-8")
    page = open_page(f"{base}/modeler")
    ready(page, "modeler")
    assert findings(xml_of(page).encode()) == findings(path.read_bytes())


def test_a_limit_that_the_modeler_draws_satisfies_the_linter(modeler: Page) -> None:
    select(modeler, "print_certificate")
    set_field(modeler, "mj-minimum", "10")
    assert findings(xml_of(modeler).encode()) == findings(SURVEY.read_bytes())


def test_properties_are_written_as_the_engine_reads_them(modeler: Page) -> None:
    select(modeler, "section_review")
    modeler.locator("[data-entry-id=mj-post] select").select_option("vice")
    modeler.get_by_role("group", name="必备材料").get_by_label("现场踏勘意见书").check()
    modeler.get_by_label("停表：办理期间时限不计").check()
    set_field(modeler, "mj-gate", "fee_settled")
    task = re.search(r'<bpmn:userTask id="section_review".*?</bpmn:userTask>', xml_of(modeler), re.S)
    assert task
    for name, value in {"post": "vice", "stopsClock": "true", "gate": "fee_settled"}.items():
        assert f'<spiffworkflow:property name="{name}" value="{value}" />' in task[0]
    assert re.search(r'name="requiredMaterials" value="[^"]*survey_opinion[^"]*"', task[0])


def test_deploying_shows_the_changes_and_sends_the_diagram(desk: Any, modeler: Page) -> None:
    select(modeler, "site_survey")
    set_field(modeler, "mj-minimum", "45")
    set_field(modeler, "mj-limit", "7")
    modeler.locator("[data-entry-id=mj-post] select").select_option("section")
    modeler.click("[data-deploy]")
    lines = modeler.locator("dialog .change-list li")
    expect(lines).to_have_text(
        [
            "现场踏勘 环节时限 5 个工作日 → 7 个工作日",
            "现场踏勘 最短时限 30 分钟 → 45 分钟",
            "现场踏勘 岗位 经办/执法人员 → 审核/科室负责人",
        ]
    )
    modeler.locator("dialog .button.main").click()
    modeler.wait_for_url("**/arrived/survey-8")
    (sent,) = desk.to(DEPLOY, "POST")
    assert b"'PT45M'" in sent.files["diagram"] and sent.headers["Idempotency-Key"]


def test_a_refused_deployment_shows_the_problems(desk: Any, modeler: Page, complaints: list[str]) -> None:
    desk.answer(DEPLOY, problem(422, "invalid_diagram", "图有错误", problems=[FOUND]))
    modeler.click("[data-deploy]")
    modeler.locator("dialog .button.main").click()
    expect(modeler.locator(".problem-list")).to_contain_text("可以在没有现场踏勘意见书时到达")
    complaints.clear()


def test_a_draft_is_kept_on_this_machine_and_offered(desk: Any, modeler: Page, base: str) -> None:
    select(modeler, "site_survey")
    field = modeler.locator("[data-entry-id=mj-gate] input")
    field.fill("fee_settled")
    field.press("Control+s")  # still in the field: saving must not lose it
    expect(modeler.locator("[data-save-state]")).to_have_text(re.compile("^已存本机"))
    modeler.goto(f"{base}/modeler?version=8")
    ready(modeler, "modeler")
    expect(modeler.locator(".notice.yellow")).to_contain_text("基于第 7 版")
    assert 'value="fee_settled"' not in section(xml_of(modeler), "site_survey")
    modeler.click("[data-draft-open]")
    expect(modeler.locator(".notice")).to_have_count(0)
    assert 'value="fee_settled"' in section(xml_of(modeler), "site_survey")
    modeler.click("[data-deploy]")
    expect(modeler.locator("dialog .notice")).to_contain_text("在用的已是第 8 版")


def section(xml: str, task: str) -> str:
    found = re.search(rf'<bpmn:userTask id="{task}".*?</bpmn:userTask>', xml, re.S)
    assert found
    return found[0]


def test_a_file_that_is_no_diagram_leaves_the_canvas_alone(modeler: Page) -> None:
    with modeler.expect_file_chooser() as chooser:
        modeler.get_by_role("button", name="导入").click()
    chooser.value.set_files({"name": "x.bpmn", "mimeType": "application/xml", "buffer": b"<not-bpmn/>"})
    expect(modeler.locator(".toast")).to_contain_text("打不开这个文件")
    expect(shape(modeler, "site_survey")).to_be_visible()


def test_a_diagram_is_imported_and_downloaded(modeler: Page) -> None:
    other = ROOT / "processes" / "power_items" / "food_business_licence.bpmn"
    with modeler.expect_file_chooser() as chooser:
        modeler.get_by_role("button", name="导入").click()
    chooser.value.set_files(other)
    expect(modeler.locator(".toast")).to_contain_text("已导入")
    with modeler.expect_download() as waiting:
        modeler.get_by_role("button", name="下载").click()
    assert waiting.value.suggested_filename == "food_business_licence.bpmn"
    assert 'id="food_business_licence"' in waiting.value.path().read_text("utf-8")


def test_a_new_process_starts_from_a_small_diagram(desk: Any, base: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{base}/modeler?new=1&key=tree_felling")
    ready(page, "modeler")
    assert '<bpmn:process id="tree_felling" isExecutable="true">' in xml_of(page)
    page.click("[data-deploy]")
    expect(page.locator("dialog")).to_contain_text("这是第一版")


def test_no_word_of_the_modeler_lacks_a_translation(modeler: Page) -> None:
    missing = modeler.evaluate(
        """async () => {
          const node = document.querySelector('[data-island=modeler]');
          const m = node.mjModeler, registry = m.get('elementRegistry'), selection = m.get('selection');
          const pause = () => new Promise(done => setTimeout(done, 30));
          const seen = new Set();
          for (const element of registry.getAll()) {
            const definitions = (element.businessObject.eventDefinitions || []).map(one => one.$type).join();
            const kind = [element.type, definitions, element.labelTarget ? 'label' : ''].join('|');
            if (seen.has(kind) || !element.parent) continue;
            seen.add(kind);
            selection.select(element);
            await pause();
            const replace = document.querySelector('.djs-context-pad [data-action=replace]');
            if (replace) {
              replace.click();
              await pause();
              m.get('popupMenu').close();
            }
          }
          selection.select(registry.filter(one => one.type === 'bpmn:UserTask')); await pause();
          selection.select([]); await pause();
          m.get('searchPad').open(); await pause(); m.get('searchPad').close();
          m.get('minimap').open(); m.get('minimap').close();
          return [...node.mjMissing];
        }"""
    )
    assert "、".join(missing) == ""


def test_what_the_modeler_offers_is_what_the_engine_runs(modeler: Page) -> None:
    titles = modeler.locator(".djs-palette .entry").evaluate_all("all => all.map(one => one.dataset.action)")
    assert set(titles) == {
        "hand-tool",
        "lasso-tool",
        "space-tool",
        "global-connect-tool",
        "create.start-event",
        "create.end-event",
        "create.exclusive-gateway",
        "create.user-task",
        "create.service-task",
        "create.subprocess-expanded",
    }
