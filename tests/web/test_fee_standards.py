"""Fee standards over the interface: proposed with its source, previewed, approved by another, in force from its day."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import select

from service.database.session import reading
from service.database.tables import fee_assessment, fee_standard, office_change
from tests.service_fixtures import Office

ZR = "LJ-ZR-QR-001"
PATH = f"/fee-standards/{ZR}"


def content_of(office: Office, item: str = ZR) -> dict[str, Any]:
    answer = office.sign_in("cz_cashier").get(f"/fee-standards/{item}")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json()["items"][0]["standard"])


def dearer(office: Office, fen: str = "9000") -> dict[str, Any]:
    changed = deepcopy(content_of(office))
    changed["charges"][0]["rules"][0]["amount"] = fen
    changed["legal_source"] = "发改价格规〔2026〕1号"
    return changed


def proposed(office: Office, by: str = "zr_cashier", on: str = "2026-12-01", **more: Any) -> Any:
    body = {"effective_on": on, "standard": dearer(office), "reason": "省里调整标准", **more}
    return office.sign_in(by).post(f"{PATH}/proposals", json=body)


def approved(office: Office, proposal: int, by: str = "cz_section") -> Any:
    return office.sign_in(by).sure().post(f"/proposals/{proposal}/approve", json={})


def test_every_fee_stands_in_the_list_with_its_source(office: Office) -> None:
    rows = {row["power_item"]: row for row in office.sign_in("auditor").get("/fee-standards").get_json()["items"]}
    assert set(rows) == {ZR, "LJ-ZJ-ZS-001"}
    assert (rows[ZR]["version"], rows[ZR]["next_version"]) == (1, None)
    assert "2559号" in rows[ZR]["legal_source"]


def test_a_version_takes_effect_on_its_day_and_a_case_keeps_that_of_its_acceptance(office: Office) -> None:
    proposal = proposed(office)
    assert proposal.status_code == 201, proposal.text
    decided = approved(office, proposal.get_json()["id"])
    assert decided.status_code == 200, decided.text
    early = office.start(ZR)["number"]
    office.work(early, "formal_check")
    office.wait(days=9)
    late = office.start(ZR)["number"]
    for number in (early, late):
        office.walk(number, "await_payment")
    with reading(office.engine) as connection:
        rows = connection.execute(select(fee_assessment).order_by(fee_assessment.c.id)).all()
        (change,) = connection.execute(select(office_change)).all()
        latest = connection.execute(select(fee_standard).order_by(fee_standard.c.version.desc())).first()
    assert [(row.version, row.amount_fen) for row in rows] == [(1, 8000), (2, 9000)]
    assert rows[0].inputs["property_use"] == "dwelling" and rows[1].in_force_on.isoformat() == "2026-12-02"
    assert (change.kind, change.subject) == ("fee_standard", f"fee_standard/ZR/{ZR}")
    assert change.before["version"] == 1 and change.after["version"] == 2
    assert latest is not None and (latest.proposed_by, latest.approved_by) == (change.proposer, change.actor)
    assert change.proposer != change.actor


def test_who_proposes_never_approves_and_only_finance_does(office: Office) -> None:
    own = proposed(office, by="cz_section").get_json()["id"]
    assert approved(office, own).get_json()["code"] == "separation_of_duty"
    assert approved(office, own, by="zr_section").get_json()["code"] == "not_permitted"
    assert approved(office, own, by="zr_head").get_json()["code"] == "not_permitted"
    assert office.sign_in("cz_head").post(f"/proposals/{own}/approve", json={}).get_json()["code"] == (
        "second_factor_required"
    )
    assert approved(office, own, by="cz_head").status_code == 200


@pytest.mark.parametrize(
    ("by", "code"), [("yj_cashier", "not_permitted"), ("zr_clerk", "not_permitted"), ("sysadmin", "not_permitted")]
)
def test_no_other_department_and_no_other_post_proposes(office: Office, by: str, code: str) -> None:
    assert proposed(office, by=by).get_json()["code"] == code


@pytest.mark.parametrize("on", ["2026-11-23", "2026-01-01"])
def test_no_standard_reaches_back(office: Office, on: str) -> None:
    answer = proposed(office, on=on)
    assert answer.status_code == 422 and answer.get_json()["errors"][0]["pointer"] == "/effective_on"


def test_a_proposal_that_waited_past_its_day_cannot_be_approved(office: Office) -> None:
    waiting = proposed(office).get_json()["id"]
    office.wait(days=8)
    answer = approved(office, waiting)
    assert answer.status_code == 422 and answer.get_json()["errors"][0]["pointer"] == "/effective_on"
    with reading(office.engine) as connection:
        assert connection.execute(select(fee_standard.c.version).where(fee_standard.c.version > 1)).all() == []


def test_what_is_wrong_is_named_and_nothing_is_kept(office: Office) -> None:
    for standard, pointer in (
        (dearer(office, "0.5"), "/standard/charges/0/rules/0/amount"),
        (dearer(office, "9000 * no_such_answer"), "/standard/charges"),
        ({}, "/standard/charges"),
    ):
        answer = proposed(office, standard=standard)
        assert answer.status_code == 422, answer.text
        assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert proposed(office, reason=" ").status_code == 422
    assert office.sign_in("cz_cashier").get("/proposals").get_json()["total"] == 0
    missing = office.sign_in("zr_cashier").post(
        "/fee-standards/LJ-YJ-XK-001/preview", json={"effective_on": "2026-12-01", "standard": {}}
    )
    assert missing.status_code == 404


def test_a_preview_says_what_open_and_earlier_cases_would_pay(office: Office) -> None:
    charged = office.start(ZR)["number"]
    office.walk(charged, "await_payment")
    fresh = office.start(ZR)["number"]
    body = {"effective_on": "2026-12-01", "standard": dearer(office)}
    answer = office.sign_in("zr_cashier").post(f"{PATH}/preview", json=body)
    assert answer.status_code == 200, answer.text
    seen = answer.get_json()
    rows = {row["number"]: row for row in seen["open_cases"]}
    assert seen["open_total"] == 2
    assert (rows[charged]["keeps"], rows[charged]["now_fen"], rows[charged]["then_fen"]) == (True, 8000, 8000)
    assert (rows[fresh]["keeps"], rows[fresh]["now_fen"], rows[fresh]["then_fen"]) == (False, 8000, 9000)
    assert [(row["now_fen"], row["then_fen"]) for row in seen["earlier"]] == [(8000, 9000)]
    assert seen["change_fen"] == 1000
    assert office.sign_in("zr_clerk").post(f"{PATH}/preview", json=body).status_code == 403


def test_the_guide_shows_the_standard_in_force(office: Office) -> None:
    assert approved(office, proposed(office).get_json()["id"]).status_code == 200
    path = f"/power-items/{ZR}"
    before = office.sign_in("zr_clerk").get(path).get_json()["fee"]
    office.wait(days=8)
    after = office.sign_in("zr_clerk").get(path).get_json()["fee"]
    assert (before["standard"], before["rules"][0]["amount_fen"]) == (1, 8000)
    assert (after["standard"], after["rules"][0]["amount_fen"]) == (2, 9000)
