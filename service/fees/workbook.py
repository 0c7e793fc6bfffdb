"""The first sheet of a workbook (XLSX, ECMA-376) as rows of text, read as it is unpacked: no sheet is held in memory.

Numbers are given as they stand, so days are numbers too; formulas give their last result.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Final

from lxml import etree

from service.fees.receipt_file import FileRefused

MARK: Final = b"PK\x03\x04"
# More than this unpacked is no list of receipts: half a million rows of eleven cells are some 300 MB.
MOST_UNPACKED: Final = 2_000_000_000
# Texts that cells share; each is kept, for any cell may ask for it.
MOST_TEXTS: Final = 4_000_000
MOST_COLUMNS: Final = 200
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
# What a number that was computed looks like where it cannot be written exactly.
_INEXACT = re.compile(r"-?[0-9]+\.[0-9]{9,}(?:[eE]-?[0-9]+)?")


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
        with zipfile.ZipFile(file) as packed:
            _require_bounded(packed)
            shared = _shared_texts(packed)
            with packed.open(_first_sheet(packed)) as sheet:
                yield from _rows(sheet, shared)
    except (zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, IndexError, OSError, RuntimeError) as problem:
        # RuntimeError: a part under a password (zipfile).
        raise FileRefused("unreadable", str(problem)[:200]) from problem


def _require_bounded(packed: zipfile.ZipFile) -> None:
    if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
        raise ValueError("a workbook too large")


def _first_sheet(packed: zipfile.ZipFile) -> str:
    book = _small(packed, "xl/workbook.xml")
    sheet = book.find(f"{_MAIN}sheets/{_MAIN}sheet")
    if sheet is None:
        raise ValueError("no sheet")
    for relation in _small(packed, "xl/_rels/workbook.xml.rels"):
        if relation.get("Id") == sheet.get(_RELATION):
            target = str(relation.get("Target"))
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    raise ValueError("no sheet")


def _small(packed: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(packed.read(name), parser)


def _elements(part: object, tag: str) -> Iterator[etree._Element]:
    """Elements of a large part one after the other, each forgotten once it was read. A document type is refused."""
    parsed = etree.iterparse(
        part,
        events=("end",),
        tag=f"{_MAIN}{tag}",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for _, element in parsed:
        if element.getroottree().docinfo.doctype:
            raise ValueError("a document type")
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _shared_texts(packed: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in packed.namelist():
        return []
    found: list[str] = []
    with packed.open("xl/sharedStrings.xml") as part:
        for element in _elements(part, "si"):
            if len(found) == MOST_TEXTS:
                raise ValueError("too many texts")
            found.append(_text_of(element))
    return found


def _text_of(element: etree._Element) -> str:
    """Its runs together, without what says how they are pronounced (18.4.6)."""
    return "".join(
        text.text or "" for text in element.iter(f"{_MAIN}t") if getattr(text.getparent(), "tag", "") != f"{_MAIN}rPh"
    )


def _rows(sheet: object, shared: list[str]) -> Iterator[list[str]]:
    for row in _elements(sheet, "row"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{_MAIN}c"):
            column = _column(cell.get("r"), len(cells))
            cells += [""] * (column - len(cells))
            cells.append(_value(cell, shared))
        if any(cells):
            yield cells


def _column(reference: str | None, following: int) -> int:
    found = _REFERENCE.fullmatch(reference or "")
    if found is None:
        return following
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    if not following < number <= MOST_COLUMNS:
        raise ValueError(f"cell {reference}")
    return number - 1


def _value(cell: etree._Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text_of(cell)
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return shared[int(value)]
    # 0.1 + 0.2 is written 0.30000000000000004: what a sheet shows has fifteen digits (Excel's own limit).
    return f"{float(value):.15g}" if kind == "n" and _INEXACT.fullmatch(value) else value
