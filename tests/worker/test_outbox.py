"""Messages are done at least once, in order, patiently, and the real gateways on loopback get each of them once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Connection, Engine, insert, select

from service.clock import MovedClock
from service.database.session import reading, transaction
from service.database.tables import notice, outbox, payment_notice, setting
from service.gateways.transport import GatewayError
from service.notices import outbox as outbox_module
from service.notices.gateways import gateway_senders
from service.notices.outbox import (
    CLAIM,
    DEAD,
    MOST_ATTEMPTS,
    PAUSES,
    SENT,
    WAITING,
    OutsideSender,
    Payload,
    Senders,
    drain,
    next_message_at,
    pause_after,
)
from service.notices.writing import Recipient, add_to_outbox, notify
from service.standins.bank import Bank
from service.standins.serving import RunningServer
from service.standins.sms import SmsGateway
from tests.commands.office import MONDAY, Office

Serve = Callable[..., RunningServer]
SECOND = timedelta(seconds=1)


def write(engine: Engine, *keys: str, kind: str = "note", at: datetime = MONDAY) -> None:
    with transaction(engine) as connection:
        for key in keys:
            add_to_outbox(connection, kind, key, {"name": key}, at)


def messages(engine: Engine) -> dict[str, Any]:
    with reading(engine) as connection:
        return {row.idempotency_key: row for row in connection.execute(select(outbox).order_by(outbox.c.id))}


def noted(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(setting.c.name).where(setting.c.name.like("noted/%"))).scalars())


def note(connection: Connection, services: None, payload: Payload, now: datetime) -> None:
    """A message for our own database; doing it twice would break the table's key."""
    connection.execute(insert(setting), {"name": f"noted/{payload['name']}", "content": 1})


NOTING: Senders[None] = {"note": note}


# For our own database ------------------------------------------------------------------------------------------------


def test_what_is_due_is_done_and_marked(engine: Engine) -> None:
    write(engine, "a", "b")
    write(engine, "later", at=MONDAY + SECOND)
    assert drain(engine, None, NOTING, MONDAY, limit=1) == 2
    assert sorted(noted(engine)) == ["noted/a", "noted/b"]
    found = messages(engine)
    assert [(row.state, row.attempts) for row in found.values()] == [(SENT, 1), (SENT, 1), (WAITING, 0)]
    assert found["a"].sent_at == MONDAY
    assert drain(engine, None, NOTING, MONDAY) == 0


def test_messages_are_done_in_the_order_in_which_they_fell_due(engine: Engine) -> None:
    write(engine, "third", at=MONDAY + 2 * SECOND)
    write(engine, "first", at=MONDAY)
    write(engine, "second", at=MONDAY + SECOND)
    done: list[str] = []
    drain(
        engine, None, {"note": lambda _c, _s, payload, _n: done.append(payload["name"])}, MONDAY + 9 * SECOND, limit=2
    )
    assert done == ["first", "second", "third"]


def test_what_a_message_writes_for_others_is_done_in_the_same_drain(engine: Engine) -> None:
    def start(connection: Connection, services: None, payload: Payload, now: datetime) -> None:
        add_to_outbox(connection, "note", "follows", {"name": "follows"}, now)

    write(engine, "order", kind="start")
    assert drain(engine, None, {"start": start, "note": note}, MONDAY) == 2
    assert noted(engine) == ["noted/follows"]


def test_a_failure_undoes_what_the_message_wrote_and_holds_up_nobody(engine: Engine) -> None:
    def half(connection: Connection, services: None, payload: Payload, now: datetime) -> None:
        note(connection, services, payload, now)
        if payload["name"] == "bad":
            raise ValueError("half way")

    write(engine, "bad", "good")
    assert drain(engine, None, {"note": half}, MONDAY) == 1
    assert noted(engine) == ["noted/good"]
    row = messages(engine)["bad"]
    assert (row.state, row.attempts, row.last_error) == (WAITING, 1, "ValueError: half way")
    assert drain(engine, None, NOTING, row.next_at - SECOND) == 0
    assert drain(engine, None, NOTING, row.next_at) == 1
    assert sorted(noted(engine)) == ["noted/bad", "noted/good"]
    assert messages(engine)["bad"].last_error is None


