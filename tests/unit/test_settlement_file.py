"""The stand-in bank's file of a day, over HTTP, is one that the county reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import requests

from service.fees.receipt_file import read_receipts
from service.fees.receipt_mapping import BUILT_IN
from service.gateways.bank_client import BankClient, BankNotice
from service.gateways.transport import GatewayError
from service.standins.application import StandIn
from service.standins.bank import Bank

KEY = b"a key that both sides share"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def notice(code: str, fen: int, payer: str) -> BankNotice:
    return BankNotice(code, fen, payer, "不动产登记费", "http://127.0.0.1:9/nobody", item_code="103044401")


def test_the_file_of_a_day_has_every_payment_and_totals_that_add_up(serve: Callable[[StandIn], str]) -> None:
    client = BankClient(serve(Bank(key=KEY, now=lambda: NOON, retry_seconds=())), KEY, now=lambda: NOON)
    for code, fen, payer in (("32" + "1" * 18, 8_000, "张伟明"), ("32" + "2" * 18, 55_005, "某公司,分部")):
        requests.post(client.register(notice(code, fen, payer)), timeout=10)
    found = read_receipts(client.settlement_file(date(2026, 11, 23)), list(BUILT_IN.values()))
    receipts = [row.receipt for row in found.rows if row.receipt]
    assert (found.mapping, found.declared) == ("treasury", (2, 63_005))
    assert [(one.payer, one.amount_fen, one.paid_on) for one in receipts] == [
        ("张伟明", 8_000, date(2026, 11, 23)),
        ("某公司,分部", 55_005, date(2026, 11, 23)),
    ]


def test_nobody_without_the_key_gets_the_file(serve: Callable[[StandIn], str]) -> None:
    client = BankClient(serve(Bank(key=KEY, now=lambda: NOON)), b"another", now=lambda: NOON)
    with pytest.raises(GatewayError, match="signature_invalid"):
        client.settlement_file(date(2026, 11, 23))
