"""Reductions and refunds: cases of their own, decided by others, posted by the service; nobody edits an amount."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Select, select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from service.commands.recorders import RECORDERS
from service.database.session import reading
from service.database.tables import fee_change, notice, outbox, payment_notice
from service.gateways.bank_client import BankClient, BankNotice, BankRefund
from service.gateways.signing import signed_headers
from service.gateways.transport import GatewayError
from service.notices.bank import BankRefundSender
from service.notices.gateways import gateway_senders
from service.notices.outbox import OutsideSender, drain
from service.reads.ledger_faults import ledger_faults
from service.standins.bank import Bank
from service.standins.serving import serve_in_thread
from tests.service_fixtures import PDF, Office
from tests.web.test_api_papers import at_payment, bank_says
from tests.web.test_api_treasury import imported
from tests.web.test_certificates import do
from tests.web.visiting import visit

ZR = "LJ-ZR-QR-001"


def notices(office: Office, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"]
    return found


def propose(office: Office, number: str, by: str = "zr_clerk", **more: Any) -> TestResponse:
    body = {
        "kind": "reduction",
        "amount_fen": 4000,
        "legal_basis": "财税〔2019〕45号第一条",
        "reason": "小微企业",
        **more,
    }
    return office.sign_in(by).post(f"/cases/{number}/fee-changes", body)


def decided(office: Office, change: str, decision: str = "grant") -> None:
    do(office, change, "review", "zr_section", review_result="agree", review_note="属实")
    given = {"change_decision": decision, "change_reason": "符合减免、退付条件，材料齐全"}
    do(office, change, "decide", "zr_head", **given)
    office.stepping.look()


def opened(office: Office, number: str, **more: Any) -> str:
    answer = propose(office, number, **more)
    assert answer.status_code == 201, answer.text
    change = str(answer.get_json()["number"])
    assert office.sign_in("zr_clerk").upload(change, "fee_paper", PDF).status_code == 201
    return change


def rows(office: Office, statement: Select[Any]) -> list[Any]:
    with reading(office.engine) as connection:
        return list(connection.execute(statement))


def sms(office: Office, kind: str) -> list[str]:
    return [row.text for row in rows(office, select(notice).where(notice.c.kind == f"applicant_{kind}"))]


def kinds(office: Office, number: str) -> list[str]:
    found = office.sign_in("sup2").get(f"/cases/{number}/history?limit=200").get_json()["items"]
    return [one["kind"] for one in found]


def sound(office: Office) -> None:
    with reading(office.engine) as connection:
        assert ledger_faults(connection)[1] == []


def refund_said(office: Office, change: str, code: str, fen: int, key: bytes | None = None) -> TestResponse:
    """The bank's callback about a refund, signed as the bank signs."""
    said = {"event": "refunded", "refund_no": change, "pay_code": code, "amount_fen": fen, "receipt_no": "R1"}
    body = json.dumps({**said, "paid_at": office.now.isoformat()}).encode()
    headers = signed_headers(body, key or office.services.settings.bank_key, now=office.now)
    return office.client().post("/bank/callbacks", data=body, headers=headers, content_type="application/json")


def test_a_reduction_voids_the_notice_and_a_new_one_asks_for_the_rest(office: Office) -> None:
    number = at_payment(office)
    (first,) = notices(office, number)
    change = opened(office, number)
    assert notices(office, number) == [first], "nothing moves before it is decided"
    decided(office, change)
    assert (office.case(change)["status"], office.case(change)["outcome"]) == ("completed", "changed")
    old, new = notices(office, number)
    assert (old["status"], new["status"], new["amount_fen"]) == ("void", "unpaid", 6000)
    assert sum(line["amount_fen"] for line in new["lines"]) == 6000
    assert "fee_reduced" in kinds(office, number)
    (told,) = sms(office, "fee_reduced")
    assert f"您的办件 {number} 经批准减免费用 40 元，尚需缴纳 60 元" in told
    assert bank_says(office, new).get_json() == {"booked": True}
    assert [one["element_id"] for one in office.case(number)["user_tasks"]] == ["print_certificate"]
    sound(office)


