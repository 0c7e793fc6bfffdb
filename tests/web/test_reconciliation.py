"""The reconciliation desk over the interface and by its pages: filters, decisions, an order in one step."""

from __future__ import annotations

import io
from hashlib import sha256

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from service.commands.housekeeping import _REFERENCED
from service.database.session import reading
from tests.service_fixtures import PDF, Office
from tests.web.test_api_treasury import imported
from tests.web.visiting import told, visit

HEAD = "receipt_no,pay_code,amount_fen,paid_on,payer,dept_code,item_code\n"
FILE = (
    f"{HEAD}R-1,,1000000,2026-10-12,临江县口岸餐饮有限公司,CG,103050199\nR-2,,500000,2026-11-03,王某,CG,103050198\n"
    "R-3,,30000,2026-11-04,李某,SG,103\nR-4,,700,2026-11-04,,,\n"
)


@pytest.fixture
def county(office: Office) -> Office:
    """Money of two departments, and some of none, came in without cases."""
    assert imported(office, FILE).status_code == 202
    office.stepping.look()
    return office


def test_differences_are_filtered_and_paged_by_the_server(county: Office) -> None:
    level2 = county.sign_in("sup2")

    def found(query: str) -> list[str]:
        answer = level2.get(f"/reconciliation/differences?{query}")
        assert answer.status_code == 200, answer.text
        return [one["receipt_no"] for one in answer.get_json()["items"]]

    assert found("") == ["R-4", "R-3", "R-2", "R-1"]
    assert found("department=CG") == ["R-2", "R-1"]
    assert found("department=CG&month=2026-10") == ["R-1"]
    assert found("item=103050198") == ["R-2"]
    assert found("from=2026-11&to=2026-11&class=D5") == ["R-4", "R-3", "R-2"]
    assert found("class=D6") == found("status=ordered") == []
    first = level2.get("/reconciliation/differences?limit=3").get_json()
    assert (first["total"], len(first["items"])) == (4, 3)
    rest = level2.get(f"/reconciliation/differences?limit=3&cursor={first['next']}").get_json()
    assert [one["receipt_no"] for one in rest["items"]] == ["R-1"] and rest["next"] is None
    one = first["items"][2]
    assert (one["class"], one["amount_fen"], one["department"], one["case_number"]) == ("D5", 500_000, "CG", None)
    assert one["receipt"]["receipt_no"] == "R-2" and one["month"] == "2026-11"
    for wrong in ("class=D11", "status=gone", "cursor=x", "limit=0"):
        assert level2.get(f"/reconciliation/differences?{wrong}").status_code == 422


def test_totals_name_what_the_system_lacks_by_department_and_charge(county: Office) -> None:
    found = county.sign_in("centre").get("/reconciliation/totals?from=2026-01&to=2026-12").get_json()
    assert found["whole"]["short_fen"] == 1_530_700
    first = found["departments"][0]
    assert (first["key"], first["treasury_fen"], first["system_fen"]) == ("CG", 1_500_000, 0)
    assert {item["key"]: item["short_fen"] for item in first["items"]} == {"103050199": 1_000_000, "103050198": 500_000}
    own = county.sign_in("sg_section").get("/reconciliation/totals").get_json()
    assert [line["key"] for line in own["departments"]] == ["SG"]


def test_who_may_read_decide_and_explain(county: Office) -> None:
    place = "/reconciliation/differences"
    assert county.sign_in("sg_clerk").get(place).status_code == 403
    assert county.sign_in("sg_head").get(place).get_json()["total"] == 1
    assert county.sign_in("auditor").get(place).get_json()["total"] == 4
    (theirs,) = county.sign_in("sup2").get(f"{place}?department=SG").get_json()["items"]
    (ours, *_) = county.sign_in("sup2").get(f"{place}?department=CG").get_json()["items"]
    section = county.sign_in("sg_section")
    assert section.get(f"{place}/{ours['id']}").status_code == 404
    said = section.post(f"{place}/{theirs['id']}/statement", {"reason": "系代收", "evidence": "临财〔2026〕1号"})
    assert [row["act"] for row in said.get_json()["trail"]] == ["statement"]
    assert section.post(f"{place}/{ours['id']}/statement", {"reason": "x"}).status_code == 403
    decision = {"decision": "off_system", "reason": "查无办件"}
    assert section.post(f"{place}/{theirs['id']}/decision", decision).status_code == 403
    decided = county.sign_in("sup2").post(f"{place}/{theirs['id']}/decision", decision)
    assert decided.get_json()["status"] == "off_system"
    assert county.sign_in("sup2").post("/reconciliation/comparisons", {}).status_code == 202
    assert section.post("/reconciliation/comparisons", {}).status_code == 403