def test_a_failing_message_is_tried_eight_times_with_longer_and_longer_pauses(engine: Engine) -> None:
    def fail(*_: object) -> None:
        raise ValueError("never")

    write(engine, "hopeless")
    now, pauses = MONDAY, []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert drain(engine, None, {"note": fail}, now) == 0
        row = messages(engine)["hopeless"]
        assert row.attempts == attempt
        pauses.append(row.next_at - now)
        now = row.next_at
    assert row.state == DEAD
    assert row.last_error == "ValueError: never"
    for pause, meant in zip(pauses, [*PAUSES, PAUSES[-1], PAUSES[-1]], strict=False):
        assert meant * 0.8 <= pause <= meant * 1.2
    assert drain(engine, None, NOTING, now + timedelta(days=1)) == 0


def test_messages_that_failed_together_do_not_come_back_together() -> None:
    pauses = {pause_after(1, f"sms/{number}") for number in range(50)}
    assert len(pauses) == 50
    assert min(pauses) < PAUSES[0] * 0.9 < PAUSES[0] * 1.1 < max(pauses)


def test_a_kind_that_nobody_sends_waits_and_no_attempt_counts(engine: Engine) -> None:
    write(engine, "letter", kind="pigeon")
    assert drain(engine, None, NOTING, MONDAY + timedelta(days=9)) == 0
    row = messages(engine)["letter"]
    assert (row.state, row.attempts) == (WAITING, 0)


def test_many_workers_do_each_message_once(engine: Engine) -> None:
    write(engine, *(f"m{number}" for number in range(40)))
    ready, failures, done = threading.Barrier(4), [], []

    def work() -> None:
        ready.wait()
        try:
            done.append(drain(engine, None, NOTING, MONDAY, limit=7))
        except Exception as problem:
            failures.append(problem)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert sum(done) + drain(engine, None, NOTING, MONDAY) == 40
    assert len(noted(engine)) == 40
    assert {(row.state, row.attempts, row.last_error) for row in messages(engine).values()} == {(SENT, 1, None)}


def test_the_next_message_is_the_earliest_of_those_that_can_be_sent(engine: Engine) -> None:
    write(engine, "due")
    write(engine, "next", at=MONDAY + 5 * SECOND)
    write(engine, "unsendable", kind="pigeon", at=MONDAY + SECOND)
    with reading(engine) as connection:
        assert next_message_at(connection, ["note"], MONDAY) == MONDAY + 5 * SECOND
        assert next_message_at(connection, ["note"], MONDAY + 5 * SECOND) is None


# To somebody outside -------------------------------------------------------------------------------------------------


class Carrier(OutsideSender):
    """Goes wrong in the way that the test says, once it has been sent out."""

    def __init__(self, *problems: BaseException | None) -> None:
        self.problems = list(problems)
        self.sent: list[str] = []
        self.given_up: list[str] = []

    def prepare(self, connection: Connection, payload: Payload, key: str) -> str | None:
        return None if payload["name"] == "nothing" else key

    def send(self, request: str) -> str:
        self.sent.append(request)
        if self.problems and (problem := self.problems.pop(0)):
            raise problem
        return f"receipt of {request}"

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        connection.execute(insert(setting), {"name": f"noted/{receipt}", "content": 1})

    def give_up(self, connection: Connection, payload: Payload) -> None:
        self.given_up.append(payload["name"])


def test_a_message_with_nothing_left_to_do_is_marked_and_not_sent(engine: Engine) -> None:
    carrier = Carrier()
    write(engine, "nothing", kind="out")
    assert drain(engine, None, {"out": carrier}, MONDAY) == 1
    assert carrier.sent == []
    assert messages(engine)["nothing"].state == SENT


def test_no_transaction_is_open_while_a_message_is_on_its_way(engine: Engine) -> None:
    class Checker(Carrier):
        def send(self, request: str) -> str:
            # On SQLite this would wait for ever if the sender's own transaction were open.
            write(engine, f"meanwhile/{request}", kind="pigeon")
            return super().send(request)

    write(engine, "a", kind="out")
    assert drain(engine, None, {"out": Checker()}, MONDAY) == 1
    assert noted(engine) == ["noted/receipt of a"]


def test_an_answer_that_is_final_ends_the_message_at_once(engine: Engine) -> None:
    carrier = Carrier(GatewayError("number_refused", retryable=False))
    write(engine, "wrong", kind="out")
    assert drain(engine, None, {"out": carrier}, MONDAY) == 0
    row = messages(engine)["wrong"]
    assert (row.state, row.attempts) == (DEAD, 1)
    assert "number_refused" in row.last_error
    assert carrier.given_up == ["wrong"]


