"""Dynamic lists: rows of cells, read with the same readers as fields. A row in which nothing stands is no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.form_schemas.hides import property_of
from service.form_schemas.problems import Refusal, Refusals, Words, escaped
from service.form_schemas.readers import Lookup, Reader, reader_of, refused, validation, whole_property
from service.form_schemas.schema import Component, FormSchemaError, checked_cells, name_of
from service.form_schemas.size import MAX_ROWS
from service.form_schemas.words import label_of


@dataclass(frozen=True, slots=True)
class Cell:
    key: str
    label: Words
    required: bool
    is_text: bool
    read: Reader


def table_cells(component: Component) -> tuple[Cell, ...]:
    return tuple(_cell(cell) for cell in checked_cells(component))


def table_reader(component: Component, cells: tuple[Cell, ...]) -> Reader:
    """Reads rows to a list of objects that hold every cell of the table, None where nothing stands."""
    known = {cell.key for cell in cells}
    least = whole_property(component, "minRows") or 0
    most = min(whole_property(component, "maxRows") or MAX_ROWS, MAX_ROWS)

    def read(raw: object, today: date, lookup: Lookup) -> object:
        if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
            return refused("wrong_type")
        rows: list[dict[str, object]] = []
        refusals: list[Refusal] = []
        for index, row in enumerate(raw):
            refusals += _unknown(row, known, index)
            if not all(_blank(row.get(key)) for key in known):
                rows.append({cell.key: _read_cell(cell, row, index, refusals, today, lookup) for cell in cells})
        if rows and len(rows) < least:
            refusals.append(Refusal("rows_required", {"min": least}))
        if len(rows) > most:
            refusals.append(Refusal("too_large", {"limit_zh": f"{most} 行", "limit_en": f"{most} rows"}))
        return tuple(refusals) or rows

    return read


def _cell(component: Component) -> Cell:
    if property_of(component, "condition") or property_of(component, "rule") or component.get("conditional"):
        raise FormSchemaError(name_of(component), "conditions and rules stand on the list, not on its cells")
    required = bool(validation(component, "required"))
    is_text = component["type"] in ("textfield", "textarea")
    return Cell(component["key"], label_of(component), required, is_text, reader_of(component))


def _blank(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _unknown(row: Mapping[object, object], known: set[str], index: int) -> Refusals:
    strangers = [str(key) for key in row if key not in known]
    within = Words(f"第 {index + 1} 行", f", row {index + 1}")
    return tuple(Refusal("unknown_field", path=f"/{index}/{escaped(key)}", within=within) for key in strangers)


def _read_cell(
    cell: Cell,
    row: Mapping[str, object],
    index: int,
    refusals: list[Refusal],
    today: date,
    lookup: Lookup,
) -> object:
    raw = row.get(cell.key)
    if cell.is_text and isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = str(raw)  # Spreadsheet columns arrive as numbers; a text cell takes them as written.
    if _blank(raw):
        found: object = refused("required") if cell.required else None
    else:
        found = cell.read(raw, today, lookup)
    if not isinstance(found, tuple):
        return found
    within = Words(f"第 {index + 1} 行“{cell.label.zh}”", f", row {index + 1}, {cell.label.en}")
    refusals += (Refusal(refusal.code, refusal.params, f"/{index}/{cell.key}", within) for refusal in found)
    return None