def test_an_order_comes_from_differences_in_one_step(county: Office) -> None:
    level2 = county.sign_in("sup2")
    items = level2.get("/reconciliation/differences?department=CG").get_json()["items"]
    body = {"ids": [one["id"] for one in items], "demand": "逐笔说明"}
    assert county.sign_in("cg_sup1").post("/reconciliation/orders", body).status_code == 403
    assert level2.post("/reconciliation/orders", {**body, "ids": []}).status_code == 422
    assert level2.post("/reconciliation/orders", body).get_json() == {"ordered": 2}
    county.stepping.look()
    one = level2.get(f"/reconciliation/differences/{items[0]['id']}").get_json()
    assert one["status"] == "ordered"
    opened = level2.get(f"/supervision-orders/{one['order_number']}").get_json()
    assert opened["demand"] == "逐笔说明" and len(opened["alarms"][0]["evidence"]) == 2


def test_the_desk_opens_a_department_and_orders_all_of_it(county: Office) -> None:
    level2 = visit(county, "sup2")
    desk = told(level2.page("/reconciliation?open=CG"))
    assert "¥15,307.00" in desk and "103050199" in desk and "R-2" in desk
    form = {"department": "CG", "from": "2026-01", "to": "2026-12", "demand": "逐笔说明"}
    assert level2.send("/reconciliation/orders", **{**form, "demand": " "}).status_code == 422
    assert "已就 2 笔差异签发督办单" in told(level2.sent("/reconciliation/orders", **form))
    listed = told(level2.page("/reconciliation/differences?department=CG&status=ordered"))
    assert "DB-CG-2026-" in listed
    assert level2.send("/reconciliation/orders", **form).status_code == 422, "nothing is open any more"


def test_a_difference_is_decided_on_its_page_with_reason_and_evidence(county: Office) -> None:
    level2 = visit(county, "sup2")
    page = county.sign_in("sup2").get("/reconciliation/differences?department=SG").get_json()
    place = f"/reconciliation/differences/{page['items'][0]['id']}"
    refused = level2.send(f"{place}/decide", decision="explained", reason="代收", evidence="")
    assert refused.status_code == 422 and "请写明依据" in told(refused.text)
    words = told(level2.sent(f"{place}/decide", decision="explained", reason="代收", evidence="临财〔2026〕1号"))
    assert "认定：已说明" in words and "临财〔2026〕1号" in words
    assert visit(county, "cg_section").send(f"{place}/state", reason="x").status_code == 403


def test_a_paper_shows_what_was_decided_and_is_had_by_those_who_read_the_difference(county: Office) -> None:
    listed = county.sign_in("sup2").get("/reconciliation/differences?department=CG&month=2026-10").get_json()["items"]
    where = f"/reconciliation/differences/{listed[0]['id']}"
    level2 = visit(county, "sup2")
    given = {"decision": "explained", "reason": "系代收省级费用"}
    assert level2.send(f"{where}/decide", **given).status_code == 422, "neither a text nor a paper"
    macro = FileStorage(io.BytesIO(b"#!/bin/sh"), "x.sh", content_type="text/x-shellscript")
    assert level2.send(f"{where}/decide", **given, file=macro).status_code == 415
    words = told(level2.sent(f"{where}/decide", **given, file=FileStorage(io.BytesIO(PDF), "../批复.pdf")))
    assert "批复.pdf" in words and "依据文件" in words
    found = county.sign_in("sup2").get(where).get_json()
    assert (found["status"], found["trail"][-1]["file_name"]) == ("explained", "批复.pdf")
    paper = f"{where}/papers/{found['trail'][-1]['id']}"
    back = county.sign_in("centre").get(paper)
    assert back.data == PDF and back.headers["Content-Disposition"].startswith("attachment")
    assert level2.client.get(paper, buffered=True).data == PDF
    assert county.sign_in("sg_section").get(paper).status_code == 404
    assert county.sign_in("centre").get(f"{where}/papers/999").status_code == 404
    with reading(county.engine) as connection:
        assert connection.execute(_REFERENCED, {"digest": sha256(PDF).hexdigest()}).first() is not None
    own = {"reason": "已补录", "file": FileStorage(io.BytesIO(PDF), "说明.pdf")}
    stream, _, boundary = stream_encode_multipart(own, use_tempfile=False)
    kind = f'multipart/form-data; boundary="{boundary}"'
    sent = county.sign_in("cg_section").post(f"{where}/statement/paper", data=stream.read(), content_type=kind)
    assert sent.status_code == 200, sent.text
    assert sent.get_json()["trail"][-1]["act"] == "statement"
