"""How a treasury's or bank's file says what a receipt is: a saved mapping from its headings to our fields. Pure."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class ReceiptMapping:
    """`columns`: our field -> the file's heading. `unit` is what its amounts are in."""

    name: str
    columns: Mapping[str, str]
    unit: Unit = "yuan"
    delimiter: str = ","

    def as_json(self) -> dict[str, Any]:
        return {"format": "csv", "columns": dict(self.columns), "unit": self.unit, "delimiter": self.delimiter}


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
    if unit not in ("fen", "yuan"):
        raise ValueError("Expected amounts in fen or yuan")
    if delimiter not in DELIMITERS:
        raise ValueError("Expected cells parted by comma, semicolon, tabulator or bar")
    return ReceiptMapping(name, MappingProxyType(dict(columns)), unit, delimiter)


def fitting(mappings: Sequence[ReceiptMapping], headings: Sequence[str]) -> ReceiptMapping | None:
    """The first mapping whose required headings all stand in the file."""
    found = {heading.strip() for heading in headings}
    return next((one for one in mappings if all(one.columns[name] in found for name in REQUIRED)), None)
