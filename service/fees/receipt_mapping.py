"""How a treasury's or bank's file says what a receipt is: a saved mapping from its headings to our fields. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

# DOMAIN section 6, in its order; these must have a value in every row.
FIELDS: Final = (
    "receipt_no",
    "pay_code",
    "dept_code",
    "item_code",
    "payer",
    "amount_fen",
    "paid_on",
    "treasury_on",
    "bank",
    "kind",
    "note",
)
REQUIRED: Final = ("receipt_no", "amount_fen", "paid_on")
# The first cell of a line that adds up the others.
TOTALS: Final = frozenset({"合计", "总计", "total", "totals"})
DELIMITERS: Final = (",", ";", "\t", "|")
Unit = Literal["fen", "yuan"]
# Cells under headings (a workbook's sheet too), or lines whose fields stand at fixed places.
Format = Literal["csv", "fixed"]
_PLACE = re.compile(r"([1-9]\d{0,3})-([1-9]\d{0,2})")
MOST_SKIPPED: Final = 50


@dataclass(frozen=True, slots=True)
class ReceiptMapping:
    """`columns`: our field -> the file's heading; of a fixed layout, its place such as `21-8` (from byte 21, 8 bytes).

    `unit` is what its amounts are in; `skipped` lines stand before the first that counts.
    """

    name: str
    columns: Mapping[str, str]
    unit: Unit = "yuan"
    delimiter: str = ","
    format: Format = "csv"
    skipped: int = 0

    def as_json(self) -> dict[str, Any]:
        known = {"columns": dict(self.columns), "unit": self.unit, "delimiter": self.delimiter}
        return {"format": self.format, **known, "skipped": self.skipped}

    @property
    def places(self) -> dict[str, slice]:
        """Of a fixed layout: our field -> the bytes of a line that hold it."""
        found = {name: _PLACE.fullmatch(place) for name, place in self.columns.items()}
        return {n: slice(int(m[1]) - 1, int(m[1]) - 1 + int(m[2])) for n, m in found.items() if m}


def _chinese(*headings: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(FIELDS, headings, strict=True)))


# What every county has from the start; a file whose headings are those of one of them needs no name of a mapping.
BUILT_IN: Mapping[str, ReceiptMapping] = MappingProxyType(
    {
        "standard": ReceiptMapping("standard", MappingProxyType({name: name for name in FIELDS}), "fen"),
        "treasury": ReceiptMapping(
            "treasury",
            _chinese(
                *("票据号码", "缴款码", "执收单位编码", "项目编码", "缴款人", "金额"),
                *("缴款日期", "入库日期", "代收银行", "收入种类", "备注"),
            ),
        ),
    }
)


def read_mapping(name: str, content: Mapping[str, Any]) -> ReceiptMapping:
    """A mapping as it was saved. ValueError says, in English, what it must be and is not."""
    columns, unit, delimiter = content.get("columns"), content.get("unit", "yuan"), content.get("delimiter", ",")
    if not isinstance(columns, Mapping) or not all(isinstance(c, str) and c.strip() for c in columns.values()):
        raise ValueError("Expected columns: our field -> the heading in the file")
    if unknown := sorted(set(columns) - set(FIELDS)):
        raise ValueError(f"Expected fields of a receipt, but found {', '.join(map(str, unknown))[:200]}")
    if lacking := [name for name in REQUIRED if name not in columns]:
        raise ValueError(f"Expected a heading for {', '.join(lacking)}")
    if len(set(columns.values())) < len(columns):
        raise ValueError("Expected another heading for each field")
    form, skipped = content.get("format", "csv"), content.get("skipped") or 0
    if form not in ("csv", "fixed"):
        raise ValueError("Expected a file of cells (csv) or of fixed places (fixed)")
    if form == "fixed" and not all(_PLACE.fullmatch(place) for place in columns.values()):
        raise ValueError("Expected the place of each field, such as 21-8: from byte 21, 8 bytes")
    if type(skipped) is not int or not 0 <= skipped <= MOST_SKIPPED:
        raise ValueError(f"Expected at most {MOST_SKIPPED} lines before the first that counts")
    if unit not in ("fen", "yuan"):
        raise ValueError("Expected amounts in fen or yuan")
    if delimiter not in DELIMITERS:
        raise ValueError("Expected cells parted by comma, semicolon, tabulator or bar")
    return ReceiptMapping(name, MappingProxyType(dict(columns)), unit, delimiter, form, skipped)


def fitting(mappings: Sequence[ReceiptMapping], headings: Sequence[str]) -> ReceiptMapping | None:
    """The first mapping whose required headings all stand in the file."""
    found = {heading.strip() for heading in headings}
    of_cells = [one for one in mappings if one.format == "csv"]
    return next((one for one in of_cells if all(one.columns[name] in found for name in REQUIRED)), None)
