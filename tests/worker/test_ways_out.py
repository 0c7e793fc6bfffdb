"""Mail, push, webhooks and broker events leave the house through real servers on loopback, each with its receipt."""

from __future__ import annotations

import asyncio
import email
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import delete, insert, select, update

from service.clock import MovedClock
from service.commands.decide_message import DecideMessage, decide_message
from service.commands.manage_receivers import AddReceiver, add_receiver, end_receiver
from service.database.session import transaction
from service.database.tables import contact, notice, outbox, webhook_receiver
from service.gateways.event_broker import EXCHANGE
from service.gateways.mail_client import MailClient
from service.gateways.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from service.gateways.webhook_client import Guard, receiver_key
from service.notices.announcing import announcer
from service.notices.gateways import gateway_senders
from service.notices.outbox import DEAD, SENT, WAITING, Senders, Wanted, drain
from service.notices.writing import Recipient, notify
from service.people.queries import read_actor
from tests.commands.office import MONDAY, Office

ITEM = "LJ-YJ-XK-001"
SECOND = timedelta(seconds=1)


class Relay:
    """A mail relay: keeps what it takes, and answers as the test says."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], Any]] = []
        self.answers: list[str] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=policy.default)))
        return f"250 2.0.0 queued as {len(self.taken)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def relay() -> Iterator[tuple[Relay, str]]:
    handler = Relay()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, loop=asyncio.new_event_loop())
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()
    controller.loop.close()


class Receiver:
    """Somebody who takes POSTs on loopback: what came in, and with which status it is answered."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((self.path, dict(self.headers), body))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                self.wfile.write(b'{"id": "push-1"}')

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def events(self) -> list[str]:
        return [json.loads(body)["event"] for _, _, body in self.came]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


def senders_of(office: Office, **changes: Any) -> Senders[Any]:
    settings = replace(office.services.settings, testing=True, **changes)
    return {"announcement": announcer(settings), **gateway_senders(settings, office.services.clock)}


def leave_address(office: Office, username: str, channel: str, address: str) -> None:
    with transaction(office.engine) as connection:
        row = {"person_id": office.ids[username], "channel": channel, "address": address, "changed_at": MONDAY}
        connection.execute(insert(contact), row)


def tell(office: Office, username: str) -> None:
    """An alarm's words to one person, in the product and wherever else they have left an address."""
    with transaction(office.engine) as connection:
        connection.execute(delete(outbox))
        who = [Recipient("王科长", None, office.ids[username])]
        words = "黄色预警：环节将到期"
        notify(connection, who, case_id=office.case().id, kind="alarm_yellow", text=words, now=MONDAY, sms=False)


def rows(office: Office, kind: str) -> list[Any]:
    return office.rows(select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.id))


def send(office: Office, now: Any = MONDAY, **changes: Any) -> int:
    return drain(office.engine, office.services, senders_of(office, **changes), now)


def mailing(url: str) -> dict[str, str]:
    return {"mail_url": url, "mail_from": "notice@example.gov.cn"}


# Mail and push -------------------------------------------------------------------------------------------------------


def test_who_left_a_mailbox_gets_the_notice_by_mail_as_well(office: Office, relay: tuple[Relay, str]) -> None:
    taking, url = relay
    office.start(ITEM)
    leave_address(office, "yj_section", "mail", "section@example.gov.cn")
    tell(office, "yj_section")
    send(office, **mailing(url))
    ((to, message),) = taking.taken
    assert to == ["section@example.gov.cn"]
    assert message["From"] == "notice@example.gov.cn"
    assert message.get_content().strip() == "黄色预警：环节将到期"
    (row,) = rows(office, "mail")
    assert (row.state, row.receipt, row.case_id) == (SENT, "250 2.0.0 queued as 1", office.case().id)
    states = office.rows(select(notice.c.channel, notice.c.status).order_by(notice.c.id.desc()).limit(2))
    assert {tuple(one) for one in states} == {("mail", "sent"), ("in_app", "delivered")}


def test_a_mailbox_that_is_full_today_is_tried_again_and_one_that_is_none_is_not(
    office: Office, relay: tuple[Relay, str]
) -> None:
    taking, url = relay
    office.start(ITEM)
    leave_address(office, "yj_section", "mail", "section@example.gov.cn")
    tell(office, "yj_section")
    taking.answers = ["452 full", "550 nobody of that name"]
    send(office, **mailing(url))
    (row,) = rows(office, "mail")
    assert (row.state, row.failed_at) == (WAITING, MONDAY)
    send(office, row.next_at, **mailing(url))
    (row,) = rows(office, "mail")
    assert (row.state, row.attempts) == (DEAD, 2) and "recipient_refused" in row.last_error
    assert taking.taken == []


