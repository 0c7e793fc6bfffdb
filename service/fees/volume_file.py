"""Reads a file of earlier volumes: how many cases a department had of a category in a month. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from service.fees.receipt_file import FileRefused, encoding_of
from service.fees.receipt_row import MOST_FEN

MOST_LINES: Final = 50_000
MOST_CASES: Final = 10_000_000
_MONTH = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])")
# field -> headings that mean it
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "department": ("dept_code", "部门编码"),
    "category": ("category", "权力类别"),
    "month": ("month", "月份"),
    "cases": ("cases", "办件数"),
    "amount_fen": ("amount_fen", "金额（分）"),
}
_REQUIRED: Final = ("department", "category", "month", "cases")


@dataclass(frozen=True, slots=True)
class EarlierVolume:
    """`category` as in codes of items (XK, CF …); `month` as 2025-03."""

    department: str
    category: str
    month: str
    cases: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class VolumeFault:
    """A line that cannot be read: `code` is `field:what is wrong`."""

    line: int
    code: str


def read_volumes(
    content: bytes, departments: Collection[str], categories: Collection[str]
) -> tuple[list[EarlierVolume], list[VolumeFault]]:
    """All lines, and what is wrong with those that cannot be read; a month that stands twice counts as it stands last.

    Raises FileRefused: unreadable, no_mapping, no_rows, too_many_rows.
    """
    text = content.decode(encoding_of(io.BytesIO(content)))
    reader = csv.reader(io.StringIO(text, newline=""))
    found: dict[tuple[str, str, str], EarlierVolume] = {}
    faults: list[VolumeFault] = []
    try:
        head = [cell.strip() for cell in next(reader, [])]
        places = {n: next((head.index(h) for h in names if h in head), -1) for n, names in _HEADINGS.items()}
        if any(places[name] < 0 for name in _REQUIRED):
            raise FileRefused("no_mapping", ", ".join(head)[:200])
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(found) + len(faults) == MOST_LINES:
                raise FileRefused("too_many_rows", str(MOST_LINES))
            given = {name: cells[at].strip() if 0 <= at < len(cells) else "" for name, at in places.items()}
            try:
                one = _volume(given, departments, categories)
                found[one.department, one.category, one.month] = one
            except ValueError as wrong:
                faults.append(VolumeFault(reader.line_num, str(wrong)))
    except csv.Error as problem:
        raise FileRefused("unreadable", str(problem)[:200]) from problem
    if not found and not faults:
        raise FileRefused("no_rows")
    return list(found.values()), faults


def _volume(given: Mapping[str, str], departments: Collection[str], categories: Collection[str]) -> EarlierVolume:
    if given["department"] not in departments:
        raise ValueError("department:unknown")
    if given["category"] not in categories:
        raise ValueError("category:unknown")
    if not _MONTH.fullmatch(given["month"]):
        raise ValueError("month:not_a_month")
    cases, fen = _whole(given["cases"], "cases", MOST_CASES), _whole(given["amount_fen"] or "0", "amount_fen", MOST_FEN)
    return EarlierVolume(given["department"], given["category"], given["month"], cases, fen)


def _whole(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 15 and int(text) <= most):
        raise ValueError(f"{name}:not_a_number")
    return int(text)
