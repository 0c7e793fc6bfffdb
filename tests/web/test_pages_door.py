"""The door: signing in and out, tokens, where one is sent back to, language and larger text."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert

from service.database.session import transaction
from service.database.tables import setting
from service.demo.county import PASSWORD
from service.web.pages.shell import local
from service.web.request import SESSION_COOKIE
from tests.service_fixtures import Office
from tests.web.visiting import Page, token_of, told, visit


def test_the_right_password_opens_the_page_that_was_asked_for(office: Office) -> None:
    client = office.client()
    asked = client.get("/cases?status=open")
    assert asked.headers["Location"] == "/sign-in?next=/cases?status%3Dopen"
    door = client.get(asked.headers["Location"])
    action = re.search(r'action="([^"]+)"', door.text)
    assert action is not None
    form = {"username": "yj_clerk", "password": PASSWORD, "csrf_token": token_of(door.text)}
    answer = client.post(action[1].replace("&amp;", "&"), data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases?status=open")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(SESSION_COOKIE))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert client.get("/cases?status=open").status_code == 200


def test_a_wrong_password_keeps_the_user_name_and_opens_nothing(office: Office) -> None:
    client = office.client()
    form = {"username": "yj_clerk", "password": "wrong", "csrf_token": token_of(client.get("/sign-in").text)}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text and 'value="yj_clerk"' in answer.text and "wrong" not in answer.text
    assert client.get("/work").status_code == 303


def test_ten_wrong_passwords_make_one_wait(office: Office) -> None:
    client = office.client()
    form = {"username": "yj_clerk", "password": "wrong", "csrf_token": token_of(client.get("/sign-in").text)}
    for _ in range(10):
        assert client.post("/sign-in", data=form).status_code == 401
    late = client.post("/sign-in", data={**form, "password": PASSWORD})
    assert late.status_code == 429 and "稍后再试" in late.text


def test_a_sign_in_that_another_site_sends_is_refused(office: Office) -> None:
    form = {"username": "yj_clerk", "password": PASSWORD}
    for token in ("", "guessed"):
        answer = office.client().post("/sign-in", data={**form, "csrf_token": token})
        assert answer.status_code == 403
        assert not any(SESSION_COOKIE in line for line in answer.headers.getlist("Set-Cookie"))


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    visitor = visit(office, "yj_clerk")
    kept = visitor.client.get_cookie(SESSION_COOKIE)
    assert kept is not None
    assert "已退出登录" in visitor.sent("/sign-out")
    stolen = office.client()
    stolen.set_cookie(SESSION_COOKIE, kept.value)
    assert stolen.get("/work").status_code == 303


def test_every_form_of_a_session_asks_for_its_token(office: Office) -> None:
    visitor = visit(office, "yj_clerk")
    given = {
        "number": "YJ-XK-2026-000001",
        "task_id": "a" * 32,
        "code": "LJ-YJ-XK-001",
        "kind": "certificate",
        "name": "transfer",
    }
    rules = [
        rule
        for rule in office.app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "POST" in (rule.methods or ())
    ]
    assert len(rules) >= 20
    adapter = office.app.url_map.bind("localhost")
    for rule in rules:
        values = {name: given.get(name, 1) for name in rule.arguments}
        path = adapter.build(rule.endpoint, values, method="POST")
        for token in ({}, {"csrf_token": "another session's"}):
            answer = visitor.client.post(path, data=token)
            assert answer.status_code == 403, path
            assert "页面已过期" in told(answer.text), path


@pytest.mark.parametrize(
    "address",
    ["//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/a\r\nSet-Cookie: b=c", ""],
)
def test_nobody_is_sent_to_another_site(office: Office, address: str) -> None:
    assert local(address, "/here") == "/here"
    answer = office.client().get("/language/en", query_string={"next": address})
    assert answer.headers["Location"] == "/"


def test_the_chosen_language_stays_and_the_browsers_counts_until_then(office: Office) -> None:
    visitor = visit(office)
    assert visitor.get("/language/en?next=/public/items").headers["Location"] == "/public/items"
    assert "Guides" in visitor.page("/public/items")
    visitor.get("/language/zh")
    assert "办事指南" in visitor.page("/public/items")
    fresh = office.client()
    assert 'lang="en"' in fresh.get("/public", headers={"Accept-Language": "en-GB"}).text
    assert 'lang="zh-CN"' in fresh.get("/public", headers={"Accept-Language": "fr"}).text


def test_larger_text_works_without_a_script(office: Office) -> None:
    visitor = visit(office)
    root = r"<html [^>]*data-elder"
    assert not re.search(root, visitor.page("/public"))
    visitor.get("/elder/on?next=/public")
    assert re.search(root, visitor.page("/public"))
    visitor.get("/elder/off?next=/public")
    assert not re.search(root, visitor.page("/public"))


def test_accounts_are_listed_in_the_demo_county_alone(office: Office) -> None:
    assert "演示账号" not in visit(office).page("/sign-in")
    with transaction(office.engine) as connection:
        connection.execute(insert(setting), {"name": "demo_county", "content": "loaded"})
    page = visit(office).page("/sign-in")
    assert "演示账号" in page and "yj_clerk" in page and PASSWORD in page


def test_the_testing_banner_shows_the_moved_time_on_every_page(office: Office) -> None:
    office.wait(hours=2)
    for page in (visit(office).page("/public"), visit(office, "yj_clerk").page("/work")):
        assert "系统时间 2026-11-23 11:00" in page
        steps = [given for given in Page(page).all("button") if given.get("data-post") == "/api/v1/clock"]
        assert '{"advance": "PT31M"}' in {given["data-body"] for given in steps}


def test_navigation_shows_what_the_person_may_open(office: Office) -> None:
    def links(username: str) -> set[str]:
        html = visit(office, username).page("/notices")
        inside = html.partition('id="nav"')[2].partition("</nav>")[0]
        return {given["href"] for given in Page(inside).all("a")}

    assert links("yj_clerk") == {"/work", "/cases", "/certificates", "/processes"}
    assert links("yj_sup1") == {
        "/work",
        "/cases",
        "/certificates",
        "/alarms",
        "/orders",
        "/feedback",
        "/processes",
        "/attendance",
        "/reconciliation",
    }
    office_pages = {"/people", "/stand-ins", "/departments", "/settings", "/permissions", "/office-changes"}
    office_pages.add("/ticket-books")
    assert links("secadmin") == {"/processes", "/hand-over", "/outages", *office_pages}
    assert links("sysadmin") == {
        "/processes",
        *office_pages,
        "/calendar",
        "/document-words",
        "/dead-letters",
        "/incidents",
        "/unmatched-payments",
        "/treasury",
    }
    assert "/unmatched-payments" in links("yj_cashier")
    assert "/thresholds" in links("sup2") and "/people" not in links("sup2")


def test_administration_is_one_menu_of_the_bar_where_its_links_are_many(office: Office) -> None:
    page = visit(office, "sysadmin").page("/people")
    bar = page.partition('id="nav"')[2].partition("</nav>")[0]
    menu = bar.partition('<details class="menu nav-menu current">')[2].partition("</details>")[0]
    assert "管理" in menu.partition("</summary>")[0]
    assert all(f'href="{path}"' in menu for path in ("/people", "/calendar", "/dead-letters", "/incidents"))
    assert 'href="/processes"' in bar and 'href="/processes"' not in menu
    assert "nav-menu" not in visit(office, "yj_clerk").page("/cases")
    assert "nav-menu" in visit(office, "centre").page("/cases"), "side by side they would not fit in English"
