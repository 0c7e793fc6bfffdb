"""Who may call what: nobody without signing in, nobody beyond their department, no change from another site."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, update

from service.clock import real_now
from service.database.session import transaction
from service.database.tables import person, session
from service.demo.county import PASSWORD, demo_people
from service.people.sign_in import open_session
from service.web.request import CSRF_HEADER, SESSION_COOKIE
from tests.service_fixtures import Office

# All that answers without a sign-in, with the reason.
OPEN = {
    ("POST", "/api/v1/sessions"): "signing in itself",
    ("GET", "/api/v1/public/cases/<code:number>"): "the public view, by secret",
    ("POST", "/api/v1/public/cases/<code:number>/messages"): "the applicant's answer, by secret",
    ("POST", "/api/v1/public/cases/<code:number>/feedback"): "a rating or a complaint, by secret",
    ("POST", "/api/v1/public/cases/<code:number>/withdraw"): "the applicant's withdrawal, by secret",
    ("GET", "/api/v1/public/inspections"): "plans of random inspections and what was drawn, to check the seed",
    ("GET", "/api/v1/public/attendance"): "online rates by department and day, without names",
    ("GET", "/api/v1/public/penalties"): "decisions that are published now, masked",
    ("GET", "/api/v1/public/certificates"): "whether a number is that of a certificate",
    ("POST", "/api/v1/public/files/verify"): "whether a file is a document of the county",
    ("GET", "/api/v1/public/fine-tickets"): "whether a numbered ticket for a fine is genuine",
    ("GET", "/api/v1/public/outages"): "outages that are announced or going on",
    ("GET", "/api/v1/public/paper-receipts/<code:number>"): "whether a numbered receipt is genuine",
    ("GET", "/api/v1/clock"): "testing alone, on loopback",
    ("PUT", "/api/v1/clock"): "testing alone, on loopback",
    ("POST", "/api/v1/clock"): "testing alone, on loopback",
    ("GET", "/api/openapi.json"): "the documentation",
}
VALUES = {"code": "YJ-XK-2026-000001", "key": "a", "number": "1", "day": "2026-11-23"}


def addresses(office: Office) -> list[tuple[str, str]]:
    rules = [rule for rule in office.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    return [(m, r.rule) for r in rules for m in sorted((r.methods or set()) - {"HEAD", "OPTIONS"})]


def test_every_address_of_the_interface_asks_for_a_sign_in_but_the_open_list(office: Office) -> None:
    found = addresses(office)
    assert len(found) > 40
    answered = {}
    for method, rule in found:
        path = re.sub(r"<(\w+):\w+>", lambda match: VALUES[match[1]], rule)
        answered[(method, rule)] = office.client().open(path, method=method, json={}).status_code
    assert {at for at, status in answered.items() if status != 401} == set(OPEN)


def test_a_token_of_nobody_is_refused_and_does_not_fall_back_to_the_cookie(office: Office) -> None:
    client = office.client()
    client.set_cookie(SESSION_COOKIE, cookie_session(office, "yj_clerk")[0])
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/api/v1/me", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_signing_out_ends_the_token(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    assert clerk.call("DELETE", "/sessions/current").status_code == 204
    assert clerk.get("/me").status_code == 401


def test_a_session_ends_by_itself(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    with transaction(office.engine) as connection:
        connection.execute(update(session).values(expires_at=real_now()))
    assert clerk.get("/me").status_code == 401


def test_the_testing_clock_signs_nobody_out(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    office.wait(days=40)
    assert clerk.get("/me").status_code == 200


def test_somebody_who_left_is_signed_in_no_more(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    with transaction(office.engine) as connection:
        connection.execute(update(person).where(person.c.username == "yj_clerk").values(active=False))
    assert clerk.get("/me").status_code == 401
    given = office.client().post("/api/v1/sessions", json={"username": "yj_clerk", "password": PASSWORD})
    assert given.status_code == 401


@pytest.mark.parametrize("given", [{"username": "yj_clerk", "password": "x"}, {"username": "no", "password": PASSWORD}])
def test_a_wrong_password_and_a_wrong_name_are_answered_alike(office: Office, given: dict[str, str]) -> None:
    answer = office.client().post("/api/v1/sessions", json=given)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "not_signed_in")
    assert answer.get_json()["detail"] == "用户名或密码不正确"


def test_guessing_passwords_is_slowed_down_for_that_name_alone(office: Office) -> None:
    client = office.client()
    for _ in range(10):
        assert client.post("/api/v1/sessions", json={"username": "yj_sup1", "password": "no"}).status_code == 401
    refused = client.post("/api/v1/sessions", json={"username": "yj_sup1", "password": PASSWORD})
    assert (refused.status_code, refused.get_json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/api/v1/sessions", json={"username": "yj_head", "password": PASSWORD}).status_code == 201


def test_me_tells_posts_and_permissions(office: Office) -> None:
    me = office.sign_in("yj_clerk").get("/me").get_json()
    assert me["user"] == {"id": me["user"]["id"], "username": "yj_clerk", "name": "王晓燕"}
    assert (me["department"], me["posts"]) == ("YJ", ["clerk"])
    assert "start_case" in me["permissions"]
    assert "deploy_definitions" not in me["permissions"]


# Cases of another department --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/cases/{number}", None),
        ("GET", "/cases/{number}/history", None),
        ("GET", "/cases/{number}/fees", None),
        ("POST", "/cases/{number}/payment-notices", None),
        ("POST", "/cases/{number}/messages", {"kind": "correction", "answers": {}}),
        ("POST", "/cases/{number}/documents/acceptance_notice/print", None),
        ("GET", "/cases/{number}/attachments/1", None),
        ("DELETE", "/cases/{number}/attachments/1", None),
        ("GET", "/user-tasks/{task}", None),
        ("POST", "/user-tasks/{task}/claim", None),
        ("POST", "/user-tasks/{task}/release", None),
        ("PUT", "/user-tasks/{task}/draft", {"answers": {}}),
        ("POST", "/user-tasks/{task}/complete", {"answers": {}}),
        ("POST", "/user-tasks/{task}/sign", None),
    ],
)
def test_a_case_of_another_department_does_not_exist(office: Office, method: str, path: str, body: Any) -> None:
    case = office.start()
    address = path.format(number=case["number"], task=case["user_tasks"][0]["id"])
    answer = office.sign_in("mz_clerk").call(method, address, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert office.case(case["number"])["version"] == case["version"], "a stranger's try leaves no trace"


def test_a_list_holds_the_cases_of_ones_own_department_alone(office: Office) -> None:
    office.start()
    other = office.start("LJ-SG-XK-001")
    listed = office.sign_in("sg_head").get("/cases").get_json()
    assert [case["number"] for case in listed["items"]] == [other["number"]]
    assert office.sign_in("auditor").get("/cases").get_json()["total"] == 2
    assert office.sign_in("designer").get("/cases").get_json()["total"] == 0


@pytest.mark.parametrize("username", ["sup2", "centre", "auditor"])
def test_who_serves_the_county_reads_every_case(office: Office, username: str) -> None:
    number = office.start()["number"]
    assert office.sign_in(username).get(f"/cases/{number}").status_code == 200


@pytest.mark.parametrize("username", ["designer", "sysadmin", "secadmin"])
def test_who_runs_the_system_reads_no_case(office: Office, username: str) -> None:
    number = office.start()["number"]
    assert office.sign_in(username).get(f"/cases/{number}").status_code == 404


def test_only_window_clerks_of_the_department_see_the_secret(office: Office) -> None:
    case = office.start()
    assert "secret" in office.case(case["number"], by="yj_clerk2")
    for other in ("yj_officer", "yj_head", "sup2"):
        assert "secret" not in office.case(case["number"], by=other)


def test_only_a_window_clerk_of_the_department_starts_its_cases(office: Office) -> None:
    for other in ("mz_clerk", "yj_officer", "sup2"):
        refused = office.sign_in(other).post("/cases", office.application())
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")


# Cookies --------------------------------------------------------------------------------


def cookie_session(office: Office, username: str) -> tuple[str, str]:
    """(token, CSRF token) of a session such as pages open."""
    with transaction(office.engine) as connection:
        person_id = connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one()
        token, _ = open_session(connection, person_id, "cookie", real_now(), "127.0.0.1")
        csrf = connection.execute(select(session.c.csrf_token).where(session.c.kind == "cookie")).scalar_one()
    return token, csrf


def test_a_change_by_cookie_needs_the_csrf_token(office: Office) -> None:
    token, csrf = cookie_session(office, "yj_clerk")
    client = office.client()
    client.set_cookie(SESSION_COOKIE, token)
    body = office.application()
    for headers in ({}, {CSRF_HEADER: "wrong"}, {CSRF_HEADER: "错"}):
        refused = client.post("/api/v1/cases", json=body, headers=headers)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "csrf_failed")
    assert client.post("/api/v1/cases", json=body, headers={CSRF_HEADER: csrf}).status_code == 201


def test_a_cookies_token_is_no_bearer_token(office: Office) -> None:
    token, _ = cookie_session(office, "yj_clerk")
    assert office.client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    client = office.client()
    client.set_cookie(SESSION_COOKIE, office.sign_in("yj_clerk").token)
    assert client.get("/api/v1/me").status_code == 401


# The second step --------------------------------------------------------------------------------


def code_of(username: str) -> str:
    secret = next(one.totp_secret for one in demo_people() if one.username == username)
    return pyotp.TOTP(secret).at(real_now())


def test_granting_a_post_asks_for_the_second_step(office: Office) -> None:
    admin = office.sign_in("secadmin")
    body = {"post": "printer", "department": "YJ", "reason": "岗位调整"}
    refused = admin.post("/people/1/posts", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_factor_required")
    wrong = admin.post("/sessions/current/second-factor", {"code": "000000"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (403, "second_factor_required")
    assert admin.post("/sessions/current/second-factor", {"code": code_of("secadmin")}).status_code == 200
    assert admin.post("/people/1/posts", body).status_code == 202


def test_guessing_codes_of_the_second_step_is_stopped(office: Office) -> None:
    admin = office.sign_in("secadmin")
    for _ in range(5):
        admin.post("/sessions/current/second-factor", {"code": "000000"})
    refused = admin.post("/sessions/current/second-factor", {"code": code_of("secadmin")})
    assert refused.get_json()["code"] == "rate_limited"


def test_the_second_step_is_open_for_this_session_alone(office: Office) -> None:
    admin = office.sign_in("secadmin")
    admin.post("/sessions/current/second-factor", {"code": code_of("secadmin")})
    other = office.client().post("/api/v1/sessions", json={"username": "secadmin", "password": PASSWORD}).get_json()
    refused = office.client().post(
        "/api/v1/post-holdings/1/withdraw",
        json={"reason": "轮岗"},
        headers={"Authorization": f"Bearer {other['token']}"},
    )
    assert refused.get_json()["code"] == "second_factor_required"


# Every answer --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/openapi.json", "/nowhere", "/healthz"])
def test_every_answer_carries_the_headers_that_protect_it(office: Office, path: str) -> None:
    headers = office.client().get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_request_keeps_the_number_that_the_caller_gave_it(office: Office) -> None:
    client = office.client()
    given = client.get("/api/v1/me", headers={"X-Request-Id": "gate-0001-abcd"})
    assert given.headers["X-Request-Id"] == given.get_json()["request_id"] == "gate-0001-abcd"
    forged = client.get("/api/v1/me", headers={"X-Request-Id": 'x" onload="'})
    assert re.fullmatch("[0-9a-f]{32}", forged.get_json()["request_id"])


def test_the_words_follow_the_reader_and_the_code_does_not(office: Office) -> None:
    client = office.client()
    chinese = client.get("/api/v1/me").get_json()
    english = client.get("/api/v1/me", headers={"Accept-Language": "en-GB,en;q=0.9"}).get_json()
    assert chinese["code"] == english["code"] == "not_signed_in"
    assert (chinese["title"], english["title"]) == ("未登录", "Not signed in")
