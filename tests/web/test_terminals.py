"""The terminal of a session, and the halt of two separated acts at one of them, as people and programs meet it."""

from __future__ import annotations

from sqlalchemy import insert, select

from service.database.session import reading, transaction
from service.database.tables import session, setting
from service.demo.county import PASSWORD
from service.web.request import SESSION_COOKIE
from service.web.terminal import COOKIE, HEADER
from tests.service_fixtures import Office, Person
from tests.web.visiting import Page, Visitor, token_of, told, visit


def terminals(office: Office) -> list[str | None]:
    with reading(office.engine) as connection:
        return list(connection.execute(select(session.c.terminal).order_by(session.c.created_at)).scalars())


def enter(visitor: Visitor, username: str) -> None:
    """Somebody else signs in at the same browser."""
    door = visitor.client.get("/sign-in").text
    form = {"username": username, "password": PASSWORD, "csrf_token": token_of(door)}
    assert visitor.client.post("/sign-in", data=form).status_code == 303


def at_terminal(office: Office, username: str, terminal: str = "") -> tuple[Person, str]:
    """A program's session, and what it is to keep of its terminal."""
    client = office.client()
    given = client.post(
        "/api/v1/sessions", json={"username": username, "password": PASSWORD}, headers={HEADER: terminal}
    ).get_json()
    return Person(office, client, given["token"], username), given["terminal"]


def test_a_browser_stays_the_same_terminal_whoever_signs_in(office: Office) -> None:
    browser = visit(office, "yj_clerk")
    browser.client.delete_cookie(SESSION_COOKIE)
    enter(browser, "yj_section")
    visit(office, "yj_vice")
    clerk, section, vice = terminals(office)
    assert clerk == section != vice and clerk and vice


def test_scripts_cannot_read_a_terminal_and_nobody_makes_one_up(office: Office) -> None:
    browser = visit(office, "yj_clerk")
    kept = browser.client.get_cookie(COOKIE)
    assert kept is not None and kept.http_only and kept.same_site == "Lax"
    own = kept.value.partition(".")[0]
    browser.client.delete_cookie(SESSION_COOKIE)
    browser.client.set_cookie(COOKIE, f"{'0' * 24}.{kept.value.partition('.')[2]}")
    enter(browser, "yj_section")
    first, second = terminals(office)
    assert first == own and second not in (own, "0" * 24)


def test_a_program_is_a_terminal_of_its_own_unless_it_says_which(office: Office) -> None:
    _, kept = at_terminal(office, "yj_clerk")
    at_terminal(office, "yj_section")
    at_terminal(office, "yj_vice", kept)
    at_terminal(office, "yj_head", kept + "0")
    clerk, section, vice, head = terminals(office)
    assert clerk == vice and len({clerk, section, head}) == 3


def held(office: Office) -> str:
    """The officer's survey and the head of section's review from one terminal, eleven minutes apart."""
    with transaction(office.engine) as connection:
        connection.execute(insert(setting).values(name="presence", content={"shared_terminal_minutes": 30}))
    number = str(office.start()["number"])
    office.walk(number, "site_survey")
    officer, terminal = at_terminal(office, "yj_officer")
    office._people["yj_officer"] = officer
    office.work(number, "site_survey")
    office._people["yj_section"], _ = at_terminal(office, "yj_section", terminal)
    assert office.work(number, "section_review")["outcome"] == "halted"
    return number


def test_the_case_stands_still_until_level_1_has_answered_on_the_page(office: Office) -> None:
    number = held(office)
    assert office.case(number)["status"] == "halted"
    seen = told(visit(office, "yj_section").page(f"/cases/{number}"))
    assert "办件已中止" in seen and "同一终端" in seen and "认可" not in seen
    page = visit(office, "yj_sup1", "en").page(f"/cases/{number}")
    assert "Rule on a halt (one terminal)" in page and "Allow: the act counts" in page
    supervisor = visit(office, "yj_sup1")
    asked = supervisor.send(f"/cases/{number}/moves/halt_ruling", ruling="release", reason="已当面核实")
    assert asked.status_code == 403 and "这一步须由您本人办理" in told(asked.text)
    after = told(supervisor.sure().sent(f"/cases/{number}/moves/halt_ruling", ruling="release", reason="已当面核实"))
    assert "已处置，中止解除" in after and "监察员处置：认可" in after
    case = office.case(number)
    assert case["status"] == "open" and [t["element_id"] for t in case["user_tasks"]] == ["decide"]


def test_the_alarm_says_who_and_where(office: Office) -> None:
    number = held(office)
    (alarm,) = [a for a in office.case(number)["alarms"] if a["kind"] == "concentrated"]
    page = told(visit(office, "yj_sup1").page(f"/alarms/{alarm['id']}"))
    assert "同一终端的另一人" in page and "127.0.0.1" in page and "相隔" in page


def test_a_ruling_over_the_interface_is_the_supervisors_and_once(office: Office) -> None:
    number = held(office)
    path, body = f"/cases/{number}/halt-ruling", {"ruling": "void", "reason": "两个账号一台电脑"}
    assert office.sign_in("yj_head").sure().post(path, body).status_code == 403
    supervisor = office.sign_in("yj_sup1")
    assert supervisor.post(path, body).get_json()["code"] == "second_factor_required"
    done = supervisor.sure().post(path, body)
    assert done.status_code == 200 and done.get_json()["status"] == "open"
    assert supervisor.post(path, body).get_json()["code"] == "move_refused"
    wrong = supervisor.post(path, {"ruling": "redo", "reason": "x"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "invalid_request")
    office._people.pop("yj_section")
    assert office.complete(number, "section_review", "yj_section").get_json()["outcome"] == "completed"


def test_the_form_of_the_ruling_has_both_answers_and_asks_why(office: Office) -> None:
    page = Page(visit(office, "yj_sup1").page(f"/cases/{held(office)}"))
    assert {one["value"] for one in page.all("input", name="ruling")} == {"release", "void"}
