"""The first sheet of a workbook (XLSX, ECMA-376) as rows of text, read row by row: no sheet is held in memory.

Days are given as such where the cell is formatted as a day, else as the number that stands there; formulas give their
last result.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Final

from openpyxl import load_workbook

from service.fees.receipt_file import FileRefused

MARK: Final = b"PK\x03\x04"
# More than this unpacked is no list of receipts: half a million rows of eleven cells are some 300 MB.
MOST_UNPACKED: Final = 2_000_000_000
MOST_COLUMNS: Final = 200


def is_workbook(file: IO[bytes]) -> bool:
    file.seek(0)
    found = file.read(len(MARK)) == MARK
    file.seek(0)
    return found


def write_as_text(file: IO[bytes], text: IO[bytes]) -> None:
    """Write the first sheet as CSV in UTF-8. Raises FileRefused unreadable."""
    out = io.TextIOWrapper(text, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(out)
    try:
        for row in rows(file):
            writer.writerow(row)
    finally:
        out.detach()


def rows(file: IO[bytes]) -> Iterator[list[str]]:
    """The rows of the first sheet, its empty ones left out. Raises FileRefused unreadable."""
    try:
        yield from _rows(file)
    except Exception as problem:
        # What a stranger's file makes of the library: XML that ends, parts that lack, texts that are not there.
        raise FileRefused("unreadable", str(problem)[:200]) from problem


def _rows(file: IO[bytes]) -> Iterator[list[str]]:
    with zipfile.ZipFile(file) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise ValueError("a workbook too large")
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        if not book.worksheets:
            raise ValueError("no sheet")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # A sheet may say that it is smaller or larger than it is.
        for values in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            cells = [_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield cells
    finally:
        book.close()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # 0.1 + 0.2 is written 0.30000000000000004: what a sheet shows has fifteen digits (Excel's own limit).
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
