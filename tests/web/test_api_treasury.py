"""Files of the treasury over the interface, by their pages, and by the stand-in bank's own file."""

from __future__ import annotations

import io
import re

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from tests.service_fixtures import Office
from tests.web.test_api_papers import at_payment, bank_says
from tests.web.visiting import told, visit

HEAD = "receipt_no,pay_code,amount_fen,paid_on\n"


def imported(
    office: Office, content: str | bytes, by: str = "cz_cashier", to: str = "imports", **form: str
) -> TestResponse:
    """POST a file of receipts, or a look at one."""
    octets = content if isinstance(content, bytes) else content.encode()
    parts = {"file": FileStorage(io.BytesIO(octets), "对账.csv"), **form}
    stream, _, boundary = stream_encode_multipart(parts, use_tempfile=False)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return office.sign_in(by).post(f"/treasury-receipts/{to}", data=stream.read(), content_type=kind)


def code_of(office: Office, number: str) -> str:
    return str(office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]["pay_code"])


def test_a_file_is_taken_in_and_its_report_tells_each_row(office: Office) -> None:
    number = at_payment(office)
    content = f"{HEAD}R-1,{code_of(office, number)},10000,2026-11-23\nR-2,,5,2026-11-23\nR-3,,,2026-11-23\n"
    answer = imported(office, content)
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"].removeprefix("/api/v1")
    report = office.sign_in("sup2").get(place).get_json()
    assert (report["state"], report["done_rows"], report["total_rows"]) == ("done", 3, 3)
    assert [(row["outcome"], row["why"]) for row in report["rows"]] == [
        ("booked", None),
        ("unmatched", "no_code"),
        ("refused", "required:amount_fen"),
    ]
    assert report["rows"][0]["case_number"] == number
    assert office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["settled"] is True
    only = office.sign_in("sup2").get(f"{place}?outcome=refused&limit=1").get_json()
    assert [row["row_no"] for row in only["rows"]] == [4]
    again = imported(office, content, by="centre")
    assert (again.status_code, again.get_json()["id"]) == (202, report["id"])
    assert office.sign_in("auditor").get("/treasury-receipts/imports").get_json()["total"] == 1


def test_a_file_that_is_not_whole_or_no_file_is_refused_with_its_fault(office: Office) -> None:
    for content, code in (
        (f"{HEAD}R-1,,5,2026-11-23\n合计,1,6,\n", "wrong_total"),
        ("a,b\n1,2\n", "no_mapping"),
        ("\n\n", "empty"),
    ):
        refused = imported(office, content)
        assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")
        (error,) = refused.get_json()["errors"]
        assert (error["pointer"], error["code"]) == ("/file", code)
    assert imported(office, HEAD, mapping="nobody's").get_json()["errors"][0]["pointer"] == "/mapping"
    assert imported(office, f"{HEAD}R-1,,5,2026-11-23\n", by="zr_cashier").status_code == 403
    assert office.sign_in("zr_cashier").get("/treasury-receipts/imports").status_code == 403
    assert office.sign_in("sup2").get("/treasury-receipts/imports/99").status_code == 404


def test_a_mapping_is_saved_and_read_by(office: Office) -> None:
    finance = office.sign_in("cz_cashier")
    columns = {"receipt_no": "流水号", "amount_fen": "实缴金额", "paid_on": "日期"}
    assert finance.put("/treasury-receipts/mappings/rural_bank", {"columns": columns}).status_code == 204
    assert finance.put("/treasury-receipts/mappings/standard", {"columns": columns}).status_code == 422
    assert finance.put("/treasury-receipts/mappings/half", {"columns": {"note": "x"}}).status_code == 422
    assert office.sign_in("sup2").get("/treasury-receipts/mappings").get_json()["items"][0]["name"] == "rural_bank"
    answer = imported(office, "日期,流水号,实缴金额\n2026-11-23,R-7,12.34\n".encode("gb18030"), mapping="rural_bank")
    assert (answer.get_json()["mapping"], answer.get_json()["total_fen"]) == ("rural_bank", 1234)


def test_payments_that_no_file_has_are_listed_after_a_working_day(office: Office) -> None:
    number = at_payment(office)
    imported(office, f"{HEAD}R-0,,5,2026-11-20\n")
    (notice,) = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"]
    bank_says(office, notice)
    sup2 = office.sign_in("sup2")
    assert sup2.get("/treasury-receipts/missing").get_json()["total"] == 0
    office.wait(days=3)
    (lacking,) = office.sign_in("sup2").get("/treasury-receipts/missing").get_json()["items"]
    assert (lacking["case_number"], lacking["amount_fen"]) == (number, 10000)
    assert lacking["receipt_no"] in told(visit(office, "sup2").page("/treasury"))


def test_the_pages_take_a_file_and_show_what_became_of_each_line(office: Office) -> None:
    finance = visit(office, "cz_cashier")
    file = FileStorage(io.BytesIO(f"{HEAD}R-1,,500,2026-11-23\n".encode()), "日终.csv")
    shown = finance.sent("/treasury", file=file, mapping="")
    assert "尚未导入" in shown and "¥5.00" in shown
    assert "没有导入过" in told(finance.page("/treasury")), "a look takes nothing in"
    place = re.search(r'action="(/treasury/previews/\d+/take)"', shown)
    assert place is not None
    assert visit(office, "sup2").send(place[1]).status_code == 404, "it is another person's"
    words = told(finance.sent(place[1]))
    assert "日终.csv" in words and "没有对应缴款 · " not in words and "没有缴款码" in words and "¥5.00" in words
    refused = finance.send("/treasury", file=FileStorage(io.BytesIO(b"x"), "x.csv"), mapping="")
    assert refused.status_code == 422 and "没有一个映射与文件的表头相符" in told(refused.text)
    assert finance.send("/treasury", mapping="").status_code == 422
    assert "日终.csv" in told(finance.page("/treasury"))


def test_a_file_is_looked_at_before_it_is_taken_in(office: Office) -> None:
    content = f"{HEAD}R-1,,500,2026-11-23\nR-2,,x,2026-11-23\n"
    answer = imported(office, content, to="previews")
    assert answer.status_code == 201, answer.text
    found = answer.get_json()
    assert (found["total_rows"], found["refused_rows"], found["total_fen"], found["known"]) == (2, 1, 500, None)
    assert found["faults"] == {"not_an_amount:amount_fen": 1}
    assert [row["why"] for row in found["rows"]] == ["", "not_an_amount:amount_fen"]
    finance, place = office.sign_in("cz_cashier"), f"/treasury-receipts/previews/{found['id']}"
    assert finance.get("/treasury-receipts/imports").get_json()["total"] == 0
    assert office.sign_in("sup2").get(place).status_code == 404
    taken = finance.post(f"{place}/take")
    assert (taken.status_code, taken.get_json()["counts"]["refused"]) == (202, 1)
    assert finance.get(place).get_json()["known"] == taken.get_json()["id"]
    assert finance.post(f"{place}/take").get_json()["id"] == taken.get_json()["id"]