def test_where_nobody_answers_the_other_messages_of_the_kind_are_not_tried_in_vain(engine: Engine) -> None:
    carrier = Carrier(GatewayError("timed_out", retryable=True))
    write(engine, "a", "b", "c", kind="out")
    write(engine, "ours")
    assert drain(engine, None, {"out": carrier, "note": note}, MONDAY) == 1
    assert carrier.sent == ["a"]
    assert noted(engine) == ["noted/ours"]
    assert drain(engine, None, {"out": carrier}, MONDAY + SECOND) == 2


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", ["send", "record"])
def test_a_worker_killed_in_the_middle_leaves_a_claim_that_runs_out(
    engine: Engine, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = Carrier(Killed() if where == "send" else None)
    write(engine, "a", kind="out")
    with monkeypatch.context() as patched:
        if where == "record":

            def die(*_: object) -> None:
                raise Killed

            patched.setattr(outbox_module, "_mark_sent", die)
        with pytest.raises(Killed):
            drain(engine, None, {"out": carrier}, MONDAY)
    assert noted(engine) == []
    assert drain(engine, None, {"out": carrier}, MONDAY + CLAIM - SECOND) == 0
    assert drain(engine, None, {"out": carrier}, MONDAY + CLAIM) == 1
    assert carrier.sent == ["a", "a"]
    assert noted(engine) == ["noted/receipt of a"]
    assert messages(engine)["a"].attempts == 2


# The SMS gateway -----------------------------------------------------------------------------------------------------


def told(office: Office, *mobiles: str, text: str = "办件已受理。") -> None:
    with transaction(office.engine) as connection:
        people = [Recipient("王小明", mobile) for mobile in mobiles]
        notify(connection, people, case_id=office.case().id, kind="accepted", text=text, now=MONDAY, sms=True)


@pytest.fixture
def gateway(office: Office, tmp_path: Path) -> SmsGateway:
    office.start("LJ-YJ-XK-001")
    with transaction(office.engine) as connection:
        connection.execute(outbox.delete())
        connection.execute(notice.delete())
    return a_gateway(office, tmp_path)


def a_gateway(office: Office, folder: Path) -> SmsGateway:
    key = office.services.settings.bank_key
    return SmsGateway(key=key, now=office.services.clock.now, folder=folder / "sms", testing=True)


def senders_for(office: Office, **urls: str) -> Senders[Any]:
    return gateway_senders(replace(office.services.settings, **urls), office.services.clock)


def sms(server: RunningServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = requests.get(f"{server.url}/messages", timeout=5).json()["items"]
    return found


def fail_next(server: RunningServer, mode: str, count: int = 1) -> None:
    requests.post(f"{server.url}/testing/fail-next", json={"mode": mode, "count": count}, timeout=5).raise_for_status()


def statuses(office: Office) -> list[str]:
    return [row.status for row in office.rows(select(notice).order_by(notice.c.id))]


def test_a_notice_goes_out_and_its_receipt_comes_in(office: Office, gateway: SmsGateway, serve: Serve) -> None:
    server = serve(gateway)
    told(office, "13900000001", "13900000002")
    assert drain(office.engine, office.services, senders_for(office, sms_url=server.url), MONDAY) == 4
    assert [(each["to"], each["text"]) for each in reversed(sms(server))] == [
        ("13900000001", "办件已受理。"),
        ("13900000002", "办件已受理。"),
    ]
    rows = office.rows(select(notice))
    assert [row.status for row in rows] == ["delivered", "delivered"]
    assert all(row.sent_at == MONDAY and row.receipt_at == MONDAY and row.provider_id for row in rows)


def test_an_answer_that_is_lost_sends_nobody_the_same_message_twice(
    office: Office, gateway: SmsGateway, serve: Serve
) -> None:
    server = serve(gateway)
    fail_next(server, "answer_lost")
    told(office, "13900000001")
    senders = senders_for(office, sms_url=server.url)
    assert drain(office.engine, office.services, senders, MONDAY) == 0
    assert statuses(office) == ["waiting"]
    assert drain(office.engine, office.services, senders, MONDAY + timedelta(seconds=10)) == 2
    assert statuses(office) == ["delivered"]
    assert len(sms(server)) == 1


def test_a_gateway_that_dies_and_comes_back_gets_each_message_once(
    office: Office, gateway: SmsGateway, serve: Serve, tmp_path: Path
) -> None:
    server = serve(gateway)
    told(office, "13900000001")
    senders = senders_for(office, sms_url=server.url)
    fail_next(server, "answer_lost")
    drain(office.engine, office.services, senders, MONDAY)
    server.close()
    told(office, "13900000002")
    now = MONDAY + timedelta(seconds=10)
    assert drain(office.engine, office.services, senders, now) == 0
    waiting = [row for row in messages(office.engine).values() if row.state == WAITING]
    assert [row.attempts for row in waiting] in ([2, 0], [1, 1])
    assert any("unreachable" in (row.last_error or "") for row in waiting)
    again = serve(a_gateway(office, tmp_path), int(server.url.rpartition(":")[2]))
    drain(office.engine, office.services, senders, now + timedelta(hours=1))
    assert statuses(office) == ["delivered", "delivered"]
    assert sorted(each["to"] for each in sms(again)) == ["13900000001", "13900000002"]


def test_a_number_that_is_refused_fails_its_notice_alone(office: Office, gateway: SmsGateway, serve: Serve) -> None:
    server = serve(gateway)
    told(office, "12", "13900000002")
    assert drain(office.engine, office.services, senders_for(office, sms_url=server.url), MONDAY) == 2
    assert statuses(office) == ["failed", "delivered"]
    assert [row.state for row in messages(office.engine).values()][:2] == [DEAD, SENT]


@pytest.mark.parametrize(("mode", "status"), [("undelivered", "undelivered"), ("silent", "sent")])
def test_what_became_of_a_message_is_asked_for(
    office: Office, gateway: SmsGateway, serve: Serve, mode: str, status: str
) -> None:
    server = serve(gateway)
    fail_next(server, mode)
    told(office, "13900000001")
    drain(office.engine, office.services, senders_for(office, sms_url=server.url), MONDAY)
    assert statuses(office) == [status]
    asked = [row for row in messages(office.engine).values() if row.kind == "sms_receipt"]
    assert [row.state for row in asked] == [WAITING if mode == "silent" else SENT]


def test_a_long_text_is_cut_to_what_carriers_pass_on(office: Office, gateway: SmsGateway, serve: Serve) -> None:
    server = serve(gateway)
    told(office, "13900000001", text="长" * 1000)
    drain(office.engine, office.services, senders_for(office, sms_url=server.url), MONDAY)
    assert statuses(office) == ["delivered"]
    assert sms(server)[0]["text"] == "长" * 535 + "…"


def test_without_an_address_messages_wait_until_there_is_one(office: Office, gateway: SmsGateway, serve: Serve) -> None:
    told(office, "13900000001")
    assert drain(office.engine, office.services, senders_for(office), MONDAY) == 0
    assert [(row.state, row.attempts) for row in messages(office.engine).values()] == [(WAITING, 0)]
    senders = senders_for(office, sms_url=serve(gateway).url)
    assert drain(office.engine, office.services, senders, MONDAY + timedelta(days=1)) == 2


# The bank ------------------------------------------------------------------------------------------------------------


def test_a_payment_notice_gets_the_address_where_it_is_paid(office: Office, serve: Serve, tmp_path: Path) -> None:
    office.start("LJ-ZR-QR-001")
    with transaction(office.engine) as connection:
        connection.execute(insert(payment_notice).values(**a_payment_notice(office)))
        add_to_outbox(connection, "bank_notice", "bank_notice/1", {"pay_code": PAY_CODE}, MONDAY)
    clock = office.services.clock
    assert isinstance(clock, MovedClock)
    server = serve(Bank(key=office.services.settings.bank_key, now=clock.now, folder=tmp_path / "bank"))
    senders = senders_for(office, bank_url=server.url, public_url="http://127.0.0.1:8123")
    assert drain(office.engine, office.services, senders, MONDAY) == 1
    row = office.rows(select(payment_notice))[0]
    assert row.pay_url == f"{server.url}/pay/{PAY_CODE}"
    page = requests.get(row.pay_url, timeout=5).text
    for words in (
        "¥80.00",
        "不动产登记费",
        office.number,
        "2026-04-07",
        f"http://127.0.0.1:8123/public/cases/{office.number}",
    ):
        assert words in page


def test_a_payment_notice_that_is_not_there_dies_after_its_attempts(office: Office, serve: Serve) -> None:
    with transaction(office.engine) as connection:
        add_to_outbox(connection, "bank_notice", "bank_notice/2", {"pay_code": "0"}, MONDAY)
    senders = senders_for(office, bank_url="http://127.0.0.1:9")
    drain(office.engine, office.services, senders, MONDAY)
    assert "LookupError" in messages(office.engine)["bank_notice/2"].last_error


PAY_CODE = "32990120260309000017"


def a_payment_notice(office: Office) -> dict[str, Any]:
    return {
        "case_id": office.case().id,
        "pay_code": PAY_CODE,
        "item_code": "103042101D",
        "name_zh": "不动产登记费",
        "payer": "李四",
        "amount_fen": 8000,
        "lines": [],
        "status": "unpaid",
        "made_at": MONDAY,
        "due_at": office.calendar.add_natural_days(MONDAY, 29),
    }
