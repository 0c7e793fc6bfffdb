"""麻雀解剖 over the interface and on its page: an overdue case's waiting, joined with who was there."""

from __future__ import annotations

from tests.service_fixtures import Office
from tests.web.visiting import visit


def test_a_case_that_nobody_checks_is_overdue_by_its_clerks_on_days_when_they_were_absent(office: Office) -> None:
    number = office.start()["number"]
    office.wait(days=12)
    found = office.sign_in("sup2").get("/overdue-causes?from=2026-11-23&to=2026-12-05").get_json()
    (case,) = [one for one in found["items"] if one["case_number"] == number]
    shares = {one["hands"]: one for one in case["shares"]}
    assert case["main"] == "clerk" and shares["clerk"]["minutes"] > 5 * 7 * 60 > shares["leader"]["minutes"]
    assert 0 < shares["clerk"]["days_absent"] < shares["clerk"]["days"], "the clerk was there on the first day alone"
    (cause,) = found["causes"]
    assert (cause["department"], cause["mainly"]["clerk"]) == ("YJ", 1)


def test_causes_are_for_those_who_lead_or_supervise_the_department(office: Office) -> None:
    office.start()
    office.wait(days=12)
    path = "/overdue-causes?from=2026-11-23&to=2026-12-05"
    assert office.sign_in("mz_sup1").get(path).get_json()["total"] == 0
    assert office.sign_in("yj_sup1").get(path).get_json()["total"] == 1
    assert office.sign_in("sup2").get(f"{path}&department=SG").get_json()["total"] == 0
    assert office.sign_in("yj_clerk").get(path).status_code == 403
    assert office.sign_in("sup2").get("/overdue-causes?from=2026-01-01&to=2026-12-05").status_code == 422
    page = visit(office, "yj_section").page(path)
    assert "无人在岗" in page and "主要在经办" in page
