"""Incidents over the interface and on their page: who sees them, what they say, and the button that tries again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.database.session import reading, transaction
from service.database.tables import case, event, incident
from tests.service_fixtures import Office
from tests.web.visiting import Page, told, visit


@pytest.fixture
def broken(office: Office) -> tuple[str, bytes]:
    """The number of a case that failed when its check fell due, and the state that it had before."""
    number = office.start()["number"]
    of_case = case.c.number == number
    with transaction(office.engine) as connection:
        state: bytes = connection.execute(select(case.c.state).where(of_case)).scalar_one()
        connection.execute(update(case).where(of_case).values(state=b"\xc1 no state at all"))
    office.wait(days=14)
    return number, state


def heal(office: Office, broken: tuple[str, bytes]) -> None:
    with transaction(office.engine) as connection:
        connection.execute(update(case).where(case.c.number == broken[0]).values(state=broken[1]))


def kinds(office: Office, number: str) -> list[str]:
    of_case = select(event.c.kind).join(case, case.c.id == event.c.case_id).where(case.c.number == number)
    with reading(office.engine) as connection:
        return list(connection.execute(of_case).scalars())


def test_an_incident_is_listed_settled_and_tried_again(office: Office, broken: tuple[str, bytes]) -> None:
    admin = office.sign_in("sysadmin")
    found = admin.get("/incidents").get_json()
    (one,) = found["items"]
    assert (one["case_number"], one["during"], one["status"]) == (broken[0], "timer", "open")
    assert one["timers"] >= 1 and one["message"]
    heal(office, broken)
    for each in found["items"]:
        settled = admin.post(f"/incidents/{each['id']}/settle", {"reason": "从备份恢复"})
        assert (settled.status_code, settled.get_json()["status"]) == (200, "settled")
    assert admin.get("/incidents").get_json()["total"] == 0
    assert admin.get("/incidents?status=settled").get_json()["total"] == found["total"]
    assert {"incident_opened", "incident_settled", "acceptance_deemed"} <= set(kinds(office, broken[0]))
    again = admin.post(f"/incidents/{one['id']}/settle", {"reason": "再来一次"})
    assert (again.status_code, again.get_json()["code"]) == (409, "incident_settled")
    assert admin.get("/incidents/9999").status_code == 404
    assert admin.post("/incidents/9999/settle", {"reason": "x"}).status_code == 404


def test_what_fails_again_in_the_same_way_is_one_incident_that_counts(office: Office) -> None:
    number = office.start()["number"]
    task = office.case(number)["user_tasks"][0]["id"]
    with transaction(office.engine) as connection:
        connection.execute(update(case).where(case.c.number == number).values(state=b"\xc1 no state at all"))
    clerk = office.sign_in("yj_clerk")
    for _ in range(3):
        assert clerk.post(f"/user-tasks/{task}/complete", {"answers": {}}).status_code == 500
        office.wait(minutes=1)
    items = office.sign_in("sysadmin").get("/incidents").get_json()["items"]
    (one,) = [item for item in items if item["during"] == "act"]
    assert one["times"] == 3
    assert one["at"] < one["last_at"]
    assert kinds(office, number).count("incident_opened") == len(items)
    assert "共 3 次" in visit(office, "sysadmin").get("/incidents").text


def test_who_may_see_and_who_may_settle(office: Office, broken: tuple[str, bytes]) -> None:
    one = office.sign_in("auditor").get("/incidents").get_json()["items"][0]
    for username in ("auditor", "secadmin", "yj_head"):
        refused = office.sign_in(username).post(f"/incidents/{one['id']}/settle", {"reason": "x"})
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted"), username
    assert office.sign_in("secadmin").get("/incidents").status_code == 403
    assert office.client().get("/api/v1/incidents").status_code == 401
    missing = office.sign_in("sysadmin").post(f"/incidents/{one['id']}/settle", {})
    assert missing.status_code == 422


def test_the_page_tells_of_an_incident_in_words_and_tries_again(office: Office, broken: tuple[str, bytes]) -> None:
    admin = visit(office, "sysadmin")
    page = admin.page("/incidents")
    words = told(page)
    assert "到时事项没有执行成功" in words and broken[0] in words and "停住的计时" in words and "天前" in words
    settle = [given["action"] for given in Page(page).all("form") if given.get("action", "").endswith("/settle")]
    assert settle
    refused = admin.send(settle[0], reason=" ")
    assert refused.status_code == 422 and "请写明怎样排除了故障" in told(refused.text)
    heal(office, broken)
    for action in settle:
        after = told(admin.sent(action, reason="从备份恢复"))
        assert "已处理" in after
    assert "没有未处理的故障" in told(admin.page("/incidents"))
    assert broken[0] in told(admin.page("/incidents?status=settled"))
    assert "acceptance_deemed" in kinds(office, broken[0])
    assert "系统故障已处理：从备份恢复" in told(visit(office, "auditor").page(f"/cases/{broken[0]}"))


def test_the_page_without_incidents_says_so_and_the_auditor_has_no_button(office: Office) -> None:
    assert "没有未处理的故障" in told(visit(office, "sysadmin").page("/incidents"))
    assert visit(office, "yj_clerk").send("/incidents/1/settle", reason="x").status_code == 403
    assert (
        "<form"
        not in visit(office, "auditor").page("/incidents").partition('<div class="panel">')[2].partition("</main>")[0]
    )


def test_an_age_is_told_in_the_unit_that_says_enough(office: Office, broken: tuple[str, bytes]) -> None:
    with transaction(office.engine) as connection:
        for age, word in (
            (timedelta(seconds=59), "刚才"),
            (timedelta(minutes=59), "59 分钟前"),
            (timedelta(hours=47), "47 小时前"),
            (timedelta(days=3), "3 天前"),
        ):
            row = {"case_id": 1, "at": office.now - age, "during": "act", "message": word, "status": "open"}
            connection.execute(incident.insert().values(**row))
    words = told(visit(office, "sysadmin").page("/incidents"))
    for word in ("刚才", "59 分钟前", "47 小时前", "3 天前"):
        assert word in words
