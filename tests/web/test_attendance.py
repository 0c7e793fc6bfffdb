"""监察日志: rates for leaders and supervisors, one's own days, the public board, the reminder at half past nine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from service.database.session import reading, transaction
from service.database.tables import notice
from service.demo.county import PASSWORD
from supervision.attending import remind_absent
from tests.service_fixtures import Office
from tests.web.visiting import visit


def rows(office: Office, who: str, path: str = "/attendance", **query: str) -> list[dict[str, Any]]:
    answer = office.sign_in(who).get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def due_today(office: Office) -> str:
    """A case whose formal check is overdue today, when nobody has signed in yet."""
    number = str(office.start("LJ-YJ-XK-001")["number"])
    office.wait(days=7)
    return number


def of(found: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (one,) = [row for row in found if all(row[key] == value for key, value in wanted.items())]
    return one


def test_the_rate_counts_who_had_work_due_and_signed_in(office: Office) -> None:
    due_today(office)
    today = office.now.date().isoformat()
    before = of(rows(office, "sup2"), day=today, department="YJ", role="handler")
    assert before["expected"] >= 1 and before["target"] == 90.0
    (clerk,) = [
        one for one in rows(office, "yj_sup1", "/attendance/people") if one["name"] == "王晓燕" and one["day"] == today
    ]
    assert (clerk["online"], clerk["touched"]) == (False, 0) and clerk["due"] >= 1
    office.client().post("/api/v1/sessions", json={"username": "yj_clerk", "password": PASSWORD})
    after = of(rows(office, "sup2"), day=today, department="YJ", role="handler")
    assert after["online"] == before["online"] + 1 and after["rate"] > before["rate"]


def test_it_is_shown_to_whom_it_concerns(office: Office) -> None:
    due_today(office)
    clerk = office.sign_in("yj_clerk")
    assert clerk.get("/attendance").status_code == 403
    own = rows(office, "yj_clerk", "/attendance/people")
    assert {one["name"] for one in own} == {"王晓燕"}
    assert {one["department"] for one in rows(office, "yj_sup1")} <= {"YJ"}
    assert office.sign_in("sup2").get("/attendance?from=2025-01-01&to=2026-11-23").status_code == 422
    public = office.client().get("/api/v1/public/attendance").get_json()["items"]
    assert public and not {"name", "person_id", "address"} & set(public[0])


def test_the_pages_show_the_board_and_ones_own_days(office: Office) -> None:
    due_today(office)
    board = visit(office, "sup2").page("/attendance")
    assert "上线率" in board and "王晓燕" in board and "未登录" in board
    own = visit(office, "yj_clerk").page("/attendance")
    assert "我的记录" in own and "上线率" not in own.split("<main")[1]
    public = visit(office).page("/public/attendance")
    assert "上线率公示" in public and "王晓燕" not in public
    assert "Online rates" in visit(office, language="en").page("/public/attendance")


def test_the_absent_are_reminded_once_at_half_past_nine(office: Office) -> None:
    due_today(office)
    morning = office.now.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=9, minute=29)

    def look(at: Any) -> int:
        with transaction(office.engine) as connection:
            return remind_absent(connection, office.services, at)

    assert look(morning) == 0
    told = look(morning + timedelta(minutes=1))
    assert told >= 1 and look(morning + timedelta(minutes=2)) == 0
    with reading(office.engine) as connection:
        found = connection.execute(select(notice.c.text).where(notice.c.kind == "attendance_reminder")).scalars().all()
    assert len(found) == told and "尚未登录" in found[0]
