"""Reads a file of receipts row by row: encodings, headings, and the totals that it gives.

Nothing is kept of a file but the row that is read, so that half a million go through; reading can go on at any row.
A row that cannot be read is told with its reason; totals that do not add up say that the file is not whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import IO, Any, Final

from service.fees.receipt_mapping import TOTALS, ReceiptMapping, fitting, read_mapping
from service.fees.receipt_row import ReadRow, read_row, total_fen

MOST_ROWS: Final = 2_000_000
# Rows that a preview shows.
SHOWN_ROWS: Final = 20
_PIECE: Final = 1024 * 1024
# The reader of cells itself holds a field to 131,072 characters.
_LONGEST_LINE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """How far a text has been read: bytes, and lines."""

    offset: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """What reading a whole file once has found. `declared` are its own totals: rows and fen, None where it gives none.

    `written_fen` adds up the amounts without their direction; `faults` counts rows that cannot be read by their reason.
    """

    mapping: ReceiptMapping
    encoding: str
    begin: Place
    headings: tuple[str, ...] = ()
    total_rows: int = 0
    total_fen: int = 0
    written_fen: int = 0
    declared: tuple[int | None, int | None] = (None, None)
    faults: Mapping[str, int] = field(default_factory=dict)
    first: tuple[ReadRow, ...] = ()

    @property
    def refused_rows(self) -> int:
        return sum(self.faults.values())

    def as_json(self, *, rows: bool = True) -> dict[str, Any]:
        """What reading on needs, and with `rows` what a preview shows."""
        names = ("encoding", "headings", "total_rows", "total_fen", "written_fen", "declared", "faults")
        return {
            **{name: getattr(self, name) for name in names},
            "mapping": {"name": self.mapping.name, **self.mapping.as_json()},
            "begin": [self.begin.offset, self.begin.line],
            "first": [row.as_json() for row in self.first] if rows else [],
        }

    @staticmethod
    def of_json(given: Mapping[str, Any]) -> Scan:
        content = dict(given["mapping"])
        return Scan(
            read_mapping(content.pop("name"), content),
            given["encoding"],
            Place(*given["begin"]),
            tuple(given["headings"]),
            given["total_rows"],
            given["total_fen"],
            given["written_fen"],
            (given["declared"][0], given["declared"][1]),
            given["faults"],
            tuple(ReadRow.of_json(row) for row in given["first"]),
        )


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A small file whole: what the scan found, and all of its rows."""

    scan: Scan
    rows: tuple[ReadRow, ...]

    @property
    def mapping(self) -> str:
        return self.scan.mapping.name

    @property
    def declared(self) -> tuple[int | None, int | None]:
        return self.scan.declared

    @property
    def total_fen(self) -> int:
        """What came less what went back."""
        return self.scan.total_fen

    @property
    def written_fen(self) -> int:
        return self.scan.written_fen


