"""A bank that takes payments back tells the county over HTTP: late, doubled, early, forged, and after a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import select

from service.database.session import reading
from service.database.tables import payment_reversal
from service.gateways.bank_client import BankClient, BankNotice
from service.reads.ledger_faults import ledger_faults
from service.standins.bank import Bank
from service.standins.serving import serve_in_thread
from tests.service_fixtures import Office
from tests.web.test_api_papers import at_payment, bank_says
from tests.web.test_fee_changes import county_served
from tests.web.visiting import told, visit


class Linked:
    """A case that waits for its payment, the county at an address and the stand-in bank at another."""

    def __init__(self, office: Office, url: str, bank_url: str) -> None:
        self.office, self.bank_url = office, bank_url
        self.number = at_payment(office)
        self.code = str(self.notice()["pay_code"])
        client = BankClient(bank_url, office.services.settings.bank_key, now=lambda: office.now)
        client.register(BankNotice(self.code, 10_000, "李四", "不动产登记费", f"{url}/bank/callbacks"))

    def notice(self) -> dict[str, Any]:
        found: dict[str, Any] = self.fees()["notices"][0]
        return found

    def fees(self) -> dict[str, Any]:
        found: dict[str, Any] = self.office.sign_in("zr_clerk").get(f"/cases/{self.number}/fees").get_json()
        return found

    def pay(self, deliver: str = "once") -> int:
        return self._post("", deliver)

    def reverse(self, deliver: str = "once") -> int:
        return self._post("/reversal", deliver)

    def _post(self, way: str, deliver: str) -> int:
        address = f"{self.bank_url}/pay/{self.code}{way}"
        return requests.post(address, params={"deliver": deliver}, timeout=10, allow_redirects=False).status_code

    def states(self) -> list[str]:
        with reading(self.office.engine) as connection:
            return list(connection.execute(select(payment_reversal.c.status)).scalars())

    def sound(self) -> None:
        with reading(self.office.engine) as connection:
            assert ledger_faults(connection)[1] == []


@pytest.fixture
def linked(office: Office) -> Any:
    key, now = office.services.settings.bank_key, lambda: office.now
    bank, address = serve_in_thread(
        Bank(key=key, now=now, testing=True, retry_seconds=(0.1, 0.2, 0.4, 0.8), late_seconds=0.3)
    )
    with county_served(office) as url:
        yield Linked(office, url, address)
        bank.close()


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "waited ten seconds in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("deliver", ["once", "twice", "late"])
def test_the_bank_takes_a_payment_back_and_the_notice_can_be_paid_again(linked: Linked, deliver: str) -> None:
    assert (linked.pay(), linked.notice()["status"]) == (303, "paid")
    assert linked.reverse(deliver) == 303
    wait_until(lambda: linked.states() == ["posted"])
    assert linked.notice()["status"] == "unpaid" and not linked.fees()["settled"]
    (told_of,) = linked.fees()["reversals"]
    assert (told_of["receipt_no"], told_of["amount_fen"], told_of["status"]) == ("0000000001", 10_000, "posted")
    assert linked.reverse() == 409, "there is nothing to take back any more"
    assert (linked.pay(), linked.notice()["status"]) == (303, "paid")
    assert linked.notice()["bank_reference"] == "0000000002", "no number is given twice"
    assert linked.states() == ["posted"]
    linked.sound()


def test_a_forged_word_changes_nothing(linked: Linked) -> None:
    linked.pay()
    assert linked.reverse("forged") == 303
    assert (linked.states(), linked.notice()["status"]) == ([], "paid")


def test_the_word_of_taking_back_overtakes_that_of_the_payment(linked: Linked) -> None:
    assert linked.pay("late") == 303
    assert linked.reverse() == 303
    assert linked.states() == ["waiting"]
    wait_until(lambda: linked.states() == ["posted"])
    assert linked.notice()["status"] == "unpaid"
    linked.sound()


def test_without_the_switches_of_the_tests_nobody_takes_a_payment_back(office: Office) -> None:
    bank, address = serve_in_thread(Bank(key=office.services.settings.bank_key, now=lambda: office.now))
    assert requests.post(f"{address}/pay/{'1' * 20}/reversal", timeout=10).status_code == 404
    bank.close()


def said_back(office: Office, notice: dict[str, Any], **other: Any) -> Any:
    about = {"event": "reversed", "receipt_no": "V1", "of_receipt": "0000000001"}
    return bank_says(office, notice, **{**about, **other})


@pytest.mark.parametrize(
    "wrong",
    [
        {"of_receipt": ""},
        {"amount_fen": -1},
        {"amount_fen": 10**30},
        {"receipt_no": 7},
        {"receipt_no": "V" * 65},
        {"of_receipt": "0\x00"},
        {"paid_at": "gestern"},
    ],
)
def test_a_word_that_is_none_is_refused_by_name(office: Office, wrong: dict[str, Any]) -> None:
    number = at_payment(office)
    notice = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    answer = said_back(office, notice, **wrong)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


def test_pages_say_that_it_was_taken_back(office: Office) -> None:
    number = at_payment(office)
    notice = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    bank_says(office, notice)
    assert said_back(office, notice, reason="付款账户退票").get_json() == {"booked": True}
    words = told(visit(office, "zr_clerk").page(f"/cases/{number}?tab=fees"))
    assert "已冲正" in words and "付款账户退票" in words and "被银行冲正" in words
    again = said_back(office, notice, receipt_no="V2")
    assert again.status_code == 422
    words = told(visit(office, "zr_cashier").page("/unmatched-payments"))
    assert "冲正与原缴款不符" in words