def test_the_same_message_sent_twice_carries_the_same_message_id(office: Office, relay: tuple[Relay, str]) -> None:
    taking, url = relay
    office.start(ITEM)
    leave_address(office, "yj_section", "mail", "section@example.gov.cn")
    tell(office, "yj_section")
    send(office, **mailing(url))
    with transaction(office.engine) as connection:
        connection.execute(update(outbox).values(state=WAITING))
        connection.execute(update(notice).where(notice.c.channel == "mail").values(status="waiting"))
    send(office, **mailing(url))
    first, second = (message["Message-ID"] for _, message in taking.taken)
    assert first == second and first.endswith("@example.gov.cn>")


def test_a_relay_that_is_gone_leaves_the_mail_waiting(office: Office) -> None:
    office.start(ITEM)
    leave_address(office, "yj_section", "mail", "section@example.gov.cn")
    tell(office, "yj_section")
    send(office, **mailing("smtp://127.0.0.1:1"))
    (row,) = rows(office, "mail")
    assert row.state == WAITING and "unreachable" in row.last_error


def test_mail_over_plain_smtp_never_gives_a_password_to_a_relay_that_wants_tls(relay: tuple[Relay, str]) -> None:
    from service.gateways.mail_client import Mail
    from service.gateways.transport import GatewayError

    url = relay[1].replace("smtp://", "smtp+tls://user:secret@")
    client = MailClient(url, "notice@example.gov.cn", MovedClock(MONDAY).now)
    with pytest.raises(GatewayError):
        client.send(Mail("a@example.gov.cn", "x", "y", "key"))
    assert relay[0].taken == []


def test_a_push_goes_to_the_name_in_the_app_with_its_key(office: Office, receiver: Receiver) -> None:
    office.start(ITEM)
    leave_address(office, "yj_section", "push", "wang.kezhang")
    tell(office, "yj_section")
    send(office, push_url=receiver.url, push_key=b"shared with the app")
    ((path, headers, body),) = receiver.came
    told = json.loads(body)
    assert (path, told["to"], told["idempotency_key"]) == (
        "/pushes",
        "wang.kezhang",
        rows(office, "push")[0].idempotency_key,
    )
    assert verify(body, headers[TIMESTAMP_HEADER], headers[SIGNATURE_HEADER], b"shared with the app", now=MONDAY)
    assert rows(office, "push")[0].receipt == "push-1"


def test_a_notice_that_failed_is_sent_after_all_when_somebody_retries_it(
    office: Office, relay: tuple[Relay, str]
) -> None:
    taking, url = relay
    office.start(ITEM)
    leave_address(office, "yj_section", "mail", "section@example.gov.cn")
    tell(office, "yj_section")
    taking.answers = ["550 nobody of that name"]
    send(office, **mailing(url))
    (row,) = rows(office, "mail")
    with transaction(office.engine) as connection:
        actor = read_actor(connection, office.ids["sysadmin"], MONDAY)
        assert actor is not None
        decide_message(connection, actor, DecideMessage(row.id, "retry", "邮箱已开通"), MONDAY + SECOND)
    send(office, MONDAY + SECOND, **mailing(url))
    assert len(taking.taken) == 1
    assert rows(office, "mail")[0].state == SENT
    assert {one.status for one in office.rows(select(notice).where(notice.c.channel == "mail"))} == {"sent"}


# Webhooks ------------------------------------------------------------------------------------------------------------


def listen(office: Office, url: str, *kinds: str) -> int:
    with transaction(office.engine) as connection:
        actor = read_actor(connection, office.ids["sysadmin"], MONDAY)
        assert actor is not None
        command = AddReceiver("市政务平台", url, kinds, "数据共享")
        return add_receiver(connection, office.services, actor, command, Guard(testing=True), MONDAY)


def test_a_receiver_is_told_of_what_happens_to_a_case_signed_and_without_names(
    office: Office, receiver: Receiver
) -> None:
    number = listen(office, receiver.url + "/hook?from=county")
    office.start(ITEM)
    send(office)
    path, headers, body = receiver.came[0]
    told = json.loads(body)
    assert (path, told["event"], told["case"]["number"]) == ("/hook?from=county", "case_started", office.number)
    assert office.case().applicant_name not in body.decode()
    key = receiver_key(office.services.settings.secret_key, number)
    assert verify(body, headers[TIMESTAMP_HEADER], headers[SIGNATURE_HEADER], key, now=MONDAY)
    assert headers["Idempotency-Key"] == told["id"] == rows(office, "webhook")[0].idempotency_key
    assert rows(office, "webhook")[0].receipt == "HTTP 200"


def test_while_nobody_listens_an_act_writes_no_announcement(office: Office) -> None:
    office.start(ITEM)
    assert rows(office, "announcement") == []


def test_a_receiver_hears_only_the_kinds_it_asked_for(office: Office, receiver: Receiver) -> None:
    listen(office, receiver.url, "case_closed")
    office.start(ITEM)
    send(office)
    assert receiver.came == []
    assert [row.state for row in rows(office, "announcement")] == [SENT]


def test_an_answer_that_was_lost_brings_the_same_key_again(office: Office, receiver: Receiver) -> None:
    listen(office, receiver.url, "case_started")
    receiver.statuses = [503]
    office.start(ITEM)
    send(office)
    (row,) = rows(office, "webhook")
    assert row.state == WAITING and "http_503" in row.last_error
    send(office, row.next_at)
    keys = [headers["Idempotency-Key"] for _, headers, _ in receiver.came]
    assert len(keys) == 2 and len(set(keys)) == 1