class FileRefused(Exception):
    """The file as a whole: `code` is one of unreadable, empty, no_mapping, too_many_rows, no_rows, wrong_total."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(f"{code} {found}".strip())
        self.code = code
        self.found = found


def encoding_of(file: IO[bytes]) -> str:
    """UTF-8, with or without its mark, else GB18030 (GB 18030-2022), which banks still write."""
    for encoding in ("utf-8-sig", "gb18030"):
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileRefused("unreadable", "encoding")


def read_receipts(content: bytes, mappings: Sequence[ReceiptMapping]) -> ReadFile:
    """Read a small file by the first of the mappings that fits its headings. Raises FileRefused."""
    file = io.BytesIO(content)
    found = scan(file, mappings)
    return ReadFile(found, tuple(row for row, _ in rows_from(file, found, found.begin)))


def scan(file: IO[bytes], mappings: Sequence[ReceiptMapping]) -> Scan:
    """Read a whole file without keeping it: which mapping fits, what it adds up to. Raises FileRefused.

    A fixed layout has no headings: it reads a file for which it is named, alone.
    """
    found = _begin(file, encoding_of(file), mappings)
    rows = total = written = 0
    declared: tuple[int | None, int | None] = (None, None)
    faults: Counter[str] = Counter()
    first: list[ReadRow] = []
    for row, _ in _rows(file, found, found.begin):
        if isinstance(row, _Totals):
            declared = row.rows, row.fen
            continue
        if rows == MOST_ROWS:
            raise FileRefused("too_many_rows", str(MOST_ROWS))
        rows += 1
        if len(first) < SHOWN_ROWS:
            first.append(row)
        if row.receipt is None:
            faults[row.why] += 1
        else:
            total += row.receipt.amount_fen
            written += abs(row.receipt.amount_fen)
    if not rows:
        raise FileRefused("no_rows")
    _require_totals(declared, rows, total, written)
    found = replace(found, total_rows=rows, total_fen=total, written_fen=written)
    return replace(found, declared=declared, faults=dict(faults), first=tuple(first))


def rows_from(file: IO[bytes], found: Scan, place: Place) -> Iterator[tuple[ReadRow, Place]]:
    """The rows behind a place, each with the place behind it. Raises FileRefused for what is no such file any more."""
    for row, behind in _rows(file, found, place):
        if isinstance(row, ReadRow):
            yield row, behind


@dataclass(frozen=True, slots=True)
class _Totals:
    rows: int | None
    fen: int | None


def _begin(file: IO[bytes], encoding: str, mappings: Sequence[ReceiptMapping]) -> Scan:
    """By which mapping the file is read, and where its first row stands."""
    if len(mappings) == 1 and mappings[0].format == "fixed":
        place = _skip(file, encoding, mappings[0].skipped)
        return Scan(mappings[0], encoding, place)
    seen: tuple[str, ...] = ()
    for skipped, delimiter in dict.fromkeys((one.skipped, one.delimiter) for one in mappings):
        cells, place = next(_cells(file, encoding, delimiter, _skip(file, encoding, skipped)), ([], Place()))
        head = tuple(heading.strip() for heading in cells)
        alike = [one for one in mappings if (one.skipped, one.delimiter) == (skipped, delimiter)]
        mapping, seen = fitting(alike, head), seen or head
        if mapping is not None:
            return Scan(mapping, encoding, place, head)
    if not any(seen):
        raise FileRefused("empty")
    raise FileRefused("no_mapping", ", ".join(seen)[:200])


def _skip(file: IO[bytes], encoding: str, lines: int) -> Place:
    file.seek(0)
    mark = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" and file.read(3) == codecs.BOM_UTF8 else 0
    file.seek(mark)
    for _ in range(lines):
        file.readline(_LONGEST_LINE)
    return Place(file.tell(), lines)


def _cells(file: IO[bytes], encoding: str, delimiter: str, place: Place) -> Iterator[tuple[list[str], Place]]:
    """Rows that hold anything, with the place behind each: where it ends, and the line on which it does."""
    file.seek(place.offset)
    offset = place.offset

    def lines() -> Iterator[str]:
        nonlocal offset
        while raw := file.readline(_LONGEST_LINE):
            offset += len(raw)
            yield raw.decode(_plain_name(encoding))

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                yield cells, Place(offset, place.line + reader.line_num)
    except (csv.Error, UnicodeDecodeError) as problem:
        raise FileRefused("unreadable", str(problem)[:200]) from problem


def _fields(file: IO[bytes], found: Scan, place: Place) -> Iterator[tuple[dict[str, str], Place]]:
    """Of a fixed layout: the fields of each line that holds anything."""
    places, encoding = found.mapping.places, _plain_name(found.encoding)
    file.seek(place.offset)
    offset, line = place.offset, place.line
    while raw := file.readline(_LONGEST_LINE):
        offset, line = offset + len(raw), line + 1
        if raw.strip():
            bare = raw.rstrip(b"\r\n")
            yield {n: bare[at].decode(encoding, "replace").strip() for n, at in places.items()}, Place(offset, line)


def _plain_name(encoding: str) -> str:
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _rows(file: IO[bytes], found: Scan, place: Place) -> Iterator[tuple[ReadRow | _Totals, Place]]:
    mapping = found.mapping
    if mapping.format == "fixed":
        for fields, behind in _fields(file, found, place):
            if fields["receipt_no"].casefold() in TOTALS:
                yield _Totals(None, _declared_fen(mapping, fields["amount_fen"])), behind
            else:
                yield read_row(mapping, behind.line, fields), behind
        return
    places = {name: found.headings.index(h) for name, h in mapping.columns.items() if h in found.headings}
    for cells, behind in _cells(file, found.encoding, mapping.delimiter, place):
        if cells[0].strip().casefold() in TOTALS:
            yield _declared(mapping, places, cells), behind
        else:
            yield (
                read_row(mapping, behind.line, {n: cells[p].strip() for n, p in places.items() if p < len(cells)}),
                behind,
            )


def _declared(mapping: ReceiptMapping, places: Mapping[str, int], cells: list[str]) -> _Totals:
    """Of a line of totals: the amount in the amounts' column, the number of rows in any other that is a number."""
    at = places["amount_fen"]
    fen = _declared_fen(mapping, cells[at].strip()) if at < len(cells) else None
    counts = [c.strip().removesuffix("笔") for place, c in enumerate(cells) if place not in (0, at)]
    return _Totals(next((int(c) for c in counts if c.isascii() and c.isdigit() and len(c) < 10), None), fen)


def _declared_fen(mapping: ReceiptMapping, text: str) -> int | None:
    try:
        return total_fen(text, mapping.unit) if text else None
    except ValueError:
        raise FileRefused("wrong_total", text[:40]) from None


def _require_totals(declared: tuple[int | None, int | None], rows: int, total: int, written: int) -> None:
    if declared[0] is not None and declared[0] != rows:
        raise FileRefused("wrong_total", f"{declared[0]} ≠ {rows}")
    # Some files add refunds up as they are written, others take them off.
    if declared[1] is not None and declared[1] not in (total, written):
        raise FileRefused("wrong_total", f"{Decimal(declared[1]) / 100:.2f} ≠ {Decimal(total) / 100:.2f}")
