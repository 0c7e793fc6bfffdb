"""The bank and the SMS gateway, both sides, over real HTTP on loopback."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from service.gateways.bank_client import BankClient, BankNotice, BankRefund
from service.gateways.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, timestamp_of, verify
from service.gateways.sms_client import SmsClient
from service.gateways.transport import GatewayError
from service.standins.application import StandIn
from service.standins.bank import Bank
from service.standins.serving import serve_in_thread, steady_port
from service.standins.shelf import Shelf
from service.standins.sms import SmsGateway

KEY = b"a key that only the county and its bank share"
PAY_CODE = "32990120261123000017"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in the county
QUICK = (0.05, 0.05, 0.05)


@dataclass
class Letter:
    body: bytes
    timestamp: str
    signature: str


@dataclass
class County:
    """The county's end of the callbacks: keeps what it is sent, answers with the statuses laid ready, then 204."""

    url: str
    letters: list[Letter] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def wait_for(self, count: int) -> list[Letter]:
        wait_until(lambda: len(self.letters) >= count)
        return self.letters


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "waited ten seconds in vain"
        time.sleep(0.01)


@pytest.fixture
def county() -> Iterator[County]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            county.letters.append(Letter(body, self.headers[TIMESTAMP_HEADER], self.headers[SIGNATURE_HEADER]))
            self.send_response(county.answers.pop(0) if county.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    county = County(f"http://127.0.0.1:{server.server_port}/callback")
    yield county
    server.shutdown()
    thread.join()
    server.server_close()


def a_bank(**changes: object) -> Bank:
    return Bank(
        **{"key": KEY, "now": lambda: NOON, "testing": True, "retry_seconds": QUICK, "late_seconds": 0.2} | changes
    )


def a_gateway(**changes: object) -> SmsGateway:
    return SmsGateway(**{"key": KEY, "now": lambda: NOON, "testing": True, "retry_seconds": QUICK} | changes)


def bank_client(url: str) -> BankClient:
    return BankClient(url, KEY, now=lambda: NOON)


def sms_client(url: str) -> SmsClient:
    return SmsClient(url, KEY, now=lambda: NOON)


def a_notice(callback_url: str) -> BankNotice:
    return BankNotice(
        pay_code=PAY_CODE,
        amount_fen=123_450,
        payer="临江县红星加油站",
        item="不动产登记费",
        item_en="Real estate registration fee",
        callback_url=callback_url,
        case_number="LJ-2026-000017",
        department_code="LJZJ",
        item_code="103044401",
        kind="行政事业性收费",
        due_on=date(2026, 12, 8),
        return_url="http://127.0.0.1:8000/cases/LJ-2026-000017",
    )


def pay(pay_url: str, deliver: str = "once") -> requests.Response:
    return requests.post(pay_url, params={"deliver": deliver}, timeout=10)


# Signatures


def test_a_signature_holds_for_its_own_body_timestamp_and_key_alone() -> None:
    timestamp = timestamp_of(NOON)
    signature = sign(b"body", timestamp, KEY)
    assert verify(b"body", timestamp, signature, KEY, now=NOON)
    assert not verify(b"Body", timestamp, signature, KEY, now=NOON)
    assert not verify(b"body", str(int(timestamp) + 1), signature, KEY, now=NOON)
    assert not verify(b"body", timestamp, signature, KEY + b"!", now=NOON)


@pytest.mark.parametrize(("seconds", "holds"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_signature_ages_after_five_minutes_in_either_direction(seconds: int, holds: bool) -> None:
    timestamp = timestamp_of(NOON)
    later = NOON + timedelta(seconds=seconds)
    assert verify(b"body", timestamp, sign(b"body", timestamp, KEY), KEY, now=later) is holds


@pytest.mark.parametrize("timestamp", ["", "now", "-5", "1e9", "１７６３８６３２００", "9" * 13])
def test_a_timestamp_that_is_no_plain_number_never_verifies(timestamp: str) -> None:
    assert not verify(b"body", timestamp, sign(b"body", timestamp, KEY), KEY, now=NOON, max_skew_seconds=10**15)


def test_the_timestamp_cannot_be_moved_into_the_body() -> None:
    assert sign(b"5body", "1", KEY) != sign(b"body", "15", KEY)


# The bank


def test_a_payer_pays_and_the_county_hears_of_it_with_a_signature_that_holds(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    client = bank_client(serve(a_bank()))
    answer = pay(client.register(a_notice(county.url)))
    assert answer.status_code == 200
    assert "缴款成功" in answer.text
    letter = county.letters[0]
    receipt = client.read_callback(letter.body, letter.timestamp, letter.signature)
    assert (receipt.pay_code, receipt.amount_fen, receipt.payer) == (PAY_CODE, 123_450, "临江县红星加油站")
    assert receipt.paid_at == NOON
    assert client.statement(date(2026, 11, 23)) == (receipt,)
    assert client.statement(date(2026, 11, 22)) == ()


def test_the_pay_page_shows_item_amount_and_payer_in_both_languages_without_script(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    url = bank_client(serve(a_bank())).register(a_notice(county.url))
    chinese = requests.get(url, timeout=10)
    assert all(
        words in chinese.text for words in ("确认缴款", "不动产登记费", "¥1,234.50", "临江县红星加油站", "2026-12-08")
    )
    assert chinese.text.count("<button") == 1
    assert "<script" not in chinese.text
    assert "default-src 'none'" in chinese.headers["Content-Security-Policy"]
    english = requests.get(url, headers={"Accept-Language": "en-GB,en;q=0.8"}, timeout=10)
    assert all(words in english.text for words in ("Confirm the payment", "Real estate registration fee", "¥1,234.50"))
    assert "确认缴款" in requests.get(url + "?lang=zh", headers={"Accept-Language": "en"}, timeout=10).text


def test_a_page_shows_what_a_payer_is_called_and_never_runs_it(county: County, serve: Callable[[StandIn], str]) -> None:
    notice = replace(a_notice(county.url), payer="<img src=x onerror=alert(1)>")
    text = requests.get(bank_client(serve(a_bank())).register(notice), timeout=10).text
    assert "&lt;img src=x" in text
    assert "<img src=x" not in text


def test_a_second_payment_is_refused_and_takes_no_money(county: County, serve: Callable[[StandIn], str]) -> None:
    client = bank_client(serve(a_bank()))
    url = client.register(a_notice(county.url))
    pay(url)
    again = pay(url)
    assert again.status_code == 409
    assert "没有重复扣款" in again.text
    assert len(client.statement(date(2026, 11, 23))) == 1
    assert len(county.letters) == 1


def test_ten_presses_at_once_pay_once(county: County, serve: Callable[[StandIn], str]) -> None:
    client = bank_client(serve(a_bank()))
    url = client.register(a_notice(county.url))
    statuses: list[int] = []
    presses = [threading.Thread(target=lambda: statuses.append(pay(url).status_code)) for _ in range(10)]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    assert sorted(statuses) == [200] + [409] * 9
    assert len(county.letters) == 1


def test_the_same_notice_again_keeps_its_address_and_another_amount_is_refused(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    client = bank_client(serve(a_bank()))
    url = client.register(a_notice(county.url))
    assert client.register(a_notice(county.url)) == url
    with pytest.raises(GatewayError, match="notice_conflict") as refused:
        client.register(replace(a_notice(county.url), amount_fen=1))
    assert not refused.value.retryable
    assert "¥1,234.50" in requests.get(url, timeout=10).text


def test_a_notice_that_the_county_did_not_sign_is_refused(county: County, serve: Callable[[StandIn], str]) -> None:
    url = serve(a_bank())
    with pytest.raises(GatewayError, match="signature_invalid"):
        BankClient(url, b"another key", now=lambda: NOON).register(a_notice(county.url))
    with pytest.raises(GatewayError, match="signature_invalid"):
        BankClient(url, KEY, now=lambda: NOON - timedelta(hours=1)).register(a_notice(county.url))
    assert requests.get(f"{url}/statement?day=2026-11-23", timeout=10).status_code == 401
    assert requests.get(f"{url}/pay/{PAY_CODE}", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount_fen", 0), ("amount_fen", -5), ("amount_fen", True), ("amount_fen", 1.5), ("pay_code", "12"),
     ("payer", " "), ("callback_url", "file:///etc/passwd"), ("return_url", "javascript:alert(1)"),
     ("item", "x" * 201)],
)  # fmt: skip
def test_a_notice_with_a_wrong_field_is_refused_by_its_name(
    name: str, value: object, county: County, serve: Callable[[StandIn], str]
) -> None:
    with pytest.raises(GatewayError, match="invalid_notice") as refused:
        bank_client(serve(a_bank())).register(replace(a_notice(county.url), **{name: value}))
    assert not refused.value.retryable


def test_the_bank_tells_the_county_again_until_it_is_heard(county: County, serve: Callable[[StandIn], str]) -> None:
    county.answers = [503, 500, 429]
    bank = a_bank()
    pay(bank_client(serve(bank)).register(a_notice(county.url)))
    letters = county.wait_for(4)
    assert len({letter.body for letter in letters}) == 1
    wait_until(lambda: bank.notices.get(PAY_CODE)["told"] == "told")


def test_the_bank_gives_up_in_the_end_and_the_statement_still_has_the_payment(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    county.answers = [500] * 50
    bank = a_bank()
    client = bank_client(serve(bank))
    pay(client.register(a_notice(county.url)))
    wait_until(lambda: bank.notices.get(PAY_CODE)["told"] == "given_up")
    assert len(county.letters) == 1 + len(QUICK)
    assert [receipt.pay_code for receipt in client.statement(date(2026, 11, 23))] == [PAY_CODE]


def test_a_callback_told_twice_says_the_same_thing_twice(county: County, serve: Callable[[StandIn], str]) -> None:
    client = bank_client(serve(a_bank()))
    pay(client.register(a_notice(county.url)), "twice")
    first, second = (client.read_callback(each.body, each.timestamp, each.signature) for each in county.wait_for(2))
    assert first == second


def test_a_late_callback_comes_after_the_payer_has_seen_the_receipt(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    client = bank_client(serve(a_bank()))
    assert "缴款成功" in pay(client.register(a_notice(county.url)), "late").text
    assert county.letters == []
    county.wait_for(1)


def test_a_forged_callback_is_told_apart_and_sent_once(county: County, serve: Callable[[StandIn], str]) -> None:
    county.answers = [401]
    client = bank_client(serve(a_bank()))
    pay(client.register(a_notice(county.url)), "forged")
    letter = county.letters[0]
    with pytest.raises(GatewayError, match="signature_invalid"):
        client.read_callback(letter.body, letter.timestamp, letter.signature)
    time.sleep(0.3)
    assert len(county.letters) == 1


def test_a_callback_that_never_comes_leaves_the_statement_to_tell(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    client = bank_client(serve(a_bank()))
    pay(client.register(a_notice(county.url)), "never")
    time.sleep(0.3)
    assert county.letters == []
    assert len(client.statement(date(2026, 11, 23))) == 1


def test_outside_testing_the_payer_cannot_choose_how_the_county_is_told(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    client = bank_client(serve(a_bank(testing=False)))
    pay(client.register(a_notice(county.url)), "never")
    assert len(county.letters) == 1


def test_a_payment_at_one_in_the_morning_stands_in_the_list_of_the_countys_day(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    night = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    client = BankClient(serve(a_bank(now=lambda: night)), KEY, now=lambda: night)
    pay(client.register(a_notice(county.url)))
    assert len(client.statement(date(2026, 11, 24))) == 1
    assert client.statement(date(2026, 11, 23)) == ()


def test_a_restarted_bank_remembers_what_is_paid_and_still_tells_the_county(
    county: County, serve: Callable[[StandIn], str], tmp_path: Path
) -> None:
    first, url = serve_in_thread(a_bank(folder=tmp_path, retry_seconds=(60.0,)))
    county.answers = [500]
    pay(bank_client(url).register(a_notice(county.url)))
    first.close()
    client = bank_client(serve(a_bank(folder=tmp_path)))
    letter = county.wait_for(2)[1]
    assert client.statement(date(2026, 11, 23)) == (
        client.read_callback(letter.body, letter.timestamp, letter.signature),
    )
    assert pay(client.register(a_notice(county.url))).status_code == 409


# The SMS gateway


def test_a_message_is_delivered_once_however_often_it_is_sent(county: County, serve: Callable[[StandIn], str]) -> None:
    url = serve(a_gateway())
    client = sms_client(url)
    ids = {
        client.send("13800000001", "督办：安全许可已停", idempotency_key="order-7", receipt_url=county.url)
        for _ in range(3)
    }
    assert len(ids) == 1
    letter = county.wait_for(1)[0]
    assert client.read_receipt(letter.body, letter.timestamp, letter.signature) == client.status(ids.pop())
    time.sleep(0.2)
    assert len(county.letters) == 1
    listed = requests.get(f"{url}/messages", timeout=10).json()
    assert [(message["to"], message["text"]) for message in listed["items"]] == [("13800000001", "督办：安全许可已停")]


def test_one_key_for_two_messages_is_refused(serve: Callable[[StandIn], str]) -> None:
    client = sms_client(serve(a_gateway()))
    client.send("13800000001", "一", idempotency_key="k")
    with pytest.raises(GatewayError, match="idempotency_conflict") as refused:
        client.send("13800000001", "二", idempotency_key="k")
    assert not refused.value.retryable


@pytest.mark.parametrize(
    ("to", "text", "code"), [("12", "短信", "number_refused"), ("13800000001", "", "invalid_message")]
)
def test_a_message_that_can_never_arrive_is_a_final_no(
    to: str, text: str, code: str, serve: Callable[[StandIn], str]
) -> None:
    with pytest.raises(GatewayError, match=code) as refused:
        sms_client(serve(a_gateway())).send(to, text, idempotency_key="k")
    assert not refused.value.retryable


def fail_next(url: str, mode: str, count: int = 1) -> None:
    answer = requests.post(f"{url}/testing/fail-next", json={"mode": mode, "count": count}, timeout=10)
    assert answer.status_code == 200


def test_a_gateway_that_is_down_may_be_tried_again_until_it_is_up(serve: Callable[[StandIn], str]) -> None:
    url = serve(a_gateway())
    fail_next(url, "unavailable", 2)
    client = sms_client(url)
    for _ in range(2):
        with pytest.raises(GatewayError, match="unavailable") as refused:
            client.send("13800000001", "短信", idempotency_key="k")
        assert refused.value.retryable
    assert client.status(client.send("13800000001", "短信", idempotency_key="k")).status == "delivered"


def test_an_answer_that_was_lost_does_not_send_the_message_twice(serve: Callable[[StandIn], str]) -> None:
    url = serve(a_gateway())
    fail_next(url, "answer_lost")
    client = sms_client(url)
    with pytest.raises(GatewayError) as refused:
        client.send("13800000001", "短信", idempotency_key="k")
    assert refused.value.retryable
    client.send("13800000001", "短信", idempotency_key="k")
    assert requests.get(f"{url}/messages", timeout=10).json()["total"] == 1


@pytest.mark.parametrize(("mode", "status"), [("undelivered", "undelivered"), ("silent", "queued")])
def test_a_message_that_did_not_arrive_says_so_when_asked(
    mode: str, status: str, serve: Callable[[StandIn], str]
) -> None:
    url = serve(a_gateway())
    fail_next(url, mode)
    client = sms_client(url)
    assert client.status(client.send("13800000001", "短信", idempotency_key="k")).status == status


def test_outside_testing_nobody_can_make_messages_fail(serve: Callable[[StandIn], str]) -> None:
    url = serve(a_gateway(testing=False))
    assert requests.post(f"{url}/testing/fail-next", json={"count": 1}, timeout=10).status_code == 404


def test_a_message_is_remembered_over_a_restart(serve: Callable[[StandIn], str], tmp_path: Path) -> None:
    first, url = serve_in_thread(a_gateway(folder=tmp_path))
    message_id = sms_client(url).send("13800000001", "短信", idempotency_key="k")
    first.close()
    url = serve(a_gateway(folder=tmp_path))
    assert sms_client(url).send("13800000001", "短信", idempotency_key="k") == message_id
    assert requests.get(f"{url}/messages", timeout=10).json()["total"] == 1


def test_the_page_of_messages_shows_the_latest_first(serve: Callable[[StandIn], str]) -> None:
    url = serve(a_gateway())
    assert "还没有短信" in requests.get(url, timeout=10).text
    for number in range(3):
        sms_client(url).send("13800000001", f"第{number}条", idempotency_key=str(number))
    text = requests.get(url, timeout=10).text
    assert text.index("第2条") < text.index("第0条")


# Errors of the line


def test_a_gateway_that_does_not_listen_is_unreachable_and_may_be_tried_again(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{steady_port(tmp_path / 'port')}"
    with pytest.raises(GatewayError, match="unreachable") as refused:
        sms_client(url).send("13800000001", "短信", idempotency_key="k")
    assert refused.value.retryable


def test_an_address_that_is_none_is_a_final_error() -> None:
    with pytest.raises(GatewayError, match="request_invalid") as refused:
        sms_client("http://").status("x")
    assert not refused.value.retryable


def test_a_gateway_that_answers_nonsense_is_reported_as_such(county: County) -> None:
    county.answers = [200]
    with pytest.raises(GatewayError, match="malformed"):
        sms_client(county.url).send("13800000001", "短信", idempotency_key="k")


def test_a_gateway_that_points_elsewhere_is_not_followed(county: County) -> None:
    county.answers = [302]
    with pytest.raises(GatewayError, match="http_302") as refused:
        sms_client(county.url).send("13800000001", "短信", idempotency_key="k")
    assert not refused.value.retryable


def test_a_signed_callback_that_says_nothing_usable_is_malformed() -> None:
    client = bank_client("http://127.0.0.1")
    for message in (b"[]", b"no", b'{"event": "paid"}', json.dumps({"event": "refunded"}).encode()):
        with pytest.raises(GatewayError, match="malformed"):
            client.read_callback(message, timestamp_of(NOON), sign(message, timestamp_of(NOON), KEY))


# Running and keeping


def test_a_stand_in_refuses_to_listen_beyond_this_machine() -> None:
    with pytest.raises(ValueError, match="loopback"):
        serve_in_thread(a_gateway(), host="0.0.0.0")


def test_a_closed_stand_in_leaves_no_thread_and_no_port_behind() -> None:
    before = set(threading.enumerate())
    server, url = serve_in_thread(a_gateway())
    assert requests.get(url, timeout=10).status_code == 200
    server.close()
    server.close()
    wait_until(lambda: set(threading.enumerate()) <= before)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=2)


def test_a_port_is_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    file = tmp_path / "bank" / "port"
    port = steady_port(file)
    server, _ = serve_in_thread(a_gateway(), port=port)
    assert steady_port(tmp_path / "another") != port
    server.close()
    assert steady_port(file) == port


def test_a_shelf_lets_the_oldest_record_go_and_remembers_the_rest_in_order(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, max_records=2)
    for key in ("c", "b", "a"):
        shelf.put(key, {"name": key})
    shelf.put("b", {"name": "b again"})
    assert [record["name"] for record in shelf] == ["b again", "a"]
    assert [record["name"] for record in Shelf(tmp_path)] == ["b again", "a"]


def test_a_shelf_takes_no_key_that_could_leave_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        Shelf(tmp_path).put("../elsewhere", {})


def test_a_withdrawn_notice_takes_no_money_and_says_why(
    county: County, serve: Callable[[StandIn], str], tmp_path: Path
) -> None:
    first, url = serve_in_thread(a_bank(folder=tmp_path))
    bank_client(url).register(a_notice(county.url))
    assert bank_client(url).withdraw(PAY_CODE) == bank_client(url).withdraw(PAY_CODE) == "withdrawn"
    first.close()
    client_url = serve(a_bank(folder=tmp_path))
    answer = pay(f"{client_url}/pay/{PAY_CODE}")
    assert answer.status_code == 410 and "已撤回" in answer.text and "<button" not in answer.text
    english = requests.get(f"{client_url}/pay/{PAY_CODE}?lang=en", timeout=10).text
    assert "withdrawn this notice" in english
    assert county.letters == []


def test_a_withdrawal_that_comes_after_the_payment_or_before_the_notice(
    county: County, serve: Callable[[StandIn], str]
) -> None:
    client = bank_client(serve(a_bank()))
    pay(client.register(a_notice(county.url)))
    assert client.withdraw(PAY_CODE) == "paid"
    assert len(client.statement(date(2026, 11, 23))) == 1
    early = replace(a_notice(county.url), pay_code="9" * 20)
    assert client.withdraw(early.pay_code) == "withdrawn"
    with pytest.raises(GatewayError, match="notice_withdrawn"):
        client.register(early)
    with pytest.raises(GatewayError, match="invalid_withdrawal"):
        client.withdraw("12")


def test_the_bank_tells_what_became_of_a_refund(
    county: County, serve: Callable[[StandIn], str], tmp_path: Path
) -> None:
    first, url = serve_in_thread(a_bank(folder=tmp_path, retry_seconds=(60.0,)))
    pay(bank_client(url).register(a_notice(county.url)))
    assert bank_client(url).refund_state("TF/1") is None
    county.answers = [503]
    receipt_no = bank_client(url).refund(BankRefund("TF/1", PAY_CODE, 1_000, county.url))
    first.close()  # The callback that waited is lost.
    said = bank_client(serve(a_bank(folder=tmp_path))).refund_state("TF/1")
    assert said is not None and (said.receipt_no, said.amount_fen, said.pay_code) == (receipt_no, 1_000, PAY_CODE)