@pytest.mark.parametrize("status", [302, 404, 410])
def test_a_redirection_and_a_refusal_are_final_and_not_followed(
    office: Office, receiver: Receiver, status: int
) -> None:
    listen(office, receiver.url, "case_started")
    receiver.statuses = [status]
    office.start(ITEM)
    send(office)
    (row,) = rows(office, "webhook")
    assert row.state == DEAD and f"http_{status}" in row.last_error


def test_what_waits_for_a_receiver_that_was_ended_is_not_sent(office: Office, receiver: Receiver) -> None:
    number = listen(office, receiver.url)
    office.start(ITEM)
    with transaction(office.engine) as connection:
        actor = read_actor(connection, office.ids["sysadmin"], MONDAY)
        assert actor is not None
        drain_nothing = Wanted(frozenset({"announcement"}))
        end_receiver(connection, actor, number, MONDAY)
    drain(office.engine, office.services, senders_of(office), MONDAY, drain_nothing)
    send(office)
    assert receiver.came == []


def test_a_receiver_that_is_gone_holds_up_no_other(office: Office, receiver: Receiver) -> None:
    listen(office, "http://127.0.0.1:1/gone")
    listen(office, receiver.url)
    for _ in range(3):
        office.start(ITEM)
    with transaction(office.engine) as connection:
        connection.execute(delete(outbox).where(outbox.c.kind != "announcement"))
    drain(office.engine, office.services, senders_of(office), MONDAY, limit=2)
    assert receiver.events().count("case_started") == 3
    gone = [row for row in rows(office, "webhook") if row.lane == rows(office, "webhook")[0].lane]
    assert len(gone) == 3 and sum(row.attempts for row in gone) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://10.1.2.3/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "ftp://example.com/",
        "https:///nowhere",
        "file:///etc/passwd",
    ],
)
def test_no_webhook_goes_into_the_house(url: str) -> None:
    with pytest.raises(ValueError):
        Guard().check(url)


def test_a_network_of_the_county_is_open_where_the_settings_name_it() -> None:
    from service.gateways.webhook_client import read_networks

    guard = Guard(read_networks("10.20.0.0/16, fd00::/8"))
    assert guard.check("https://10.20.3.4/hook").hostname == "10.20.3.4"
    assert guard.check("https://[fd00::1]:8443/hook").port == 8443
    with pytest.raises(ValueError):
        guard.check("https://10.21.3.4/hook")


def test_a_name_that_leads_into_the_house_is_refused_when_it_is_sent_to(office: Office, receiver: Receiver) -> None:
    """`localhost` passes as a name; what it leads to is judged with every message."""
    port = receiver.url.rpartition(":")[2]
    with transaction(office.engine) as connection:
        person = office.ids["sysadmin"]
        values = {"name": "x", "url": f"https://localhost:{port}/", "kinds": [], "reason": "x"}
        connection.execute(insert(webhook_receiver), {**values, "added_at": MONDAY, "added_by": person})
        office.services.audience.ask(connection)
    office.start(ITEM)
    settings = office.services.settings
    outside = {"announcement": announcer(settings), **gateway_senders(settings, office.services.clock)}
    drain(office.engine, office.services, outside, MONDAY)
    assert receiver.came == []
    assert {row.state for row in rows(office, "webhook")} == {DEAD}
    assert "address_refused" in rows(office, "webhook")[0].last_error


# The broker ----------------------------------------------------------------------------------------------------------


@pytest.mark.broker
def test_events_reach_a_queue_of_the_broker_with_their_keys(office: Office, rabbitmq_url: str) -> None:
    from kombu import Connection as Broker
    from kombu import Exchange, Queue

    exchange = Exchange(EXCHANGE, type="topic", durable=True)
    queue = Queue("listener", exchange, "case_started", queue_arguments={"x-queue-type": "quorum"})
    with Broker(rabbitmq_url) as broker:
        queue(broker.channel()).declare()
    object.__setattr__(office.services.settings, "events_url", rabbitmq_url)
    office.start(ITEM)
    send(office, events_url=rabbitmq_url)
    kinds = {row.state for row in rows(office, "broker_event")}
    assert kinds == {SENT}
    with Broker(rabbitmq_url) as broker:
        with broker.channel() as channel:
            message = queue(channel).get(no_ack=True)
    assert message.headers is not None
    told = json.loads(message.body)
    assert (told["event"], message.properties["message_id"]) == ("case_started", told["id"])


def test_without_a_broker_events_wait(office: Office) -> None:
    object.__setattr__(office.services.settings, "events_url", "amqp://127.0.0.1:1//")
    office.start(ITEM)
    send(office, events_url="amqp://127.0.0.1:1//")
    states = [(row.state, row.attempts) for row in rows(office, "broker_event")]
    assert states[0] == (WAITING, 1) and {state for state, _ in states} == {WAITING}
