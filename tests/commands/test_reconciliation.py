"""Reconciliation: long files, differences with their trail, decisions, and an order in one step."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.commands.compare_treasury import compare_daily, keep_comparison
from service.commands.decide_difference import (
    DecideDifference,
    OrderDifferences,
    StateReason,
    decide_difference,
    order_differences,
    state_reason,
)
from service.commands.import_receipts import ImportReceipts, examine, import_receipts, save_mapping
from service.commands.taking_receipts import ROWS_AT_ONCE, take_more_rows
from service.database.session import reading, transaction
from service.database.tables import alarm, case, outbox, supervision_order, treasury_receipt, treasury_row
from service.reads.differences import DifferenceFilter, DifferenceView, list_differences, trail_of
from service.reads.reconciliation import read_desk
from service.reads.treasury import find_import
from service.reads.treasury_comparison import compare_treasury
from tests.commands.office import MONDAY, Office
from tests.commands.stories import ZR
from tests.commands.test_treasury import line, looked_at, take
from tests.commands.walking import begin


def compare(office: Office) -> None:
    """What the worker does on an outbox message."""
    with reading(office.engine) as connection:
        found = compare_treasury(connection, office.calendar, office.now)
    with transaction(office.engine) as connection:
        keep_comparison(connection, found, office.now)


def differences(office: Office, by: str = "sup2", **wanted: object) -> list[DifferenceView]:
    with office.looking() as connection:
        page = list_differences(connection, office.actor(by), DifferenceFilter(**wanted))  # type: ignore[arg-type]
    return list(page.items)


def classes(office: Office, **wanted: object) -> list[tuple[str, int]]:
    return sorted((one.kind, one.amount_fen) for one in differences(office, **wanted))


def decide(
    office: Office, one: DifferenceView, decision: str, reason: str, evidence: str = "", by: str = "sup2"
) -> None:
    with transaction(office.engine) as connection:
        command = DecideDifference(one.id, decision, reason, evidence)
        decide_difference(connection, office.actor(by), command, office.now)


def order(office: Office, ids: list[int], demand: str = "逐笔说明", by: str = "sup2") -> None:
    with transaction(office.engine) as connection:
        order_differences(connection, office.actor(by), OrderDifferences(ids, demand), office.now)


def acts(office: Office, one: DifferenceView) -> list[str]:
    with office.looking() as connection:
        return [row.act for row in trail_of(connection, one.id)]


def test_a_long_file_comes_in_by_messages_and_every_row_once(office: Office) -> None:
    rows = ROWS_AT_ONCE + 700
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["receipt_no", "amount_fen", "paid_on", "dept_code"])
    writer.writerows((f"R{n}", n + 1, office.today, "SG") for n in range(rows))
    examined = looked_at(office, text.getvalue().encode())
    with transaction(office.engine) as connection:
        import_id, new = import_receipts(connection, office.services, None, examined, office.now)
        assert connection.execute(select(func.count()).select_from(treasury_row)).scalar_one() == ROWS_AT_ONCE
        view = find_import(connection, import_id)
        assert view is not None and new and (view.state, view.total_rows) == ("running", rows)
        payload = connection.execute(select(outbox.c.payload).where(outbox.c.kind == "treasury_rows")).scalar_one()
    for _ in range(2):  # The message comes again: nothing is taken in twice.
        with transaction(office.engine) as connection:
            take_more_rows(connection, office.services, payload, office.now)
    with office.looking() as connection:
        found = connection.execute(select(func.count(), func.sum(treasury_receipt.c.amount_fen))).one()
        assert tuple(found) == (rows, rows * (rows + 1) // 2)
        assert connection.execute(select(func.max(treasury_row.c.row_no))).scalar_one() == rows + 1


def test_a_fixed_layout_and_a_workbook_are_read_by_their_saved_mapping(office: Office) -> None:
    begin(office, ZR, "await_payment")
    code = office.payment_notices()[-1].pay_code
    columns = {"receipt_no": "1-8", "pay_code": "9-20", "amount_fen": "29-10", "paid_on": "39-8", "payer": "47-20"}
    with transaction(office.engine) as connection:
        content = {"format": "fixed", "unit": "fen", "columns": columns, "skipped": 1}
        save_mapping(connection, office.actor("cz_cashier"), "银行定长", content, office.now)
    text = f"HEAD\n{'F-1':8}{code}{8000:10}{office.today:%Y%m%d}张伟明\n".encode("gb18030")
    with reading(office.engine) as connection:
        command = ImportReceipts(io.BytesIO(text), "day.txt", "银行定长")
        examined = examine(connection, office.services, None, command)
    with transaction(office.engine) as connection:
        import_receipts(connection, office.services, None, examined, office.now)
    office.deliver()
    assert office.payment_notices()[0].status == "reconciled"


def test_each_difference_is_found_once_and_goes_when_it_is_settled(office: Office) -> None:
    begin(office, ZR, "await_payment")
    code = office.payment_notices()[-1].pay_code
    take(office, line(office, "R-1", 3_000), f"R-2,,20000,{office.today},无名氏,ZR")
    compare(office)
    compare(office)
    assert classes(office) == [("D3", 5_000), ("D5", 20_000)]
    take(office, line(office, "R-3", 5_000, code))
    compare(office)
    assert classes(office, status="open") == [("D5", 20_000)]
    (gone,) = differences(office, status="cleared")
    assert (gone.kind, acts(office, gone)) == ("D3", ["cleared"])


def test_a_case_entered_after_its_receipt_and_money_of_another_office(office: Office) -> None:
    begin(office, ZR, "await_payment")
    code, before = office.payment_notices()[-1].pay_code, MONDAY.date() - timedelta(days=2)
    head = "receipt_no,pay_code,amount_fen,paid_on,payer,dept_code"
    take(office, f"R-1,{code},8000,{before},张伟明,SG", head=head)
    compare(office)
    assert classes(office) == [("D6", 8_000), ("D7", 8_000)]
    (one, _) = sorted(differences(office), key=lambda each: each.kind)
    assert (one.department, one.case_number, one.receipt_no) == ("ZR", office.number, "R-1")
    with office.looking() as connection:
        desk = read_desk(connection, office.actor("sup2"), "2026-01", "2026-12")
    assert {row.key: (row.treasury_fen, row.system_fen) for row in desk.departments} == {
        "SG": (8_000, 0),
        "ZR": (0, 0),
    }


def test_what_is_decided_stays_with_its_reason_until_the_sum_grows(office: Office) -> None:
    take(office, f"R-1,,20000,{office.today},无名氏,ZR")
    compare(office)
    (one,) = differences(office)
    with office.refused("invalid_request") as refusal:
        decide(office, one, "explained", "省级直收")
    assert refusal.missing == ("/evidence",)
    with office.refused("invalid_request"):
        decide(office, one, "entered_late", "补录", "ZR-XX-2026-000001")
    decide(office, one, "explained", "省级直收项目", "临财综〔2026〕3号")
    compare(office)
    assert classes(office, status="explained") == [("D5", 20_000)]
    decide(office, one, "reopened", "文号查无此件")
    begin(office, ZR, "await_payment")
    decide(office, one, "entered_late", "先收款后补录", office.number)
    assert acts(office, one) == ["explained", "reopened", "entered_late"]


@pytest.mark.parametrize("name", ["zr_cashier", "zr_head", "zr_sup1", "auditor", "cz_cashier"])
def test_nobody_but_level_2_and_the_centre_decides_or_orders(office: Office, name: str) -> None:
    take(office, f"R-1,,20000,{office.today},无名氏,ZR")
    compare(office)
    (one,) = differences(office)
    with office.refused("not_permitted"):
        decide(office, one, "off_system", "无办件", by=name)
    with office.refused("not_permitted"):
        order(office, [one.id], by=name)
    assert acts(office, one) == []


def test_the_department_reads_and_explains_its_own_and_no_others(office: Office) -> None:
    take(office, f"R-1,,20000,{office.today},无名氏,ZR", f"R-2,,30000,{office.today},无名氏,SG")
    compare(office)
    assert [one.receipt_no for one in differences(office, by="zr_section")] == ["R-1"]
    (mine, theirs) = sorted(differences(office), key=lambda each: each.receipt_no)
    with transaction(office.engine) as connection:
        state_reason(connection, office.actor("zr_section"), StateReason(mine.id, "系代收省级费用"), office.now)
    with office.refused("not_permitted"), transaction(office.engine) as connection:
        state_reason(connection, office.actor("zr_section"), StateReason(theirs.id, "不知情"), office.now)
    assert acts(office, mine) == ["statement"] and differences(office, status="open", department="ZR")


def test_an_order_about_many_differences_is_opened_in_one_step(office: Office) -> None:
    take(office, *(f"R-{n},,{10_000 + n},{office.today},无名氏,ZR" for n in range(3)))
    compare(office)
    chosen = differences(office)
    order(office, [one.id for one in chosen], "逐笔说明并整改")
    office.deliver()
    office.deliver()
    with office.looking() as connection:
        (raised,) = connection.execute(select(alarm)).all()
        (opened,) = connection.execute(select(supervision_order)).all()
        number = connection.execute(select(case.c.number).where(case.c.id == opened.case_id)).scalar_one()
    assert (raised.kind, raised.status, len(raised.evidence)) == ("off_system", "ordered", 3)
    assert (opened.department, opened.demand) == ("ZR", "逐笔说明并整改")
    assert {(one.status, one.order_number) for one in differences(office)} == {("ordered", number)}
    assert acts(office, chosen[0]) == ["ordered"]
    with office.refused("invalid_request"):
        order(office, [chosen[0].id])


def test_one_order_is_about_one_department(office: Office) -> None:
    take(office, f"R-1,,20000,{office.today},无名氏,ZR", f"R-2,,30000,{office.today},无名氏,SG")
    compare(office)
    for ids in ([one.id for one in differences(office)], []):
        with office.refused("invalid_request") as refusal:
            order(office, ids)
        assert refusal.missing == ("/ids",)


def test_a_comparison_is_asked_for_once_a_day_where_there_are_receipts(office: Office) -> None:
    def asked() -> int:
        with transaction(office.engine) as connection:
            return compare_daily(connection, office.services, office.now)

    assert asked() == 0
    take(office, f"R-1,,20000,{office.today},无名氏,ZR")
    compare(office)
    assert asked() == 0
    office.advance(working_days=2)
    assert asked() == 1
    # The worker has not come to it yet: the next pass, a minute later, asks for nothing and does not fail.
    office.advance(minutes=1)
    assert asked() == 0