def test_a_whole_reduction_leaves_nothing_to_pay_and_the_case_goes_on(office: Office) -> None:
    number = at_payment(office)
    decided(office, opened(office, number, amount_fen=10_000))
    assert [one["status"] for one in notices(office, number)] == ["void"]
    assert "无需再缴" in sms(office, "fee_reduced")[0]
    assert [one["element_id"] for one in office.case(number)["user_tasks"]] == ["print_certificate"]
    printed = office.sign_in("zr_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert printed.status_code == 200, printed.text
    sound(office)


def test_a_reduction_decided_before_the_notice_is_made_leaves_the_rest_to_ask_for(office: Office) -> None:
    number = office.start(ZR, extra_copies=2)["number"]
    office.work(number, "formal_check")
    decided(office, opened(office, number))
    assert notices(office, number) == []
    office.walk(number, "await_payment")
    assert [one["amount_fen"] for one in notices(office, number)] == [6000]
    sound(office)


def test_a_refused_reduction_changes_nothing(office: Office) -> None:
    number = at_payment(office)
    before = notices(office, number)
    change = opened(office, number)
    decided(office, change, "refuse")
    assert office.case(change)["outcome"] == "kept" and notices(office, number) == before
    assert propose(office, number).status_code == 201, "another may be proposed once the first is over"


def test_it_needs_words_a_sum_that_is_owed_its_post_and_no_other_under_way(office: Office) -> None:
    number = at_payment(office)
    assert propose(office, number, reason=" ").status_code == 422
    assert propose(office, number, legal_basis=" ").status_code == 422
    assert propose(office, number, amount_fen=10_001).get_json()["errors"][0]["pointer"] == "/amount_fen"
    assert propose(office, number, by="zr_head").get_json()["code"] == "not_permitted"
    assert propose(office, number, by="yj_clerk").status_code == 404
    assert propose(office, number).status_code == 201
    assert propose(office, number).get_json()["code"] == "move_refused"


def test_an_amount_that_cannot_be_is_told_with_what_could_be(office: Office) -> None:
    number = at_payment(office)
    asked = propose(office, number, amount_fen=10_001).get_json()
    assert asked["detail"] == "金额须在 0.01 至 100 元之间"
    unpaid = propose(office, number, kind="refund", amount_fen=1, pay_code=notices(office, number)[0]["pay_code"])
    assert unpaid.get_json()["detail"] == "该缴款码没有可以退付的款项"
    assert [(one["pointer"], one["code"]) for one in unpaid.get_json()["errors"]] == [("/pay_code", "nothing_paid")]
    free = office.start("LJ-YJ-XK-001")["number"]
    body = {"kind": "reduction", "amount_fen": 1, "legal_basis": "x", "reason": "x"}
    refused = office.sign_in("yj_clerk").post(f"/cases/{free}/fee-changes", body).get_json()
    assert refused["detail"] == "本件没有可以减免的费用"


def test_who_proposes_does_not_review_and_no_decision_falls_without_its_paper(office: Office) -> None:
    number = at_payment(office)
    change = str(propose(office, number).get_json()["number"])
    task = office.task(change, "review")
    own = office.sign_in("zr_clerk").post(f"/user-tasks/{task['id']}/claim")
    assert own.status_code in (403, 409), own.text
    answers = {"review_result": "agree", "review_note": "属实"}
    answer = office.sign_in("zr_section").sure().post(f"/user-tasks/{task['id']}/complete", {"answers": answers})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "control_node_missing")


