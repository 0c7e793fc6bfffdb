"""Dead messages are seen by those who look after the installation, masked, and decided upon with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import insert, select, update

from service.database.session import reading, transaction
from service.database.tables import notice, outbox, outbox_decision, payment_notice
from service.demo.county import demo_people
from service.notices.outbox import DEAD, DISMISSED, WAITING, Wanted
from service.web.application import create_app
from tests.service_fixtures import MONDAY, Office
from tests.web.visiting import Page, told, visit

MOBILE = "13912345678"


def a_dead_letter(office: Office, kind: str = "sms", number: str | None = None) -> int:
    """A text message that the gateway refused eight times."""
    with transaction(office.engine) as connection:
        of_case = None if number is None else office.case(number)["number"]
        row = {"recipient_name": "李小龙", "address": MOBILE, "channel": "sms", "kind": "applicant_received"}
        text = {"text": "您的申请已收到", "status": "failed", "created_at": MONDAY}
        notice_id = connection.execute(insert(notice).values(**row, **text).returning(notice.c.id)).scalar_one()
        values: dict[str, Any] = {"kind": kind, "idempotency_key": f"{kind}/{notice_id}/{of_case}", "state": DEAD}
        values |= {"payload": {"notice_id": notice_id}, "attempts": 8, "created_at": MONDAY, "next_at": MONDAY}
        values |= {"last_error": "GatewayError: unreachable", "failed_at": MONDAY + timedelta(hours=5)}
        return int(connection.execute(insert(outbox).values(**values).returning(outbox.c.id)).scalar_one())


def message(office: Office, message_id: int) -> Any:
    with reading(office.engine) as connection:
        return connection.execute(select(outbox).where(outbox.c.id == message_id)).one()


def open_second_step(office: Office, username: str) -> None:
    secret = next(one.totp_secret for one in demo_people() if one.username == username)
    answer = office.sign_in(username).post("/sessions/current/second-factor", {"code": pyotp.TOTP(secret).now()})
    assert answer.status_code < 300, answer.text


def test_dead_messages_are_listed_masked_for_the_administrator_and_the_auditor_alone(office: Office) -> None:
    number = a_dead_letter(office)
    for name in ("sysadmin", "auditor"):
        answer = office.sign_in(name).get("/dead-letters?kind=sms")
        (row,) = answer.get_json()["items"]
        assert (row["id"], row["kind"], row["attempts"], row["state"]) == (number, "sms", 8, "dead")
        assert row["recipient"] == "李** 139****5678"
        assert row["last_error"] == "GatewayError: unreachable"
        assert MOBILE not in answer.text and "您的申请" not in answer.text
    assert office.sign_in("yj_clerk").get("/dead-letters").status_code == 403
    assert office.sign_in("sysadmin").get("/dead-letters?kind=mail").get_json()["total"] == 0


def test_a_retry_starts_the_attempts_anew_and_is_kept_with_its_reason(office: Office) -> None:
    number = a_dead_letter(office)
    admin = office.sign_in("sysadmin")
    answer = admin.post(f"/dead-letters/{number}/retry", {"reason": "网关已恢复"})
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["state"] == "waiting"
    (decision,) = answer.get_json()["decisions"]
    assert (decision["decision"], decision["reason"], decision["attempts"]) == ("retry", "网关已恢复", 8)
    assert decision["last_error"] == "GatewayError: unreachable"
    row = message(office, number)
    assert (row.state, row.attempts, row.next_at) == (WAITING, 0, office.now)
    assert admin.post(f"/dead-letters/{number}/retry", {"reason": "再来"}).status_code == 404
    assert admin.get(f"/dead-letters/{number}").get_json()["decisions"] == [decision]


def test_a_message_that_makes_no_sense_any_more_is_dismissed(office: Office) -> None:
    number = a_dead_letter(office)
    answer = office.sign_in("sysadmin").post(f"/dead-letters/{number}/dismiss", {"reason": "号码已注销"})
    assert answer.get_json()["state"] == "dismissed"
    assert message(office, number).state == DISMISSED
    assert office.sign_in("sysadmin").get("/dead-letters").get_json()["total"] == 0


def test_all_of_a_kind_are_tried_again_and_no_other(office: Office) -> None:
    texts, mail = [a_dead_letter(office) for _ in range(3)], a_dead_letter(office, "mail")
    answer = office.sign_in("sysadmin").post("/dead-letters/retry", {"kind": "sms", "reason": "网关已恢复"})
    assert answer.get_json() == {"retried": 3}
    assert {message(office, one).state for one in texts} == {WAITING}
    assert message(office, mail).state == DEAD


def test_only_the_administrator_decides_and_never_without_a_reason(office: Office) -> None:
    number = a_dead_letter(office)
    assert office.sign_in("auditor").post(f"/dead-letters/{number}/retry", {"reason": "x"}).status_code == 403
    assert office.sign_in("sysadmin").post(f"/dead-letters/{number}/retry", {"reason": " "}).status_code == 422
    assert office.sign_in("sysadmin").post(f"/dead-letters/{number}/retry", {}).status_code == 422
    assert message(office, number).state == DEAD
    with reading(office.engine) as connection:
        assert connection.execute(select(outbox_decision)).all() == []


def test_a_living_message_is_not_there_to_be_decided_upon(office: Office) -> None:
    number = a_dead_letter(office)
    with transaction(office.engine) as connection:
        connection.execute(update(outbox).where(outbox.c.id == number).values(state=WAITING))
    assert office.sign_in("sysadmin").get(f"/dead-letters/{number}").status_code == 404
    assert office.sign_in("sysadmin").post(f"/dead-letters/{number}/dismiss", {"reason": "x"}).status_code == 404


# The page ------------------------------------------------------------------------------------------------------------


def test_the_page_shows_why_and_takes_the_decision(office: Office) -> None:
    number = a_dead_letter(office)
    admin = visit(office, "sysadmin")
    page = admin.page("/dead-letters")
    words = told(page)
    assert "短信" in words and "李** 139****5678" in words and "GatewayError: unreachable" in page
    assert MOBILE not in page
    refused = admin.send(f"/dead-letters/{number}/retry", reason=" ")
    assert refused.status_code == 422 and "请写明理由" in told(refused.text)
    assert "已重新发送" in told(admin.sent(f"/dead-letters/{number}/retry", reason="网关已恢复"))
    assert message(office, number).state == WAITING


def test_the_page_retries_a_kind_and_shows_what_was_decided_before(office: Office) -> None:
    first = a_dead_letter(office)
    a_dead_letter(office)
    admin = visit(office, "sysadmin")
    assert "已重新发送 2 条" in told(admin.sent("/dead-letters/retry", kind="sms", reason="网关已恢复"))
    with transaction(office.engine) as connection:
        connection.execute(update(outbox).where(outbox.c.id == first).values(state=DEAD))
    assert "网关已恢复" in told(admin.page("/dead-letters?kind=sms"))
    assert "已不再发送" in told(admin.sent(f"/dead-letters/{first}/dismiss", reason="号码已注销"))
    assert "没有失败的消息" in told(admin.page("/dead-letters"))
    assert admin.send(f"/dead-letters/{first}/burn", reason="x").status_code == 404


def test_the_auditor_reads_the_page_and_has_no_button(office: Office) -> None:
    number = a_dead_letter(office)
    auditor = visit(office, "auditor")
    page = auditor.page("/dead-letters")
    assert not [form for form in Page(page).all("form") if "/dead-letters" in form.get("action", "")]
    assert auditor.send(f"/dead-letters/{number}/retry", reason="x").status_code == 403
    assert visit(office, "yj_clerk").get("/dead-letters").status_code == 403


# Receivers and addresses ---------------------------------------------------------------------------------------------


def test_a_receiver_is_named_with_the_second_step_and_its_key_is_told_once(office: Office) -> None:
    admin = office.sign_in("sysadmin")
    body = {"name": "市平台", "url": "https://203.0.114.7/hook", "kinds": ["case_closed"], "reason": "数据共享"}
    assert admin.post("/webhook-receivers", body).get_json()["code"] == "second_factor_required"
    open_second_step(office, "sysadmin")
    added = admin.post("/webhook-receivers", body)
    assert added.status_code == 201, added.text
    assert len(added.get_json()["key"]) == 64
    assert added.get_json()["heard_from"] == "2026-11-23T09:00:10+08:00"
    (row,) = admin.get("/webhook-receivers").get_json()["items"]
    assert "key" not in row and (row["waiting"], row["dead"], row["ended_at"]) == (0, 0, None)
    assert admin.call("DELETE", f"/webhook-receivers/{row['id']}").status_code == 204
    assert admin.call("DELETE", f"/webhook-receivers/{row['id']}").status_code == 404
    assert admin.get("/webhook-receivers").get_json()["items"][0]["ended_at"] is not None
    assert office.sign_in("yj_head").get("/webhook-receivers").status_code == 403


@pytest.mark.parametrize(
    "change",
    [{"url": "https://10.0.0.1/"}, {"url": "http://203.0.114.7/"}, {"kinds": ["nonsense"]}, {"kinds": "case_closed"}],
)
def test_a_receiver_inside_the_house_or_of_unknown_events_is_refused(office: Office, change: dict[str, Any]) -> None:
    open_second_step(office, "sysadmin")
    body = {"name": "x", "url": "https://203.0.114.7/", "reason": "x", **change}
    answer = office.sign_in("sysadmin").post("/webhook-receivers", body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


def test_one_leaves_and_takes_back_ones_own_addresses(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    assert clerk.put("/me/contacts/mail", {"address": "wang@example.gov.cn"}).status_code == 200
    assert clerk.put("/me/contacts/mail", {"address": "w@example.gov.cn"}).status_code == 200
    given = clerk.put("/me/contacts/push", {"address": "wang"}).get_json()["items"]
    assert [(one["channel"], one["address"]) for one in given] == [("mail", "w@example.gov.cn"), ("push", "wang")]
    for wrong in ("nobody", "a@b", "a b@example.cn", "x@example.cn\r\nBcc: y@example.cn", "王@example.cn"):
        assert clerk.put("/me/contacts/mail", {"address": wrong}).status_code == 422
    assert clerk.call("DELETE", "/me/contacts/mail").status_code == 204
    assert [one["channel"] for one in clerk.get("/me/contacts").get_json()["items"]] == ["push"]
    assert office.sign_in("yj_section").get("/me/contacts").get_json()["items"] == []


# What a request sends ------------------------------------------------------------------------------------------------


def test_a_request_sends_what_its_answer_needs_and_leaves_the_rest_to_the_workers(office: Office) -> None:
    asked: list[Wanted] = []

    def note(_now: object, wanted: Wanted) -> int:
        asked.append(wanted)
        return 0

    case = office.start("LJ-ZR-QR-001")
    office.walk(case["number"], "await_payment")
    with reading(office.engine) as connection:
        assert connection.execute(select(payment_notice.c.status)).scalar_one() == "unpaid"
    quiet = create_app(office.engine, office.services, drain=note)
    clerk = office.sign_in("zr_clerk")
    headers = {"Authorization": f"Bearer {clerk.token}"}
    path = f"/api/v1/cases/{case['number']}/payment-notices"
    assert quiet.test_client().post(path, headers=headers).status_code == 201
    page = visit(Office(quiet, office.engine, office.services, office.stepping), "zr_clerk")
    page.sent(f"/cases/{case['number']}/payment-notices")
    assert asked == [Wanted(frozenset({"bank_notice"}), case["number"])] * 2
