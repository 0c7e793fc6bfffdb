"""Workbooks as rows of text: what cells may look like, and what is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from service.fees.receipt_file import FileRefused, read_receipts
from service.fees.receipt_mapping import BUILT_IN
from service.fees.workbook import is_workbook, rows, write_as_text

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BOOK = (
    f'<workbook {MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="票据" sheetId="1" r:id="rId7"/></sheets></workbook>'
)
KINDS = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId7" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet9.xml"/></Relationships>'
)


def workbook(sheet: str, shared: str = "", more: Mapping[str, str] | None = None) -> io.BytesIO:
    """A workbook of one sheet, its rows and shared texts as XML."""
    file = io.BytesIO()
    parts = {
        "[Content_Types].xml": KINDS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet9.xml": f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
        **(more or {}),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return file


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def test_cells_of_each_kind_stand_in_their_columns() -> None:
    spoken = '<rPh sb="0" eb="2"><t>ouyang</t></rPh>'
    shared = f"<si><t>票据号码</t></si><si><r><t>欧阳</t></r><r><t>建国</t></r>{spoken}</si>"
    sheet = row('<c r="A1" t="s"><v>0</v></c>', '<c r="C1" t="s"><v>1</v></c>') + row(
        '<c r="B2"><v>0.30000000000000004</v></c>', '<c r="D2"><f>1+1</f><v>2</v></c>', '<c r="E2" t="str"><v>x</v></c>'
    )
    assert list(rows(workbook(sheet + "<row/>", shared))) == [["票据号码", "", "欧阳建国"], ["", "0.3", "", "2", "x"]]


def test_a_workbook_is_read_as_its_rows_in_a_text_file_would_be() -> None:
    head = row(*map(text, ("票据号码", "缴款人", "金额", "缴款日期")))
    sheet = head + row(text("R1"), text("甲&amp;乙,丙"), "<c><v>1234.5</v></c>", "<c><v>46090</v></c>")
    file = workbook(sheet + row(text("合计"), text("1"), "<c><v>1234.5</v></c>"))
    assert is_workbook(file)
    written = io.BytesIO()
    write_as_text(file, written)
    (one,) = read_receipts(written.getvalue(), list(BUILT_IN.values())).rows
    assert one.receipt is not None
    assert (one.receipt.payer, one.receipt.amount_fen, one.receipt.paid_on.isoformat()) == (
        "甲&乙,丙",
        123_450,
        "2026-03-09",
    )


def test_cells_stand_where_they_say_and_none_further_than_a_list_of_receipts_reaches() -> None:
    cells = '<c r="B1"><v>3</v></c><c r="A1"><v>4</v></c><c r="GS1"><v>5</v></c>'
    assert list(rows(workbook(row(cells)))) == [["4", "3"]]


def test_a_day_is_a_day_where_its_cell_says_so() -> None:
    """As people save it from their program, with its styles."""
    book = Workbook()
    book.active.append(["R1", date(2026, 3, 9), datetime.fromisoformat("2026-03-09T16:30"), 12.5, None, True])
    file = io.BytesIO()
    book.save(file)
    assert list(rows(file)) == [["R1", "2026-03-09", "2026-03-09", "12.5", "", "True"]]


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(b"PK\x03\x04 and nothing else"),
        workbook(row('<c t="s"><v>3</v></c>'), "<si><t>a</t></si>"),
        workbook("<row>"),
        workbook("", more={"xl/workbook.xml": f"<workbook {MAIN}><sheets/></workbook>"}),
        workbook("", more={"xl/_rels/workbook.xml.rels": "<a/>"}),
        workbook(
            "", more={"xl/sharedStrings.xml": f'<!DOCTYPE sst [<!ENTITY a "b">]><sst {MAIN}><si><t>&a;</t></si></sst>'}
        ),
    ],
)
def test_what_is_no_workbook_of_rows_is_refused(file: io.BytesIO) -> None:
    with pytest.raises(FileRefused, match="unreadable"):
        list(rows(file))