def test_a_refund_is_decided_told_to_the_bank_and_posted_when_the_bank_says_so(office: Office) -> None:
    number = at_payment(office)
    (first,) = notices(office, number)
    bank_says(office, first)
    code = first["pay_code"]
    assert propose(office, number, kind="refund", amount_fen=10_001, pay_code=code).status_code == 422
    assert propose(office, number, kind="refund", amount_fen=500, pay_code="1" * 20).status_code == 422
    change = opened(office, number, kind="refund", amount_fen=10_000, pay_code=code)
    assert refund_said(office, change, code, 10_000).status_code == 404, "not approved yet"
    decided(office, change)
    assert notices(office, number)[0]["status"] == "paid"
    gate = office.sign_in("zr_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert gate.get_json()["code"] == "fee_unpaid", "what goes back was not paid"
    assert refund_said(office, change, code, 9_999).status_code == 404, "another sum than was approved"
    assert refund_said(office, change, code, 10_000, key=b"somebody else's key, as long").status_code == 401
    assert refund_said(office, change, code, 10_000).get_json() == {"booked": True}
    assert refund_said(office, change, code, 10_000).get_json() == {"booked": False}
    assert notices(office, number)[0]["status"] == "refunded"
    assert [len(sms(office, kind)) for kind in ("refund_approved", "refund_paid")] == [1, 1]
    assert "退款 100 元已由银行退回" in sms(office, "refund_paid")[0]
    assert kinds(office, number).count("refund_paid") == 1
    sound(office)


def test_a_refund_that_nobody_approved_is_refused_and_seen_by_the_cashier(office: Office) -> None:
    number = at_payment(office)
    (first,) = notices(office, number)
    bank_says(office, first)
    answer = refund_said(office, "TF-ZR-2026-000009", first["pay_code"], 10_000)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    (row,) = office.sign_in("zr_cashier").get("/unmatched-payments").get_json()["items"]
    assert (row["why"], row["amount_fen"], row["case_number"]) == ("refund_unapproved", 10_000, number)
    assert notices(office, number)[0]["status"] == "paid"
    sound(office)


@pytest.fixture
def county_and_bank(office: Office) -> Iterator[tuple[str, BankClient]]:
    """The county and the stand-in bank, each at an address of its own."""
    key, now = office.services.settings.bank_key, lambda: office.now
    bank, address = serve_in_thread(Bank(key=key, now=now, retry_seconds=()))
    with county_served(office) as url:
        yield url, BankClient(address, key, now=now)
    bank.close()


@contextmanager
def county_served(office: Office) -> Iterator[str]:
    """The county at an address of its own."""
    county = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=county.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{county.server_port}"
    finally:
        county.shutdown()
        thread.join()
        county.server_close()


def test_the_bank_pays_back_over_http_no_more_than_was_paid(
    office: Office, county_and_bank: tuple[str, BankClient]
) -> None:
    url, client = county_and_bank
    number = at_payment(office)
    (first,) = notices(office, number)
    callback = f"{url}/bank/callbacks"
    address = client.register(BankNotice(first["pay_code"], 10_000, "李四", "不动产登记费", callback))
    assert requests.post(address, timeout=10).status_code == 200
    assert notices(office, number)[0]["status"] == "paid"
    change = opened(office, number, kind="refund", amount_fen=4_000, pay_code=first["pay_code"])
    decided(office, change)
    with reading(office.engine) as connection:
        row = connection.execute(select(fee_change)).one()
        sender = BankRefundSender(client, office.services.settings)
        order = sender.prepare(connection, {"case_id": row.case_id}, "k")
    assert order is not None and (order.refund_no, order.amount_fen) == (change, 4_000)
    order = BankRefund(order.refund_no, order.pay_code, order.amount_fen, callback, order.reason)
    number_at_bank = client.refund(order)
    assert client.refund(order) == number_at_bank, "the same refund again is the same"
    with reading(office.engine) as connection:
        assert connection.execute(select(fee_change.c.status)).scalar_one() == "paid_back"
        assert connection.execute(select(payment_notice.c.status)).scalar_one() == "paid", "a part alone went back"
        assert sender.prepare(connection, {"case_id": row.case_id}, "k") is None
    with pytest.raises(GatewayError) as refused:
        client.refund(BankRefund("TF-ZR-2026-000777", first["pay_code"], 6_001, callback))
    assert refused.value.code == "refund_refused"
    sound(office)


@pytest.fixture
def linked(office: Office, tmp_path: Path) -> Iterator[Callable[[], Drained]]:
    """A bank at an address of its own that can be stopped and started again, and the messages that go to it."""
    key, now = office.services.settings.bank_key, lambda: office.now
    running: list[Bank] = []

    def start() -> Drained:
        for earlier in running:
            earlier.close()
        bank, address = serve_in_thread(Bank(key=key, now=now, folder=tmp_path / "bank", retry_seconds=(60.0,)))
        running.append(bank)
        settings = replace(office.services.settings, bank_url=address)
        return Drained(office, address, gateway_senders(settings, office.services.clock))

    yield start
    for bank in running:
        bank.close()


@dataclass(frozen=True)
class Drained:
    office: Office
    bank_url: str
    outside: dict[str, OutsideSender]

    def drain(self) -> None:
        senders = {**RECORDERS, **self.outside}
        drain(self.office.engine, self.office.services, senders, self.office.now)

    def pay(self, code: str) -> int:
        return requests.post(f"{self.bank_url}/pay/{code}", timeout=10, allow_redirects=False).status_code


def test_a_void_notice_is_withdrawn_at_the_bank_which_takes_the_new_one_alone(
    office: Office, linked: Callable[[], Drained]
) -> None:
    bank = linked()
    number = at_payment(office)
    bank.drain()
    decided(office, opened(office, number))
    bank.drain()
    old, new = notices(office, number)
    assert old["status"] == "void"
    assert bank.pay(old["pay_code"]) == 410
    assert bank.pay(new["pay_code"]) == 303
    receipts = [row.receipt for row in rows(office, select(outbox).where(outbox.c.kind == "bank_withdrawal"))]
    assert receipts == ["withdrawn"]


def test_a_payment_that_crosses_the_withdrawal_is_overpaid(office: Office, linked: Callable[[], Drained]) -> None:
    bank = linked()
    number = at_payment(office)
    bank.drain()
    (old,) = notices(office, number)
    assert bank.pay(old["pay_code"]) == 303
    decided(office, opened(office, number))
    bank.drain()
    receipts = [row.receipt for row in rows(office, select(outbox).where(outbox.c.kind == "bank_withdrawal"))]
    assert receipts == ["paid"]
    bank_says(office, old)
    (row,) = office.sign_in("zr_cashier").get("/unmatched-payments").get_json()["items"]
    assert (row["why"], row["amount_fen"]) == ("void", 10_000)
    sound(office)


def test_a_notice_that_is_void_before_the_bank_knows_it_is_never_told_to_it(
    office: Office, linked: Callable[[], Drained]
) -> None:
    number = at_payment(office)
    decided(office, opened(office, number, amount_fen=10_000))
    bank = linked()
    bank.drain()
    (old,) = notices(office, number)
    assert (old["status"], old["pay_url"]) == ("void", None)
    assert bank.pay(old["pay_code"]) == 404


def test_a_refund_whose_callback_is_lost_is_asked_for_and_posted_once(
    office: Office, linked: Callable[[], Drained]
) -> None:
    bank = linked()
    number = at_payment(office)
    bank.drain()
    (first,) = notices(office, number)
    assert bank.pay(first["pay_code"]) == 303
    bank_says(office, first)
    change = opened(office, number, kind="refund", amount_fen=4_000, pay_code=first["pay_code"])
    decided(office, change)
    bank.drain()  # Nobody answers at the callback's address: it waits, and the restart of the bank loses it.
    bank = linked()
    bank.drain()
    assert rows(office, select(fee_change.c.status))[0].status == "posted", "the bank has some minutes for its callback"
    office.wait(minutes=4)
    bank.drain()
    bank.drain()
    assert rows(office, select(fee_change.c.status))[0].status == "paid_back"
    assert kinds(office, number).count("refund_paid") == 1
    assert refund_said(office, change, first["pay_code"], 4_000).get_json() == {"booked": False}
    sound(office)


REFUNDS = "receipt_no,pay_code,amount_fen,paid_on,kind\n"


def filed(office: Office, *lines: str) -> list[tuple[str, str | None]]:
    """A file of the treasury comes in and is matched; its outcomes."""
    taken = imported(office, REFUNDS + "\n".join(lines) + "\n")
    assert taken.status_code == 202, taken.text
    office.stepping.look()
    report = office.sign_in("cz_cashier").get(f"/treasury-receipts/imports/{taken.get_json()['id']}").get_json()
    return [(row["outcome"], row["why"]) for row in report["rows"]]


def approved_refund(office: Office) -> tuple[str, str, str]:
    """A case with 40 yuan to go back: its number, the payment code, the number of the refund."""
    number = at_payment(office)
    (first,) = notices(office, number)
    bank_says(office, first)
    change = opened(office, number, kind="refund", amount_fen=4_000, pay_code=first["pay_code"])
    decided(office, change)
    return number, first["pay_code"], change


def test_a_refund_in_the_treasurys_file_is_confirmed_posted_or_unapproved(office: Office) -> None:
    number, code, _change = approved_refund(office)
    row = f"T-1,{code},4000,2026-11-23,退付"
    assert filed(office, row, f"T-2,{code},-4000,2026-11-23,退付", "T-3,,100,2026-11-23,退库") == [
        ("booked", None),
        ("unmatched", "refund_unapproved"),
        ("unmatched", "refund_unapproved"),
    ]
    assert kinds(office, number).count("refund_paid") == 1
    kept = office.sign_in("cz_cashier").get("/unmatched-payments").get_json()["items"]
    assert {(one["why"], one["bank_reference"], one["amount_fen"]) for one in kept} >= {
        ("refund_unapproved", "T-3", 100),
    }
    (mine,) = office.sign_in("zr_cashier").get("/unmatched-payments").get_json()["items"][1:]
    assert (mine["bank_reference"], mine["case_number"]) == ("T-2", number)
    sound(office)


def test_a_refund_that_the_bank_told_and_the_file_tells_is_matched_once(office: Office) -> None:
    _number, code, change = approved_refund(office)
    assert refund_said(office, change, code, 4_000).get_json() == {"booked": True}
    assert filed(office, f"R1,{code},4000,2026-11-23,退付") == [("matched", None)]
    assert filed(office, f"T-9,{code},4000,2026-11-23,退付") == [("unmatched", "refund_unapproved")]
    sound(office)


def test_a_refund_that_the_file_tells_otherwise_than_the_bank_differs(office: Office) -> None:
    _number, code, change = approved_refund(office)
    refund_said(office, change, code, 4_000)
    assert filed(office, f"R1,{code},3999,2026-11-23,退付") == [("differs", "amount")]


def test_the_page_shows_how_the_fee_was_computed_and_opens_the_case(office: Office) -> None:
    number = at_payment(office)
    page = visit(office, "zr_cashier").page(f"/cases/{number}")
    assert "第 1 版" in page and "2559号" in page and "提出减免或退付" in page
    assert "增发证书本数" in page and "extra_copies" not in page
    form = {"kind": "reduction", "amount": "40", "legal_basis": "财税〔2019〕45号", "reason": "小微企业"}
    cashier = visit(office, "zr_cashier")
    shown = cashier.sent(f"/cases/{number}/fee-changes", **form)
    assert "要减免或退付的收费" in shown and "¥40.00" in shown and number in shown
    assert "待决定" in cashier.page(f"/cases/{number}")
    assert "提出减免或退付" not in visit(office, "zr_head").page(f"/cases/{number}")
