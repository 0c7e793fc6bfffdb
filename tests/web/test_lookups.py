"""Official data is looked up for what one has in hand, on record with its purpose; the server compares what comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from service.commands.look_up import MOST_OPEN
from service.database.session import reading
from service.database.tables import event, official_lookup
from service.gateways.register_client import RegisterClient
from service.standins.registers import Registers
from service.standins.serving import serve_in_thread
from tests.service_fixtures import Office
from tests.web.visiting import told, visit

SG, CODE = "LJ-SG-XK-001", "91329901MA1K2T3X6K"
PATH = f"/power-items/{SG}/lookups"


@pytest.fixture
def asked(office: Office) -> Iterator[Registers]:
    """The office with registers on loopback."""
    key = b"a key of the registers, long enough"
    app = Registers(key=key, now=lambda: office.now, testing=True)
    server, url = serve_in_thread(app)
    office.services.registers = RegisterClient(url, key, now=lambda: office.now)
    yield app
    server.close()


def ask(office: Office, value: str = CODE, by: str = "sg_clerk", **more: Any) -> Any:
    return office.sign_in(by).post(PATH, {"field": "applicant_code", "value": value, **more})


def rows(office: Office) -> list[Any]:
    with reading(office.engine) as connection:
        return list(connection.execute(select(official_lookup).order_by(official_lookup.c.id)))


def start(office: Office, **answers: str) -> str:
    body = office.application(SG)
    body["answers"] |= {"applicant_code": CODE, **answers}
    given = office.sign_in("sg_clerk").post("/cases", body)
    assert given.status_code == 201, given.text
    return str(given.get_json()["number"])


def compared(office: Office) -> list[Any]:
    with reading(office.engine) as connection:
        found = connection.execute(select(event.c.payload).where(event.c.kind == "official_data_compared")).scalars()
        return [json.loads(one) for one in found]


def test_a_register_fills_the_fields_and_every_question_is_on_record(office: Office, asked: Registers) -> None:
    found = ask(office)
    assert found.status_code == 200, found.text
    assert found.get_json() == {
        "outcome": "found",
        "values": {
            "applicant_name": "临江县恒晟化工有限公司",
            "legal_rep_name": "张伟明",
            "address": "临江县滨江新区港城路18号",
        },
    }
    (row,) = rows(office)
    assert (row.subject_masked, row.outcome, row.purpose, row.case_id) == (
        "913299********3X6K",
        "found",
        "核对申请材料",
        None,
    )
    assert CODE not in (row.subject, row.subject_masked)
    assert asked.questions == [(CODE, "核对申请材料", SG)]


def test_the_server_holds_what_is_handed_in_against_what_the_register_said(office: Office, asked: Registers) -> None:
    values = ask(office).get_json()["values"]
    start(office, **values)
    assert compared(office)[-1]["differs"] == []
    number = start(office, **{**values, "legal_rep_name": "李四"})
    assert compared(office)[-1]["differs"] == ["legal_rep_name"]
    assert all(row.case_id is not None for row in rows(office)), "the question belongs to the case that followed"
    assert "有 1 处不一致" in told(visit(office, "sg_clerk").page(f"/cases/{number}"))
    asked_before = len(asked.questions)
    start(office, applicant_code="91329901MA1K2T3X6K")
    assert len(asked.questions) == asked_before, "no register is asked while a case is written"


def test_nobody_browses(office: Office, asked: Registers) -> None:
    assert ask(office, by="sg_officer").status_code == 404
    assert ask(office, by="yj_clerk").status_code == 404
    for field in ("legal_rep_id", "applicant_name", "nothing"):
        assert office.sign_in("sg_clerk").post(PATH, {"field": field, "value": CODE}).status_code == 404
    assert ask(office, "12345").get_json()["code"] == "invalid_answers"
    assert asked.questions == [] and rows(office) == []
    codes = ["11329901014301015Y", "11329901014301023R", "11329901014301031L", "1132990101430104XC", CODE]
    assert len(codes) == MOST_OPEN
    for code in codes:
        assert ask(office, code).status_code == 200
    refused = ask(office, "11329901014301058C")
    assert (refused.status_code, refused.get_json()["code"]) == (429, "rate_limited")
    start(office)
    with reading(office.engine) as connection:
        assert connection.execute(select(event.c.kind).where(event.c.kind == "official_data_compared")).all()


def test_a_register_that_fails_holds_up_nobody(office: Office, asked: Registers) -> None:
    asked._failures.extend(["unavailable"] * 2)
    assert ask(office).get_json() == {"outcome": "unavailable", "values": {}}
    office.services.registers = None
    assert ask(office).get_json()["outcome"] == "unavailable"
    assert [row.outcome for row in rows(office)] == ["unavailable", "unavailable"]
    assert start(office)


def test_a_task_must_be_in_hand_and_have_such_a_field(office: Office, asked: Registers) -> None:
    number = start(office)
    task = office.task(number, "formal_check")
    body = {"field": "applicant_code", "value": CODE}
    refused = office.sign_in("sg_clerk").post(f"/user-tasks/{task['id']}/lookups", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    assert office.sign_in("sg_clerk").post(f"/user-tasks/{task['id']}/claim").status_code == 200
    assert office.sign_in("sg_clerk").post(f"/user-tasks/{task['id']}/lookups", body).status_code == 404
    assert asked.questions == []


def test_auditors_read_every_question_those_without_a_case_too(office: Office, asked: Registers) -> None:
    ask(office)
    number = start(office)
    ask(office, "91329901MA1T5U6Y0K")
    auditor = office.sign_in("auditor")
    everything = auditor.get("/lookups").get_json()
    assert [one["case_number"] for one in everything["items"]] == [None, number]
    assert CODE not in str(everything) and everything["items"][1]["outcome"] == "found"
    without = auditor.get("/lookups?cases=without").get_json()
    assert (without["total"], without["items"][0]["case_number"]) == (1, None)
    assert [one["case_number"] for one in auditor.get(f"/lookups?q={number}").get_json()["items"]] == [number]
    assert auditor.get("/lookups?outcome=unavailable").get_json()["items"] == []
    first = auditor.get("/lookups?limit=1").get_json()
    rest = auditor.get(f"/lookups?limit=1&cursor={first['next']}").get_json()
    assert [first["items"][0]["case_number"], rest["items"][0]["case_number"], rest["next"]] == [None, number, None]
    for who in ("sg_clerk", "sg_head", "secadmin"):
        assert office.sign_in(who).get("/lookups").status_code == 403, who
    page = told(visit(office, "auditor").page("/lookups?cases=without"))
    assert "没有办件" in page and CODE not in page


@pytest.mark.parametrize(
    ("item", "field", "by", "fills"),
    [
        ("LJ-ZR-QR-001", "buyer_code", "zr_clerk", "buyer_name"),
        ("LJ-HB-XK-001", "eia_unit_code", "hb_clerk", "eia_unit"),
        ("LJ-CG-CF-001", "party_code", "cg_officer", "party_name"),
        ("LJ-FG-EX-002", "owner_code", "fg_officer", "owner_unit"),
    ],
)
def test_items_of_every_kind_ask_the_register_by_who_begins_their_cases(
    office: Office, asked: Registers, item: str, field: str, by: str, fills: str
) -> None:
    body = {"field": field, "value": CODE}
    found = office.sign_in(by).post(f"/power-items/{item}/lookups", body)
    assert found.status_code == 200, found.text
    assert found.get_json() == {"outcome": "found", "values": {fills: "临江县恒晟化工有限公司"}}
    for stranger in ("wj_clerk", "auditor"):
        assert office.sign_in(stranger).post(f"/power-items/{item}/lookups", body).status_code == 404, stranger
    assert len(rows(office)) == 1


def test_a_penalty_s_party_is_held_against_the_register_when_the_lead_is_entered(
    office: Office, asked: Registers
) -> None:
    ask_party = {"field": "party_code", "value": CODE}
    assert office.sign_in("cg_officer").post("/power-items/LJ-CG-CF-001/lookups", ask_party).status_code == 200
    office.start("LJ-CG-CF-001", party_kind="organisation", party_code=CODE)
    (told,) = compared(office)
    assert (told["field"], told["differs"]) == ("party_code", [])
    assert rows(office)[0].case_id is not None
