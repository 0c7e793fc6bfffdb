"""Posts, delegations, thresholds: changed by whom it behoves, with a reason, at once."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.service_fixtures import Office, Person
from tests.web.test_api_access import code_of
from tests.web.test_api_repetition import together


def person_id(office: Office, username: str) -> int:
    found = office.sign_in("auditor").get(f"/people?q={username}").get_json()["items"]
    return next(int(one["id"]) for one in found if one["username"] == username)


def admin(office: Office) -> Person:
    """The security administrator with the second step open."""
    person = office.sign_in("secadmin")
    assert person.post("/sessions/current/second-factor", {"code": code_of("secadmin")}).status_code == 200
    return person


def propose(office: Office, username: str, post: str, department: str = "YJ") -> Any:
    body = {"post": post, "department": department, "reason": "岗位调整"}
    return admin(office).post(f"/people/{person_id(office, username)}/posts", body)


def approve(office: Office, proposal: int, by: str = "sysadmin") -> Any:
    return office.sign_in(by).sure().post(f"/proposals/{proposal}/approve", {})


def held_by(office: Office, username: str, post: str) -> int:
    """The id of the post that somebody holds."""
    person = office.sign_in("auditor").get(f"/people/{person_id(office, username)}").get_json()
    return next(int(one["id"]) for one in person["posts"] if one["post"] == post)


def withdraw(office: Office, holding_id: int) -> Any:
    return admin(office).post(f"/post-holdings/{holding_id}/withdraw", {"reason": "轮岗"})


def test_people_are_listed_with_their_posts_for_administrators_alone(office: Office) -> None:
    page = office.sign_in("secadmin").get("/people?department=YJ&limit=3").get_json()
    assert (page["total"], len(page["items"])) == (12, 3)
    assert page["items"][0]["posts"][0]["post"] == "clerk"
    assert "mobile" not in page["items"][0]
    rest = office.sign_in("secadmin").get(f"/people?department=YJ&limit=9&cursor={page['next']}").get_json()
    assert len(rest["items"]) == 9
    for other in ("yj_head", "designer"):
        assert office.sign_in(other).get("/people").status_code == 403


def test_a_granted_post_works_at_once_and_a_taken_one_no_more(office: Office) -> None:
    assert office.sign_in("yj_officer").post("/cases", office.application()).status_code == 403
    asked = propose(office, "yj_officer", "clerk")
    assert (asked.status_code, asked.get_json()["status"]) == (202, "open")
    assert asked.get_json()["content"] == {"post": "clerk", "department": "YJ"}
    assert office.sign_in("yj_officer").post("/cases", office.application()).status_code == 403, (
        "nothing has changed yet"
    )
    assert approve(office, asked.get_json()["id"]).get_json()["status"] == "approved"
    held = held_by(office, "yj_officer", "clerk")
    assert office.sign_in("yj_officer").post("/cases", office.application()).status_code == 201
    assert withdraw(office, held).status_code == 204
    assert office.sign_in("yj_officer").post("/cases", office.application()).status_code == 403
    again = withdraw(office, held)
    assert (again.status_code, again.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("username", "post"),
    [
        ("yj_clerk", "head"),
        ("yj_section", "vice"),
        ("yj_officer", "cashier"),
        ("yj_clerk", "sup1"),
        ("sup2", "officer"),
    ],
)
def test_a_grant_that_would_put_power_into_one_hand_is_refused(office: Office, username: str, post: str) -> None:
    refused = propose(office, username, post)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "separation_of_duty")


@pytest.mark.parametrize(("post", "department"), [("king", "YJ"), ("applicant", "YJ"), ("clerk", "XX")])
def test_a_post_that_does_not_exist_is_not_granted(office: Office, post: str, department: str) -> None:
    refused = propose(office, "yj_officer", post, department)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")


def test_nobody_grants_a_post_to_themselves_nor_without_a_reason(office: Office) -> None:
    body = {"post": "clerk", "department": "YJ", "reason": "x"}
    own = admin(office).post(f"/people/{person_id(office, 'secadmin')}/posts", body)
    assert (own.status_code, own.get_json()["code"]) == (403, "not_permitted")
    bare = admin(office).post("/people/3/posts", {"post": "clerk", "department": "YJ", "reason": "  "})
    assert [e["pointer"] for e in bare.get_json()["errors"]] == ["/reason"]
    assert admin(office).post("/people/999/posts", body).status_code == 404


def loan(office: Office, **other: Any) -> dict[str, Any]:
    return {
        "delegate": person_id(office, "yj_vice"),
        "post": "section",
        "department": "YJ",
        "starts_at": "2026-11-24T00:00:00+08:00",
        "ends_at": "2026-11-26T00:00:00+08:00",
        "reason": "出差",
        **other,
    }


def test_a_lent_post_works_within_its_dates_and_until_it_is_taken_back(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "section_review")
    task = office.task(number, "section_review")["id"]
    lent = office.sign_in("yj_section").post("/delegations", loan(office)).get_json()
    vice = office.sign_in("yj_vice")
    claim = f"/user-tasks/{task}/claim"
    assert vice.post(claim).status_code == 403
    office.wait(days=1)
    assert "section" in [h["post"] for h in vice.get("/me").get_json()["holdings"]]
    assert vice.get("/me").get_json()["posts"] == ["vice"], "a lent post is not one's own"
    assert vice.post(claim).status_code == 200
    assert vice.post(f"/user-tasks/{task}/release").status_code == 200
    assert vice.call("DELETE", f"/delegations/{lent['id']}").status_code == 404, "only who lent it may"
    assert office.sign_in("yj_section").call("DELETE", f"/delegations/{lent['id']}").status_code == 204
    assert vice.post(claim).status_code == 403
    assert office.sign_in("yj_vice").get("/delegations").get_json()["items"][0]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"post": "vice"}, 403),
        ({"department": "MZ"}, 403),
        ({"ends_at": "2026-11-24T00:00:00+08:00"}, 422),
        ({"starts_at": "2026-11-24"}, 422),
        ({"delegate": 9999}, 404),
        ({"reason": None}, 422),
    ],
)
def test_a_loan_that_is_not_ones_to_give_is_refused(office: Office, other: dict[str, Any], status: int) -> None:
    assert office.sign_in("yj_section").post("/delegations", loan(office, **other)).status_code == status


def test_who_may_not_lend_is_refused(office: Office) -> None:
    assert office.sign_in("yj_clerk").post("/delegations", loan(office, post="clerk")).status_code == 403


def test_thresholds_move_the_warnings_of_limits_that_begin_afterwards(office: Office) -> None:
    supervisor = office.sign_in("sup2")
    body = {"blue_percent": 10, "yellow_percent": 20, "reason": "专项监察"}
    changed = supervisor.put("/alarm-thresholds/LJ-YJ-XK-001", body).get_json()
    assert (changed["blue_percent"], changed["yellow_percent"], changed["reason"]) == (10, 20, "专项监察")
    listed = supervisor.get("/alarm-thresholds").get_json()["items"]
    assert {t["power_item"]: t["blue_percent"] for t in listed}["LJ-SG-XK-001"] == 50
    office.start()
    office.wait(days=2)
    colours = [a["colour"] for a in office.sign_in("yj_sup1").get("/alarms").get_json()["items"]]
    assert colours == ["yellow", "blue"]


def test_thresholds_are_changed_again_and_the_book_has_both_changes(office: Office) -> None:
    supervisor = office.sign_in("sup2")
    for blue in (40, 45):
        body = {"blue_percent": blue, "yellow_percent": 90, "reason": "提示太晚"}
        changed = supervisor.put("/alarm-thresholds/LJ-YJ-XK-001", body)
        assert changed.status_code == 200, changed.text
    book = office.sign_in("auditor").get("/office-changes").get_json()["items"]
    second, first = [one for one in book if one["kind"] == "threshold_set"]
    assert (first["before"], first["after"]["blue_percent"]) == (None, 40)
    assert (second["before"], second["after"]["blue_percent"]) == ({"blue_percent": 40, "yellow_percent": 90}, 45)


@pytest.mark.parametrize(("blue", "yellow"), [(80, 50), (50, 50), (0, 50), (50, 100)])
def test_thresholds_that_make_no_sense_are_refused(office: Office, blue: int, yellow: int) -> None:
    body = {"blue_percent": blue, "yellow_percent": yellow, "reason": "x"}
    refused = office.sign_in("sup2").put("/alarm-thresholds/LJ-YJ-XK-001", body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")


def test_only_supervision_sets_thresholds_and_only_of_items(office: Office) -> None:
    body = {"blue_percent": 40, "yellow_percent": 70, "reason": "x"}
    assert office.sign_in("yj_head").put("/alarm-thresholds/LJ-YJ-XK-001", body).status_code == 403
    assert office.sign_in("centre").put("/alarm-thresholds/NO", body).status_code == 404


def test_two_posts_that_exclude_each_other_granted_at_once_do_not_both_stand(office: Office) -> None:
    numbers = [propose(office, "yj_printer", post, "MZ").get_json()["id"] for post in ("clerk", "section")]
    system = office.sign_in("sysadmin").sure()

    def act(number: int) -> TestResponse:
        headers = {"Authorization": f"Bearer {system.token}"}
        return office.client().post(f"/api/v1/proposals/{number}/approve", json={}, headers=headers)

    answers = together(lambda: act(numbers[0]), lambda: act(numbers[1]))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_who_proposes_a_post_does_not_approve_it_nor_who_receives_it(office: Office) -> None:
    number = propose(office, "yj_officer", "clerk").get_json()["id"]
    assert approve(office, number, "secadmin").get_json()["code"] == "separation_of_duty"
    for nobody, status in (("auditor", 403), ("yj_head", 404)):
        assert approve(office, number, nobody).status_code == status, nobody
    own = propose(office, "sysadmin", "printer")
    assert own.get_json()["code"] == "separation_of_duty", "the three offices hold no other post"
    refused = office.sign_in("sysadmin").sure().post(f"/proposals/{number}/refuse", {"ground": "编制已满"})
    assert refused.get_json()["status"] == "refused"
    assert office.sign_in("yj_officer").post("/cases", office.application()).status_code == 403


def test_the_book_has_both_persons_of_a_post_and_its_reason(office: Office) -> None:
    approve(office, propose(office, "yj_officer", "clerk").get_json()["id"])
    person = person_id(office, "yj_officer")
    (change,) = office.sign_in("auditor").get(f"/office-changes?subject=person/{person}").get_json()["items"]
    assert (change["kind"], change["reason"]) == ("post_granted", "岗位调整")
    people = {
        one["username"]: one["name"] for one in office.sign_in("auditor").get("/people?limit=200").get_json()["items"]
    }
    assert (change["proposed_by"], change["changed_by"]) == (people["secadmin"], people["sysadmin"])
    assert change["after"]["post"] == "clerk" and change["subject_name"] == people["yj_officer"]
    assert office.sign_in("sup2").get("/office-changes").status_code == 403
