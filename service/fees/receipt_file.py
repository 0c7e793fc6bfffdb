"""Reads a file of receipts row by row: encodings, headings, amounts, days, and the totals that it gives. Pure.

A row that cannot be read is told with its reason; totals that do not add up say that the file is not whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from service.fees.receipt_mapping import REQUIRED, TOTALS, ReceiptMapping, fitting

MOST_ROWS: Final = 100_000
MOST_FEN: Final = 10**13
_LONGEST: Final[Mapping[str, int]] = {
    **{"receipt_no": 64, "pay_code": 40, "dept_code": 32, "item_code": 32, "payer": 200},
    **{"bank": 100, "kind": 40, "note": 300},
}
_REFUND_WORDS: Final = ("退付", "退库", "退款", "退费", "refund")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One payment as the treasury tells it (票据); `amount_fen` is below nothing for money that went back (退付)."""

    receipt_no: str
    pay_code: str
    dept_code: str
    item_code: str
    payer: str
    amount_fen: int
    paid_on: date
    treasury_on: date | None
    bank: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of the file, counted as a reader of it counts lines; `receipt` None: `why` says what is wrong."""

    row_no: int
    receipt_no: str
    receipt: Receipt | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Everything that the file says. `declared` are its own totals: rows and fen, None where it gives none."""

    mapping: str
    rows: tuple[ReadRow, ...]
    declared: tuple[int | None, int | None]

    @property
    def total_fen(self) -> int:
        """What came less what went back."""
        return sum(row.receipt.amount_fen for row in self.rows if row.receipt)

    @property
    def written_fen(self) -> int:
        """The amounts without their direction."""
        return sum(abs(row.receipt.amount_fen) for row in self.rows if row.receipt)


class FileRefused(Exception):
    """The file as a whole: `code` is one of unreadable, no_mapping, too_many_rows, no_rows, wrong_total."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(f"{code} {found}".strip())
        self.code = code
        self.found = found


def decode(content: bytes) -> str:
    """UTF-8, with or without its mark, else GB18030 (GB 18030-2022), which banks still write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("unreadable", "encoding")


def read_receipts(content: bytes, mappings: Sequence[ReceiptMapping]) -> ReadFile:
    """Read a file by the first of the mappings that fits its headings. Raises FileRefused."""
    text = decode(content)
    for delimiter in dict.fromkeys(one.delimiter for one in mappings):
        lines = _lines(text, delimiter)
        head = next((cells for _, cells in lines), [])
        mapping = fitting([one for one in mappings if one.delimiter == delimiter], head)
        if mapping is not None:
            return _read(mapping, [heading.strip() for heading in head], lines)
    raise FileRefused("no_mapping", ", ".join(_lines_head(text))[:200])


def _lines_head(text: str) -> list[str]:
    return next((cells for _, cells in _lines(text, ",")), [])


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold anything, with the number of the line on which each ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as problem:
        raise FileRefused("unreadable", str(problem)[:200]) from problem


def _read(mapping: ReceiptMapping, head: list[str], lines: Iterator[tuple[int, list[str]]]) -> ReadFile:
    places = {name: head.index(heading) for name, heading in mapping.columns.items() if heading in head}
    rows: list[ReadRow] = []
    declared: tuple[int | None, int | None] = (None, None)
    for number, cells in lines:
        if cells[0].strip().casefold() in TOTALS:
            declared = _declared(mapping, places, cells)
            continue
        if len(rows) == MOST_ROWS:
            raise FileRefused("too_many_rows", str(MOST_ROWS))
        rows.append(_row(mapping, number, {n: cells[p].strip() for n, p in places.items() if p < len(cells)}))
    if not rows:
        raise FileRefused("no_rows")
    found = ReadFile(mapping.name, tuple(rows), declared)
    _require_totals(found)
    return found


def _declared(mapping: ReceiptMapping, places: Mapping[str, int], cells: list[str]) -> tuple[int | None, int | None]:
    """Of a line of totals: the amount in the amounts' column, the number of rows in any other that is a number."""
    at = places["amount_fen"]
    try:
        fen = total_fen(cells[at].strip(), mapping.unit) if at < len(cells) and cells[at].strip() else None
    except ValueError:
        raise FileRefused("wrong_total", cells[at][:40]) from None
    counts = [c.strip().removesuffix("笔") for place, c in enumerate(cells) if place not in (0, at)]
    rows = next((int(c) for c in counts if c.isascii() and c.isdigit() and len(c) < 10), None)
    return rows, fen


def _require_totals(found: ReadFile) -> None:
    rows, fen = found.declared
    if rows is not None and rows != len(found.rows):
        raise FileRefused("wrong_total", f"{rows} ≠ {len(found.rows)}")
    # Some files add refunds up as they are written, others take them off.
    if fen is not None and fen not in (found.total_fen, found.written_fen):
        raise FileRefused("wrong_total", f"{Decimal(fen) / 100:.2f} ≠ {Decimal(found.total_fen) / 100:.2f}")


def _row(mapping: ReceiptMapping, number: int, cells: dict[str, str]) -> ReadRow:
    receipt_no = cells.get("receipt_no", "")[: _LONGEST["receipt_no"]]
    try:
        return ReadRow(number, receipt_no, _receipt(mapping, cells))
    except ValueError as wrong:
        shown = _UNSTORABLE.sub("", receipt_no)
        return ReadRow(number, shown, None, str(wrong))


def _receipt(mapping: ReceiptMapping, cells: dict[str, str]) -> Receipt:
    """ValueError whose words are the code of what is wrong, such as `required:paid_on`."""
    for name in REQUIRED:
        if not cells.get(name):
            raise ValueError(f"required:{name}")
    for name, longest in _LONGEST.items():
        if len(cells.get(name, "")) > longest:
            raise ValueError(f"too_long:{name}")
        if _UNSTORABLE.search(cells.get(name, "")):
            raise ValueError(f"unstorable:{name}")
    texts = {name: cells.get(name, "") for name in _LONGEST}
    refund = is_refund(texts["kind"])
    fen = amount_fen(cells["amount_fen"].removeprefix("-") if refund else cells["amount_fen"], mapping.unit)
    return Receipt(
        **texts,
        amount_fen=-fen if refund else fen,
        paid_on=_day(cells["paid_on"], "paid_on"),
        treasury_on=_day(cells["treasury_on"], "treasury_on") if cells.get("treasury_on") else None,
    )


def is_refund(kind: str) -> bool:
    """Whether a receipt of this kind (收入种类) says that money went back, however its amount is written."""
    return any(word in kind.casefold() for word in _REFUND_WORDS)


def total_fen(text: str, unit: str) -> int:
    """As `amount_fen`, of a sum: more may have gone back than came."""
    below = text.startswith("-")
    shown = text.removeprefix("-")
    fen = 0 if not shown.strip("0.") else amount_fen(shown, unit)
    return -fen if below else fen


def amount_fen(text: str, unit: str) -> int:
    """An amount above nothing, to the fen and never rounded; ValueError `not_an_amount:amount_fen`."""
    try:
        amount = Decimal(text.replace(",", "").removeprefix("¥").removesuffix("元").strip())
        fen = amount if unit == "fen" else amount * 100
        if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen <= MOST_FEN:
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError("not_an_amount:amount_fen") from None
    return int(fen)


def _day(text: str, name: str) -> date:
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"not_a_day:{name}") from None
