"""What nobody types into a page: each is told as wrong or passed over, none becomes an incident."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service_fixtures import Office
from tests.web.visiting import visit

# A digit that is no number, digits of another script, and numbers that no database or `int` takes.
ODD_NUMBERS = ("²", "१²", "9" * 30, "9" * 5000, "-1", "1.5")
ODD_DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "²", "9999-W52-5")
NUMBERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a person who is handed a task": ("yj_section", "/tasks/{task}/moves/transfer", {"person": "?", "reason": "x"}),
    "those who sign": ("yj_clerk", "/tasks/{task}/moves/copy", {"people": "?"}),
    "alarms": ("centre", "/alarms/bulk", {"alarm": "?", "act": "order"}),
    "differences": ("centre", "/reconciliation/orders", {"id": "?", "demand": "x"}),
    "who stands in": ("yj_section", "/delegations", {"delegate": "?", "post": "section/YJ", "reason": "x"}),
    "days of a special step": (
        "yj_section",
        "/cases/{number}/moves/special_step",
        {"kind": "expert_review", "days": "?", "reason": "x"},
    ),
    "papers": ("yj_printer", "/printing", {"document": "?", "key": "a key of a form"}),
    "copies": ("yj_clerk", "/copies/read", {"copy": "?"}),
    "a notice of holidays": ("sysadmin", "/calendar", {"notice": "?", "reason": "x"}),
}
DAYS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a loan": ("yj_section", "/tasks/{task}/moves/delegate", {"person": "1", "until": "?", "reason": "x"}),
    "a leave": ("yj_clerk", "/leaves", {"starts_on": "?", "ends_on": "?", "reason": "x"}),
    "a reader": ("yj_head", "/cases/{number}/readers", {"username": "zr_clerk", "until": "?", "reason": "x"}),
    "a delegation": (
        "yj_section",
        "/delegations",
        {"delegate": "1", "post": "section/YJ", "reason": "x", "starts_on": "?", "ends_on": "?"},
    ),
    "an outage": ("secadmin", "/outages", {"starts_at": "? 09:30", "ends_at": "? 10:30", "reason": "x"}),
}


@pytest.mark.parametrize("name", [*NUMBERS, *DAYS])
def test_what_is_no_number_and_no_day_is_told_as_wrong(office: Office, name: str) -> None:
    by, path, form = (NUMBERS | DAYS)[name]
    number = office.start()["number"]
    place = path.format(number=number, task=office.task(number, "formal_check")["id"])
    visitor = visit(office, by).sure()
    for odd in ODD_NUMBERS if name in NUMBERS else ODD_DAYS:
        answer = visitor.send(place, **{key: value.replace("?", odd) for key, value in form.items()})
        assert answer.status_code < 500 and answer.status_code not in (404, 405), (odd, answer.status)


@pytest.mark.parametrize("odd", ODD_NUMBERS)
def test_an_address_with_an_odd_year_shows_the_usual_one(office: Office, odd: str) -> None:
    assert visit(office, "sysadmin").get(f"/calendar/notice?notice={odd}").status_code == 200


@pytest.mark.parametrize("odd", ODD_DAYS)
def test_an_address_with_an_odd_day_shows_the_usual_days(office: Office, odd: str) -> None:
    visitor = visit(office, "auditor")
    for path in ("/attendance", "/overdue-causes", "/orders/statistics"):
        for name in ("from", "to"):
            assert visitor.get(f"{path}?{name}={odd}").status_code == 200, (path, name)


@pytest.mark.parametrize("odd", ODD_NUMBERS)
def test_stars_that_are_no_number_are_told_to_the_public_as_wrong(office: Office, odd: str) -> None:
    case = office.start()
    stranger = visit(office)
    stranger.get(f"/public/cases/{case['number']}?secret={case['secret']}")
    answer = stranger.send(f"/public/cases/{case['number']}/feedback", kind="rating", stars=odd, text="")
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/alarms/{}", "/treasury/{}", "/reconciliation/differences/{}", "/copies/{}"])
def test_a_row_beyond_all_databases_is_not_found(office: Office, path: str) -> None:
    assert visit(office, "auditor").get(path.format("9" * 30)).status_code == 404
