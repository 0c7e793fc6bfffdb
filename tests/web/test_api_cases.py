"""Cases and tasks over the interface: the life of a case, and what each refusal says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.database.session import reading
from service.database.tables import event
from service.history.chain import first_broken
from tests.service_fixtures import APPLICANT, Office


def test_a_case_that_was_started_shows_its_first_task_and_its_secret(office: Office) -> None:
    case = office.start()
    assert case["number"] == "YJ-XK-2026-000001"
    assert (case["status"], case["definition_version"], case["version"]) == ("open", 1, 1)
    assert len(case["secret"]) == 10
    assert [task["element_id"] for task in case["user_tasks"]] == ["formal_check"]
    assert case["user_tasks"][0]["earliest_at"] == "2026-11-23T09:01:00+08:00"
    assert case["user_tasks"][0]["due_at"] == "2026-11-30T17:30:00+08:00"


def test_the_case_page_masks_identity_numbers(office: Office) -> None:
    body = office.application("LJ-ZR-QR-001")
    body["applicant"] = {"name": "李秀兰", "id_number": "32990119921103004x", "mobile": "13800138002"}
    case = office.sign_in("zr_clerk").post("/cases", body).get_json()
    assert case["applicant"]["id_number"] == "329901********004X"
    assert case["steps_done"][0]["answers"]["seller_id"].count("*") == 8


def test_a_case_goes_its_whole_way_over_the_interface(office: Office) -> None:
    number = office.start()["number"]
    case = office.walk(number, "the end")
    assert (case["status"], case["outcome"], case["user_tasks"]) == ("completed", "granted", [])
    assert {d["kind"] for d in case["documents"]} == {"acceptance_notice", "certificate", "delivery_receipt"}
    assert [step["element_id"] for step in case["steps_done"]][-1] == "deliver"
    assert case["fee_settled"] is True


def test_a_step_asks_for_no_paper_of_a_way_that_the_case_cannot_take(office: Office) -> None:
    asked = {}
    for changed in ("domicile", "rep"):
        number = office.start("LJ-MZ-XK-001", reg_kind="change", change_items=[changed])["number"]
        task = office.sign_in("mz_clerk").get(f"/user-tasks/{office.task(number, 'formal_check')['id']}").get_json()
        asked[changed] = {material["key"] for material in task["required_materials"] if material["need"]}
    assert asked["domicile"] == {"application_form", "unit_consent", "domicile_proof", "change_resolution"}
    assert asked["rep"] == asked["domicile"] - {"domicile_proof"}


def test_the_history_is_one_unbroken_chain_in_order(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "section_review")
    auditor = office.sign_in("auditor")
    history = auditor.get(f"/cases/{number}/history").get_json()
    assert [e["seq"] for e in history["items"]] == list(range(1, history["total"] + 1))
    for before, after in zip(history["items"], history["items"][1:], strict=False):
        assert after["previous_hash"] == before["hash"]
    with reading(office.engine) as connection:
        rows = connection.execute(select(event).order_by(event.c.seq)).mappings().all()
    assert first_broken([dict(row) for row in rows], number) is None
    assert history["items"][0]["kind"] == "case_started"
    assert history["items"][0]["actor"]["name"] == "王晓燕"


def test_the_history_comes_in_pages(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "section_review")
    auditor = office.sign_in("auditor")
    path, seen, cursor = f"/cases/{number}/history?limit=3", [], ""
    while True:
        page = auditor.get(path + cursor).get_json()
        seen += [e["seq"] for e in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == list(range(1, page["total"] + 1))


def test_a_list_of_cases_is_filtered_searched_and_paged(office: Office) -> None:
    numbers = [office.start()["number"] for _ in range(3)]
    office.start("LJ-SG-XK-001")
    auditor = office.sign_in("auditor")

    def found(query: str) -> list[str]:
        return [case["number"] for case in auditor.get(f"/cases?{query}").get_json()["items"]]

    assert found("power_item=LJ-YJ-XK-001") == numbers[::-1]
    assert found("department=SG") == ["SG-XK-2026-000001"]
    assert found("q=000002") == [numbers[1]]
    assert found("q=恒晟") == [*found("department=SG"), *numbers[::-1]]
    assert found("q=%25") == [], "a percent sign is a character to look for"
    assert found("status=completed") == []
    first = auditor.get("/cases?limit=2&department=YJ").get_json()
    assert (first["total"], len(first["items"])) == (3, 2)
    office.start()
    second = auditor.get(f"/cases?limit=2&department=YJ&cursor={first['next']}").get_json()
    assert [case["number"] for case in second["items"]] == [numbers[0]], "a new case moves nothing"
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIl0", "%00", "W10", "a" * 500])
def test_a_cursor_of_ones_own_making_is_refused(office: Office, cursor: str) -> None:
    for path in ("/cases", "/user-tasks", "/power-items", "/notices"):
        if (path, cursor) in {("/cases", "WzFd"), ("/notices", "WzFd"), ("/power-items", "WyJhIl0")}:
            continue  # One number, one text: a cursor that these lists could have given.
        answer = office.sign_in("yj_clerk").get(f"{path}?cursor={cursor}")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


# Tasks ----------------------------------------------------------------------------------------


def test_a_task_brings_all_that_completing_it_takes(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    task = clerk.get(f"/user-tasks/{office.task(number, 'formal_check')['id']}").get_json()
    assert task["case_number"] == number
    assert "check_result" in [component.get("key") for component in task["form"]["components"]]
    assert (task["draft"], task["assignee"], task["officers"]) == (None, None, 1)
    first = task["required_materials"][0]
    assert (first["key"], first["need"], first["have"], first["missing"]) == ("application_form", 1, 0, True)
    english = clerk.get(f"/user-tasks/{task['id']}", headers={"Accept-Language": "en"}).get_json()
    assert english["name"] == task["name_en"] == "Check of materials"
    labels = [component.get("label") for component in english["form"]["components"]]
    assert "Result of the check" in labels


def test_a_form_is_given_the_values_that_it_only_shows(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "print_certificate")
    task = office.task(number, "print_certificate")
    variables = office.sign_in("yj_printer").get(f"/user-tasks/{task['id']}").get_json()["variables"]
    assert variables == {"cert_no": "苏 WH安许证字〔2026〕00001"}


def test_the_work_list_has_what_one_may_claim_what_one_has_and_what_one_has_done(office: Office) -> None:
    number = office.start()["number"]
    clerk, other = office.sign_in("yj_clerk"), office.sign_in("yj_officer")

    def listed(person: Any, query: str) -> list[str]:
        return [task["element_id"] for task in person.get(f"/user-tasks?{query}").get_json()["items"]]

    assert listed(clerk, "view=claimable") == ["formal_check"]
    assert listed(other, "view=claimable") == []
    assert listed(other, "view=department") == ["formal_check"]
    task = office.task(number, "formal_check")
    assert clerk.post(f"/user-tasks/{task['id']}/claim").get_json()["assignee"]["name"] == "王晓燕"
    assert (listed(clerk, "view=claimable"), listed(clerk, "view=mine")) == ([], ["formal_check"])
    assert clerk.post(f"/user-tasks/{task['id']}/release").get_json()["assignee"] is None
    office.work(number, "formal_check")
    assert listed(clerk, "view=mine&status=completed") == ["formal_check", "apply"]
    assert listed(other, "view=claimable&power_item=LJ-YJ-XK-001") == ["site_survey"]
    assert listed(other, "view=claimable&power_item=LJ-SG-XK-001") == []


def test_a_draft_stays_until_the_task_is_done(office: Office) -> None:
    number = office.start()["number"]
    clerk, task = office.sign_in("yj_clerk"), office.task(number, "formal_check")
    kept = clerk.put(f"/user-tasks/{task['id']}/draft", {"answers": {"check_result": "nonsense"}})
    assert kept.get_json()["draft"] == {"check_result": "nonsense"}
    office.work(number, "formal_check")
    assert clerk.get(f"/user-tasks/{task['id']}").get_json()["draft"] is None


def test_a_survey_of_58_seconds_halts_the_case_and_everything_but_the_ruling_waits(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    task = office.task(number, "site_survey")
    office.wait(seconds=58)
    done = office.complete(number, "site_survey", "yj_officer").get_json()
    assert (done["outcome"], done["case"]["status"]) == ("halted", "halted")
    alarm = done["alarms"][0]
    assert (alarm["kind"], alarm["colour"], alarm["element_id"]) == ("too_early", "red", "site_survey")
    assert [row["seconds"] for row in alarm["evidence"]] == [58]
    again = office.sign_in("yj_officer").post(f"/user-tasks/{task['id']}/complete", {"answers": {}})
    assert again.get_json()["code"] == "case_halted"
    message = {"kind": "correction", "answers": {}}
    assert office.sign_in("yj_clerk").post(f"/cases/{number}/messages", message).get_json()["code"] == "case_halted"
    assert office.sign_in("yj_officer").upload(number, "survey_opinion").status_code == 201, "evidence may be added"
    ruled = office.complete(number, "site_survey_ruling", "yj_sup1")
    assert ruled.get_json()["case"]["status"] == "open"
    assert [t["element_id"] for t in ruled.get_json()["case"]["user_tasks"]] == ["site_survey"]


# Refusals -------------------------------------------------------------------------------------


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_answers_that_do_not_fit_are_refused_field_by_field(office: Office) -> None:
    body = office.application()
    body["answers"] |= {"contact_mobile": "12", "staff_count": "many", "nonsense": 1}
    del body["answers"]["address"]
    refused = office.sign_in("yj_clerk").post("/cases", body)
    assert code(refused) == (422, "invalid_answers")
    pointers = {e["pointer"] for e in refused.get_json()["errors"]}
    assert pointers == {"/answers/contact_mobile", "/answers/staff_count", "/answers/nonsense", "/answers/address"}
    english = office.sign_in("yj_clerk").post("/cases", body, headers={"Accept-Language": "en"}).get_json()
    assert {e["code"] for e in english["errors"]} == {e["code"] for e in refused.get_json()["errors"]}
    assert english["errors"][0]["message"] != refused.get_json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("applicant", "pointer"),
    [
        ({**APPLICANT, "credit_code": "91329901MA1K2T3X6L"}, "/applicant/credit_code"),
        ({**APPLICANT, "mobile": "12812345678"}, "/applicant/mobile"),
        ({"name": "李秀兰", "id_number": "329901199211030041", "mobile": "13800138002"}, "/applicant/id_number"),
        ({**APPLICANT, "id_number": "32990119921103004X"}, "/applicant/id_number"),
        ({"name": "李秀兰", "mobile": "13800138002"}, "/applicant/id_number"),
    ],
)
def test_an_applicant_whose_numbers_do_not_prove_themselves_is_refused(
    office: Office, applicant: dict[str, str], pointer: str
) -> None:
    refused = office.sign_in("yj_clerk").post("/cases", {**office.application(), "applicant": applicant})
    assert code(refused) == (422, "invalid_answers")
    assert [e["pointer"] for e in refused.get_json()["errors"]] == [pointer]


def test_an_agent_must_be_named_with_a_number_that_holds(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    agent = {"name": "张伟明", "id_number": "329901198506072015", "mobile": "13800138001"}
    case = clerk.post("/cases", {**office.application(), "agent": agent}).get_json()
    assert case["applicant"]["agent"]["id_number"] == "329901********2015"
    refused = clerk.post("/cases", {**office.application(), "agent": {"name": "张", "mobile": "13800138001"}})
    assert [e["pointer"] for e in refused.get_json()["errors"]] == ["/agent/id_number"]


def test_materials_that_are_missing_hold_the_step_and_are_all_named(office: Office) -> None:
    number = office.start()["number"]
    office.wait(minutes=2)
    refused = office.complete(number, "formal_check", "yj_clerk")
    assert code(refused) == (422, "control_node_missing")
    errors = refused.get_json()["errors"]
    assert len(errors) == 8
    assert errors[0] == {
        "pointer": None,
        "material": "application_form",
        "code": "material_missing",
        "message": "缺安全生产许可证申请书",
    }
    last = office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"][-1]
    assert (last["kind"], last["payload"]["code"]) == ("act_refused", "control_node_missing")


def test_a_task_that_somebody_has_is_refused_with_name_and_time(office: Office) -> None:
    number = office.start()["number"]
    task = office.task(number, "formal_check")
    office.sign_in("yj_clerk").post(f"/user-tasks/{task['id']}/claim")
    refused = office.sign_in("yj_clerk2").post(f"/user-tasks/{task['id']}/claim")
    assert code(refused) == (409, "task_taken")
    assert refused.get_json()["by"] == "王晓燕"
    assert "2026-11-23 09:00" in refused.get_json()["detail"]


def test_nobody_does_two_separated_acts_on_one_case(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    clerk = office.sign_in("yj_clerk").get("/me").get_json()["user"]["id"]
    loan = {
        "delegate": clerk,
        "post": "section",
        "department": "YJ",
        "starts_at": "2026-11-23T00:00:00+08:00",
        "ends_at": "2026-12-23T00:00:00+08:00",
        "reason": "出差",
    }
    assert office.sign_in("yj_section").post("/delegations", loan).status_code == 201
    office.walk(number, "section_review")
    task = office.task(number, "section_review")
    refused = office.sign_in("yj_clerk").post(f"/user-tasks/{task['id']}/claim")
    assert code(refused) == (409, "separation_of_duty")
    listed = office.sign_in("yj_clerk").get("/user-tasks?view=claimable").get_json()["items"]
    assert [t["id"] for t in listed] == [task["id"]], "the post is lent; the case is what excludes"


def test_a_closed_case_takes_no_more_acts(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "the end")
    clerk = office.sign_in("yj_clerk")
    assert code(clerk.upload(number, "application_form")) == (409, "case_closed")
    message = {"kind": "correction", "answers": {}}
    assert code(clerk.post(f"/cases/{number}/messages", message)) == (409, "case_closed")


def test_a_message_that_no_step_waits_for_is_refused(office: Office) -> None:
    number = office.start()["number"]
    for kind in ("correction", "statement", "objection"):
        refused = office.sign_in("yj_clerk").post(f"/cases/{number}/messages", {"kind": kind, "answers": {}})
        assert code(refused) == (409, "not_waiting")


def test_a_stale_version_is_refused_and_nothing_is_recorded(office: Office) -> None:
    number = office.start()["number"]
    clerk, task = office.sign_in("yj_clerk"), office.task(number, "formal_check")
    seen = clerk.get(f"/user-tasks/{task['id']}")
    assert seen.headers["ETag"] == f'"{seen.get_json()["version"]}"' == '"1"'
    claimed = clerk.post(f"/user-tasks/{task['id']}/claim", headers={"If-Match": seen.headers["ETag"]})
    assert (claimed.status_code, claimed.headers["ETag"]) == (200, '"2"')
    for path, body in ((f"/user-tasks/{task['id']}/complete", {"answers": {}}), (f"/cases/{number}/messages", None)):
        given = body or {"kind": "correction", "answers": {}}
        refused = clerk.post(path, given, headers={"If-Match": seen.headers["ETag"]})
        assert code(refused) == (412, "version_conflict")
    assert clerk.get(f"/cases/{number}").headers["ETag"] == '"2"'
    fresh = clerk.post(f"/user-tasks/{task['id']}/release", headers={"If-Match": '"1", W/"2"'})
    assert fresh.status_code == 200


@pytest.mark.parametrize(
    "path", ["/cases/YJ-XK-2026-999999", "/user-tasks/" + "0" * 32, "/power-items/NO", "/alarms/9"]
)
def test_what_is_not_there_is_not_found(office: Office, path: str) -> None:
    assert code(office.sign_in("auditor").get(path)) == (404, "not_found")


def test_a_wrong_method_is_told_which_ones_there_are(office: Office) -> None:
    refused = office.sign_in("yj_clerk").call("DELETE", "/cases")
    assert code(refused) == (405, "method_not_allowed")
    assert set(refused.headers["Allow"].split(", ")) >= {"GET", "POST"}
