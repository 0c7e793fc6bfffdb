"""卷内目录: the list of a case's file on paper, a row for each of its documents and files (columns as in DA/T 22).

The machine's own index, with sizes and digests, lies beside it in the package.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import PurePath

from service.certificates.document import printable
from service.certificates.rendering import compiled
from service.certificates.wording import day_in_words, words_for
from service.errors import Refused


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One file. `pages` is None for what has none, or where nobody can tell; `filename` is as it was handed in, and
    is left out where it says no more than the title."""

    title: str
    responsible: str
    day: date
    number: str = ""
    pages: int | None = None
    filename: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveIndex:
    """What the paper says of the case, and its files in their order."""

    organ: str
    item: str
    case_number: str
    holder: str
    closed_on: date
    rows: Sequence[IndexRow]


def render_archive_index(index: ArchiveIndex) -> bytes:
    """The paper as PDF; the same index gives the same bytes.

    Names of files that no font can print are left out, for they hold up no archive. Raises Refused for other words.
    """
    try:
        return _rendered(index, named=True)
    except Refused:
        return _rendered(index, named=False)


def _rendered(index: ArchiveIndex, *, named: bool) -> bytes:
    words = words_for("zh-CN")["archive_index"]
    pages = sum(row.pages or 0 for row in index.rows)
    content = {
        "title": words["heading"],
        "organ": printable(index.organ),
        "number": "",
        "facts": [
            *([[words["item"], printable(index.item)]] if index.item else []),
            [words["case"], index.case_number],
            [words["holder"], printable(index.holder)],
            [words["closed_on"], day_in_words(index.closed_on)],
        ],
        "columns": words["columns"],
        "rows": [list(map(printable, row)) for row in _rows(index.rows, named=named)],
        "total": words["total"].format(files=len(index.rows), pages=pages),
        "digests": words["digests"],
        "labels": {},
    }
    inputs = {"document": json.dumps(content, ensure_ascii=False), "locale": "zh-CN"}
    return compiled("archive_index.typ", inputs, datetime.combine(index.closed_on, time(), tzinfo=UTC)).pdf


def _rows(rows: Sequence[IndexRow], *, named: bool) -> Iterator[tuple[str, ...]]:
    """序号, 文号, 责任者, 题名, the file's name, 日期 in eight digits, 页号, 页数, 备注."""
    first = 1
    for serial, row in enumerate(rows, start=1):
        last = first + (row.pages or 1) - 1
        where = "—" if row.pages is None else f"{first}" if first == last else f"{first}-{last}"
        name = row.filename if named and PurePath(row.filename).stem != row.title else ""
        day = row.day.strftime("%Y%m%d")
        yield str(serial), row.number, row.responsible, row.title, name, day, where, str(row.pages or "—"), row.remark
        first += row.pages or 0
