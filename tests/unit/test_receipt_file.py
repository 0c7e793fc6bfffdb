"""Files of receipts: what is read, row by row, and what makes a file not whole."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fees.receipt_file import FileRefused, encoding_of, read_receipts, rows_from, scan
from service.fees.receipt_mapping import BUILT_IN, FIELDS, ReceiptMapping, read_mapping
from service.fees.receipt_row import amount_fen

EVERY = list(BUILT_IN.values())
HEAD = ",".join(FIELDS)
CHINESE = "票据号码,缴款码,执收单位编码,项目编码,缴款人,金额,缴款日期,入库日期,代收银行,收入种类,备注"


def fault(content: str | bytes) -> tuple[str, str]:
    with pytest.raises(FileRefused) as caught:
        read_receipts(content if isinstance(content, bytes) else content.encode(), EVERY)
    return caught.value.code, caught.value.found


def test_a_row_of_the_standard_columns_is_read_as_it_stands() -> None:
    row = "R1,12345678901234567890,ZR,103,张伟明,8000,2026-03-09,2026-03-10,农商行,fee,"
    found = read_receipts(f"{HEAD}\n{row}\n".encode(), EVERY)
    receipt = found.rows[0].receipt
    assert found.mapping == "standard" and receipt is not None
    assert (receipt.amount_fen, receipt.paid_on, receipt.treasury_on) == (8000, date(2026, 3, 9), date(2026, 3, 10))
    assert (found.rows[0].row_no, receipt.payer) == (2, "张伟明")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_amounts_in_yuan_and_totals_in_each_encoding(encoding: str) -> None:
    rows = 'R1,,ZR,103,欧阳建国,"1,234.50",2026/3/9,,,,\nR2,,ZR,103,㐀某,0.05,20260309,,,,\n'
    content = f"{CHINESE}\n{rows}合计,2笔,,,,1234.55,,,,,\n".encode(encoding)
    found = read_receipts(content, EVERY)
    assert [row.receipt.amount_fen for row in found.rows if row.receipt] == [123_450, 5]
    assert found.declared == (2, 123_455)


def test_totals_that_do_not_add_up_say_that_the_file_is_not_whole() -> None:
    rows = "R1,,ZR,103,甲,10.00,2026-03-09,,,,\n"
    assert fault(f"{CHINESE}\n{rows}合计,1,,,,10.01,,,,,\n") == ("wrong_total", "10.01 ≠ 10.00")
    assert fault(f"{CHINESE}\n{rows}合计,2,,,,10.00,,,,,\n") == ("wrong_total", "2 ≠ 1")
    assert fault(f"{CHINESE}\n{rows}合计,1,,,,ten,,,,,\n")[0] == "wrong_total"
    assert fault(f"{CHINESE}\n{rows}R2,,,,,x,2026-03-09,,,,\n合计,2,,,,20.00,,,,,\n")[0] == "wrong_total"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",,,,,100,2026-03-09,,,,", "required:receipt_no"),
        ("R1,,,,,,2026-03-09,,,,", "required:amount_fen"),
        ("R1,,,,,100,,,,,", "required:paid_on"),
        ("R1,,,,,1.5,2026-03-09,,,,", "not_an_amount:amount_fen"),
        ("R1,,,,,-100,2026-03-09,,,,", "not_an_amount:amount_fen"),
        ("R1,,,,,1e400,2026-03-09,,,,", "not_an_amount:amount_fen"),
        ("R1,,,,,NaN,2026-03-09,,,,", "not_an_amount:amount_fen"),
        ("R1,,,,,100,2026-02-30,,,,", "not_a_day:paid_on"),
        ("R1,,,,,100,2026-03-09,yesterday,,,", "not_a_day:treasury_on"),
        ("R1,,,,,100,0001-01-01,,,,", "not_a_day:paid_on"),
        ("R1,,,,,100,2026-03-09,9999-12-31,,,", "not_a_day:treasury_on"),
        (f"R1,,,,{'甲' * 201},100,2026-03-09,,,,", "too_long:payer"),
        ("R1,,,,a\x01b,100,2026-03-09,,,,", "unstorable:payer"),
        ("R1", "required:amount_fen"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_others_are_taken(row: str, why: str) -> None:
    found = read_receipts(f"{HEAD}\n{row}\nR9,,,,,7,2026-03-09,,,,\n".encode(), EVERY)
    assert [one.why for one in found.rows] == [why, ""]
    assert found.total_fen == 7


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "no_mapping"),
        (HEAD.encode(), "no_rows"),
        (b"\xff\xff\xff", "unreadable"),
        (f'{HEAD}\n"{"x" * 200_000}",1\n'.encode(), "unreadable"),
        (f"{HEAD}\n合计,0,,,,\n".encode(), "no_rows"),
    ],
)
def test_what_is_no_file_of_receipts_is_refused_whole(content: bytes, code: str) -> None:
    assert fault(content)[0] == code


def test_a_saved_mapping_reads_a_file_of_other_headings_and_another_sign_between_cells() -> None:
    columns = {"receipt_no": "No", "amount_fen": "Sum", "paid_on": "Day"}
    own = read_mapping("own", {"columns": columns, "unit": "yuan", "delimiter": ";"})
    found = read_receipts(b"Day;No;Sum\n2026-03-09;R1;80.00\n", [own, *EVERY])
    assert (found.mapping, found.total_fen) == ("own", 8_000)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"columns": {"receipt_no": "No"}},
        {"columns": {"receipt_no": "A", "amount_fen": "B", "paid_on": "B"}},
        {"columns": {"receipt_no": "A", "amount_fen": "B", "paid_on": "C", "colour": "D"}},
        {"columns": {"receipt_no": "A", "amount_fen": "B", "paid_on": "C"}, "unit": "dollar"},
        {"columns": {"receipt_no": "A", "amount_fen": "B", "paid_on": "C"}, "delimiter": "::"},
        {"columns": {"receipt_no": "A", "amount_fen": "B", "paid_on": 3}},
    ],
)
def test_a_mapping_that_could_not_read_a_receipt_is_not_saved(content: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        read_mapping("own", content)


def test_what_went_back_is_below_nothing_however_it_is_written() -> None:
    rows = "R1,,ZR,103,甲,10.00,2026-03-09,,,,\nR2,,,,甲,4.00,2026-03-09,,,退付,\nR3,,,,甲,-1.00,2026-03-09,,,退库,\n"
    for total in ("5.00", "15.00"):
        found = read_receipts(f"{CHINESE}\n{rows}合计,3,,,,{total},,,,,\n".encode(), EVERY)
        assert [row.receipt.amount_fen for row in found.rows if row.receipt] == [1000, -400, -100]
        assert (found.total_fen, found.written_fen) == (500, 1500)
    back = "R2,,,,甲,4.00,2026-03-09,,,退付,\n"
    for total in ("-4.00", "4.00"):
        assert read_receipts(f"{CHINESE}\n{back}合计,1,,,,{total},,,,,\n".encode(), EVERY).total_fen == -400
    assert fault(f"{CHINESE}\n{back}合计,1,,,,0.00,,,,,\n")[0] == "wrong_total"


@given(st.integers(1, 10**12))
def test_yuan_and_fen_say_the_same_amount(fen: int) -> None:
    assert amount_fen(f"{fen // 100:,}.{fen % 100:02d}", "yuan") == fen == amount_fen(str(fen), "fen")


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise_than_by_refusing(content: bytes) -> None:
    try:
        read_receipts(content, EVERY)
    except FileRefused:
        return
    assert encoding_of(io.BytesIO(content))


FIXED = {
    "receipt_no": "1-6",
    "amount_fen": "7-8",
    "paid_on": "15-8",
    "payer": "23-8",
}


def fixed(**more: object) -> list[ReceiptMapping]:
    return [read_mapping("bank", {"format": "fixed", "unit": "fen", "columns": FIXED, **more})]


def test_a_fixed_layout_counts_bytes_of_the_line_as_it_stands() -> None:
    lines = "R00001    800020260309欧阳建国\nR00002     x  20260309李四\n合计      8000\n"
    found = read_receipts(f"银行日终\n{lines}".encode("gb18030"), fixed(skipped=1))
    assert [(one.row_no, one.receipt_no, one.why) for one in found.rows] == [
        (2, "R00001", ""),
        (3, "R00002", "not_an_amount:amount_fen"),
    ]
    (one, _) = found.rows
    assert one.receipt is not None and (one.receipt.payer, one.receipt.amount_fen) == ("欧阳建国", 8_000)
    assert found.declared == (None, 8_000)


@pytest.mark.parametrize(
    "wrong", [{"columns": {**FIXED, "payer": "0-8"}}, {"columns": {**FIXED, "payer": "name"}}, {"skipped": 99}]
)
def test_a_fixed_layout_without_places_is_not_saved(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        fixed(**wrong)


def test_a_fixed_layout_reads_no_file_that_does_not_name_it() -> None:
    assert read_receipts(f"{HEAD}\nR1,,,,,100,2026-03-09,,,,\n".encode(), [*fixed(), *EVERY]).mapping == "standard"


@given(st.lists(st.sampled_from(["甲", 'a"b', "x\ny", "", "㐀,"]), min_size=1, max_size=12), st.integers(0, 11))
def test_reading_goes_on_at_any_row_as_if_it_had_never_stopped(payers: list[str], at: int) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([FIELDS, *((f"R{n}", *"abc", p, n + 1, "2026-03-09") for n, p in enumerate(payers))])
    file = io.BytesIO(text.getvalue().encode("gb18030"))
    found = scan(file, EVERY)
    whole = list(rows_from(file, found, found.begin))
    stop = whole[min(at, len(whole) - 1)][1]
    assert list(rows_from(file, found, stop)) == whole[min(at, len(whole) - 1) + 1 :]
    assert found.total_rows == len(whole) == len(payers)
