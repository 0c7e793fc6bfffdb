"""A penalty over the interface and on the pages: from the lead to the money, with a leader's acts on the fine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from service.commands.take_payment import TakePayment, take_payment
from service.database.session import reading, transaction
from service.database.tables import payment_notice
from service.enquiry.reference import secret_of
from tests.service_fixtures import Office
from tests.web.visiting import told, visit

PENALTY = "LJ-CG-CF-001"
FINE = 1200_00
_OPEN = (
    select(payment_notice.c.pay_code).where(payment_notice.c.status == "unpaid").order_by(payment_notice.c.id).limit(1)
)


def party_says(office: Office, number: str, **said: Any) -> None:
    """The party's message, typed in at the counter."""
    answers = {"statement_made": False, "hearing_requested": False, "rights_waived": False, **said}
    given = office.sign_in("cg_clerk").post(f"/cases/{number}/messages", {"kind": "statement", "answers": answers})
    assert given.status_code == 200, given.text


def at_payment(office: Office, **choices: Any) -> str:
    """A fine of 1,200 yuan, served on the party, who has waived its rights."""
    number: str = office.start(PENALTY, violation="pile", **choices)["number"]
    for step in ("filing_decision", "investigate", "section_review", "legal_review"):
        office.work(number, step, violation="pile", **choices)
    office.upload_all(number, "await_statement", "cg_officer")
    office.work(number, "serve_prior_notice")
    party_says(office, number, rights_waived=True)
    office.work(number, "decide", violation="pile")
    office.upload_all(number, "publish", "cg_officer")
    office.work(number, "serve_decision")
    return number


def steps(office: Office, number: str) -> list[str]:
    return [task["element_id"] for task in office.case(number)["user_tasks"]]


def pay(office: Office, number: str, fen: int, reference: str) -> None:
    with transaction(office.engine) as connection:
        code = connection.execute(_OPEN).scalar_one()
        take_payment(connection, office.services, TakePayment(code, fen, reference, office.now), office.now)


def fine(office: Office, number: str, by: str = "cg_head") -> dict[str, Any]:
    found: dict[str, Any] = office.sign_in(by).get(f"/cases/{number}/fine").get_json()
    return found


def test_a_penalty_with_its_hearing_is_decided_paid_and_closed_over_the_interface(office: Office) -> None:
    number: str = office.start(PENALTY, violation="pile")["number"]
    for step in ("filing_decision", "investigate", "section_review", "legal_review"):
        office.work(number, step, violation="pile")
    office.upload_all(number, "await_statement", "cg_officer")
    office.work(number, "serve_prior_notice")
    party_says(office, number, statement_made=True, statement_text="摊位已于次日清理。")
    assert steps(office, number) == []
    party_says(office, number, hearing_requested=True)
    office.work(number, "notify_hearing")
    office.wait(days=21)
    office.upload_all(number, "legal_review_hearing", "cg_officer")
    for step in ("hold_hearing", "legal_review_hearing", "collective_discussion"):
        office.work(number, step)
    office.work(number, "decide", violation="pile")
    office.upload_all(number, "publish", "cg_officer")
    office.work(number, "serve_decision")
    assert (fine(office, number)["outstanding_fen"], fine(office, number)["ways"]) == (FINE, ["defer", "write_off"])
    pay(office, number, FINE, "P-1")
    office.work(number, "close_case")
    assert office.case(number)["outcome"] == "punished"
    assert fine(office, number)["ways"] == []


def test_a_leader_allows_instalments_on_the_page_and_a_missed_one_shows(office: Office) -> None:
    number = at_payment(office)
    today = (office.now + timedelta(hours=8)).date()
    form = {"reason": "确有经济困难", "due-0": str(today + timedelta(days=10)), "amount-0": "400"}
    path, page = f"/cases/{number}/fine/defer", f"/cases/{number}"
    assert "准予延期或分期缴纳" not in visit(office, "cg_section").page(page)
    head = visit(office, "cg_head").sure()
    assert "须合计为应缴余额" in told(head.send(path, **form).text)
    assert "每期都须写明日期和金额" in told(head.send(path, **form, **{"due-1": str(today)}).text)
    form |= {"due-1": str(today + timedelta(days=30)), "amount-1": "800.00"}
    assert "已准予延期或分期缴纳" in told(head.sent(path, **form))
    assert fine(office, number)["plan"]["parts"][1] | {"last_day": ""} == {
        **{"due_on": str(today + timedelta(days=30)), "last_day": "", "amount_fen": 800_00, "paid_fen": 0},
        "state": "open",
    }
    pay(office, number, 400_00, "I-1")
    office.wait(days=36)
    shown = told(visit(office, "cg_section").page(page))
    assert "逾期未缴" in shown and "延期、分期计划" in shown
    assert [one["state"] for one in fine(office, number)["plan"]["parts"]] == ["paid", "missed"]
    assert "deferral" in [one["kind"] for one in office.case(number)["documents"]]


def test_a_surcharge_is_a_leaders_decision_and_what_cannot_be_collected_is_written_off(office: Office) -> None:
    number = at_payment(office)
    head = visit(office, "cg_head").sure()
    assert "决定加处罚款" not in head.page(f"/cases/{number}")
    office.wait(days=20)
    late = fine(office, number)
    assert late["days_late"] > 0 and late["surcharge_now_fen"] == FINE * 3 * late["days_late"] // 100

    unsure = office.sign_in("cg_head").post(f"/cases/{number}/fine/surcharge", {"reason": "逾期"})
    assert (unsure.status_code, unsure.get_json()["code"]) == (403, "second_factor_required")
    assert "已决定加处罚款" in told(head.sent(f"/cases/{number}/fine/surcharge", reason="逾期未缴"))
    assert fine(office, number)["surcharge_fen"] == late["surcharge_now_fen"]
    assert "已核销" in told(head.sent(f"/cases/{number}/fine/write_off", reason="当事人死亡，无遗产可供执行"))
    assert steps(office, number) == ["close_case"]
    assert head.send(f"/cases/{number}/fine/forgive", reason="x").status_code == 404


def test_a_published_decision_is_taken_down_on_the_page(office: Office) -> None:
    number = at_payment(office)
    officer, head = visit(office, "cg_officer"), visit(office, "cg_head")
    path = f"/cases/{number}/publication/withdraw"
    assert "处罚决定公示" in officer.page(f"/cases/{number}")
    assert 'name="because"' not in officer.page(f"/cases/{number}")
    assert "须由本部门负责人撤回公开" in told(officer.send(path, because="annulled").text)
    assert "已撤回公示" in told(head.sent(path, because="annulled"))
    public = visit(office).page("/public/penalties")
    assert "公示信息已撤回" in public and "1,200.00" not in public


def test_what_the_public_sees_names_nobody(office: Office) -> None:
    number = at_payment(office, answers_instead={})
    case = office.case(number)
    name, identity = case["applicant"]["name"], case["applicant"]["id_number"]
    with reading(office.engine) as connection:
        code = connection.execute(select(payment_notice.c.pay_code)).scalar_one()
    anybody = visit(office)
    pages = [anybody.page("/public/penalties"), anybody.page(f"/public/pay/{code}"), anybody.page("/public")]
    client = office.client()
    secret = secret_of(office.services.settings.secret_key, number)
    pages += [client.get("/api/v1/public/penalties").text]
    pages += [client.get(f"/api/v1/public/cases/{number}", query_string={"secret": secret}).text]
    for shown in pages:
        assert name not in shown and identity not in shown and case["applicant"]["mobile"] not in shown
    assert f"{name[0]}某" in pages[0] or f"{name[:2]}某" in pages[0]
