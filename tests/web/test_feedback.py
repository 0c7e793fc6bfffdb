"""评价、投诉: the public says it with the case's secret, who did not handle the case answers, alarms follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service_fixtures import Office
from tests.web.visiting import visit


def say(office: Office, case: dict[str, Any], **said: Any) -> Any:
    body = {"secret": case["secret"], **said}
    return office.client().post(f"/api/v1/public/cases/{case['number']}/feedback", json=body)


def alarms(office: Office, kind: str = "service") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.sign_in("sup2").get(f"/alarms?kind={kind}").get_json()["items"]
    return found


def test_a_case_is_rated_once_and_a_bad_rating_is_an_alarm_within_the_minute(office: Office) -> None:
    case = office.start()
    given = say(office, case, kind="rating", stars=1, text="窗口态度不好")
    assert given.status_code == 201
    again = say(office, case, kind="rating", stars=5)
    assert (again.status_code, again.get_json()["code"]) == (409, "move_refused")
    office.wait(minutes=2)
    (alarm,) = alarms(office)
    assert (alarm["rule"], alarm["colour"], alarm["case_number"]) == ("service.rating", "yellow", case["number"])
    kinds = [
        one["kind"] for one in office.sign_in("yj_section").get(f"/cases/{case['number']}/history").get_json()["items"]
    ]
    assert "feedback_given" in kinds


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"kind": "rating"}, "/stars"),
        ({"kind": "rating", "stars": 6}, "/stars"),
        ({"kind": "complaint", "text": "  "}, "/text"),
        ({"kind": "praise"}, "/kind"),
    ],
)
def test_what_says_nothing_is_refused_by_its_field(office: Office, said: dict[str, Any], pointer: str) -> None:
    refused = say(office, office.start(), **said)
    assert refused.status_code == 422 and [e["pointer"] for e in refused.get_json()["errors"]] == [pointer]


def test_a_wrong_secret_says_nothing_of_any_case(office: Office) -> None:
    case = office.start() | {"secret": "wrong"}
    assert say(office, case, kind="rating", stars=5).status_code == 404


def test_a_founded_complaint_is_red_and_who_handled_the_case_does_not_answer_it(office: Office) -> None:
    case = office.start()
    office.walk(case["number"], "decide")
    number = say(office, case, kind="complaint", text="现场踏勘人员索要材料费").get_json()["id"]
    answer = {"answer": "经核查属实，已退还并批评教育。", "founded": "yes"}
    handler = office.sign_in("yj_section").post(f"/feedback/{number}/answer", answer)
    assert (handler.status_code, handler.get_json()["code"]) == (409, "separation_of_duty")
    assert office.sign_in("mz_section").post(f"/feedback/{number}/answer", answer).status_code == 404
    bare = office.sign_in("yj_head").post(f"/feedback/{number}/answer", {"answer": "已处理"})
    assert bare.get_json()["errors"][0]["pointer"] == "/founded"
    answered = office.sign_in("yj_head").post(f"/feedback/{number}/answer", answer).get_json()
    assert (answered["founded"], bool(answered["answered_at"])) == (True, True)
    assert office.sign_in("yj_head").post(f"/feedback/{number}/answer", answer).get_json()["code"] == "move_refused"
    office.wait(minutes=2)
    assert [(one["rule"], one["colour"]) for one in alarms(office)] == [("service.complaint", "red")]


def test_the_head_of_a_township_reads_what_he_may_answer(office: Office) -> None:
    case = office.start("LJ-MZ-XK-001")
    number = say(office, case, kind="rating", stars=2, text="等得太久").get_json()["id"]
    head = office.sign_in("mz_town_head")
    assert [one["id"] for one in head.get("/feedback").get_json()["items"]] == [number]
    assert head.post(f"/feedback/{number}/answer", {"answer": "已增开窗口"}).get_json()["answer"] == "已增开窗口"
    page = visit(office, "mz_town_head").page("/feedback")
    assert "已增开窗口" in page and 'href="/feedback"' in page and 'href="/alarms"' not in page


def test_a_complaint_that_nobody_answers_becomes_red_after_five_working_days(office: Office) -> None:
    case = office.start()
    say(office, case, kind="complaint", text="多次补正")
    assert office.sign_in("yj_sup1").get("/feedback?answered=no").get_json()["total"] == 1
    assert office.sign_in("mz_sup1").get("/feedback").get_json()["total"] == 0
    assert office.sign_in("yj_clerk").get("/feedback").status_code == 403
    office.wait(days=9)
    assert ("service.unanswered", "red") in [(one["rule"], one["colour"]) for one in alarms(office)]


def test_the_public_page_takes_a_rating_and_the_office_answers_on_its_page(office: Office) -> None:
    case = office.start()
    stranger = visit(office)
    stranger.get(f"/public/cases/{case['number']}?secret={case['secret']}")
    told = stranger.sent(f"/public/cases/{case['number']}/feedback", kind="rating", stars="2", text="等得太久")
    assert "谢谢您的评价" in told and "等得太久" in told and "我要评价" not in told and "等待答复" in told
    section = visit(office, "yj_section")
    page = section.page("/feedback")
    assert "等得太久" in page and case["number"] in page
    answered = section.sent("/feedback/1/answer", answer="已增开窗口")
    assert "已答复" in answered and "已增开窗口" in answered
    assert "已增开窗口" in stranger.page(f"/public/cases/{case['number']}")
    assert visit(office, "yj_clerk").get("/feedback").status_code == 403
