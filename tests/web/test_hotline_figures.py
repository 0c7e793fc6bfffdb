"""热线月报 on its page, over the interface and as a file: counted by the month of the call, by department."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from service.cases.work_orders import WorkOrder, monthly_figures, total_of
from tests.service_fixtures import Office
from tests.web.visiting import told, visit

HOTLINE = "LJ-RX-EX-001"
AT = datetime(2026, 11, 23, tzinfo=UTC)


def order(department: str = "SG", **more: Any) -> WorkOrder:
    given: dict[str, Any] = {"answered_at": AT, "late": False, "satisfaction": "ok", "returned_by": (), "secret": False}
    return WorkOrder(department, **(given | more))


def test_rates_leave_out_what_nobody_can_say_yet() -> None:
    rows = monthly_figures(
        [
            order(),
            order(late=True, satisfaction="bad"),
            order(satisfaction="unreachable"),
            order(answered_at=None, satisfaction=None, secret=True),
            order("HB", returned_by=("SG", "SG"), answered_at=None, late=True, satisfaction=None),
        ]
    )
    by_code = {row.department: row for row in rows}
    mine = by_code["SG"]
    assert (mine.received, mine.answered, mine.in_time, mine.overdue, mine.returned, mine.secret) == (4, 3, 2, 1, 2, 1)
    assert (mine.in_time_rate, mine.asked, mine.satisfied_rate) == (66.7, 2, 50.0)
    assert (by_code["HB"].in_time_rate, by_code["HB"].satisfied_rate) == (0.0, None)
    assert total_of(rows).received == 5


def figures(office: Office, who: str, month: str = "2026-11") -> dict[str, dict[str, Any]]:
    answer = office.sign_in(who).get(f"/hotline-figures?month={month}")
    assert answer.status_code == 200, answer.text
    return {row["department"]: row for row in answer.get_json()["items"]}


@pytest.fixture
def month(office: Office) -> Office:
    """Of November: one answered at once, one by SG after HB had returned it, one secret, one late at SG."""
    office.walk(str(office.start(HOTLINE, answerable="yes")["number"]), "the end")
    returned = str(office.start(HOTLINE, target_department="HB")["number"])
    office.walk(returned, "sign", target_department="HB")
    done = office.complete(
        returned,
        "sign",
        "hb_dept_clerk",
        sign_result="return",
        return_reason="该事项由市场监管部门管理，依据三定规定。",
    )
    assert done.status_code == 200, done.text
    office.walk(returned, "the end", target_department="SG", satisfaction="very")
    secret = str(office.start(HOTLINE, keep_secret="yes")["number"])
    office.walk(secret, "the end", target_department="SG", satisfaction="ok")
    late = str(office.start(HOTLINE, order_kind="complaint")["number"])
    office.walk(late, "handle", target_department="SG")
    office.wait(days=20)
    return office


def test_departments_are_told_their_own_figures_and_the_hotline_all(month: Office) -> None:
    everything = figures(month, "rx_hotline_dispatcher")
    mine = everything["SG"]
    assert (mine["received"], mine["answered"], mine["in_time"], mine["overdue"]) == (3, 2, 2, 1)
    assert (mine["asked"], mine["satisfied"], mine["satisfied_rate"], mine["secret"]) == (2, 2, 100.0, 1)
    assert mine["in_time_rate"] == 66.7
    assert (everything["HB"]["received"], everything["HB"]["returned"]) == (0, 1)
    assert (everything["RX"]["received"], everything["RX"]["in_time"]) == (1, 1)
    assert figures(month, "auditor") == everything == figures(month, "sup2")
    assert set(figures(month, "sg_head")) == {"SG"} and figures(month, "yj_section") == {}
    assert month.sign_in("sg_clerk").get("/hotline-figures").status_code == 403
    assert figures(month, "sup2", "2026-10") == {}
    for wrong in ("2026-13", "2030-01", "x", "2019-12"):
        assert month.sign_in("sup2").get(f"/hotline-figures?month={wrong}").status_code == 422, wrong


def test_the_page_and_its_file_say_the_same(month: Office) -> None:
    page = told(visit(month, "rx_hotline_dispatcher").page("/hotline/figures?month=2026-11"))
    assert "县市场监督管理局" in page and "66.7" in page and "合计" in page
    assert "月份不正确" in told(visit(month, "sup2").page("/hotline/figures?month=nonsense"))
    answer = visit(month, "sup2").get("/hotline/figures.csv?month=2026-11")
    assert answer.content_type.startswith("text/csv") and answer.text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["部门", "来电件数", "不属受理范围"]
    assert {row[0]: row[1] for row in rows[1:]}["合计"] == "4"
    assert visit(month, "sg_clerk").get("/hotline/figures").status_code == 403
