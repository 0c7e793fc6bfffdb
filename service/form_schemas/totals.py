"""Totals: a number that nobody types, for it is the sum of one column of a list (`totalOf`: `list.cell`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from service.form_schemas.hides import property_of
from service.form_schemas.schema import Component, FormSchemaError, checked_cells, name_of

DEFAULT_DIGITS: Final = 2


class Total(NamedTuple):
    """The list and the cell that are summed up, and to how many decimals."""

    rows: str
    cell: str
    digits: int

    def of(self, rows: object) -> int | float | None:
        """The sum over clean rows; None where there are none."""
        if not isinstance(rows, list) or not rows:
            return None
        given = (row.get(self.cell) for row in rows if isinstance(row, Mapping))
        total = round(sum(value for value in given if isinstance(value, int | float)), self.digits)
        return int(total) if isinstance(total, float) and total.is_integer() else total


def total_of(component: Component, form: list[Component]) -> Total | None:
    """The total that this number shows. Raises FormSchemaError when it names no column of numbers of the form."""
    source = property_of(component, "totalOf")
    if source in (None, ""):
        return None
    if component["type"] != "number" or component.get("readonly") is not True:
        raise FormSchemaError(name_of(component), "a total is a number that is read-only")
    rows, _, cell = str(source).partition(".")
    for other in form:
        if other["type"] == "dynamiclist" and other.get("path") == rows:
            kinds = {one["key"]: (one["type"], property_of(one, "format")) for one in checked_cells(other)}
            if kinds.get(cell) == ("number", property_of(component, "format")):
                digits = component.get("decimalDigits")
                return Total(rows, cell, digits if isinstance(digits, int) else DEFAULT_DIGITS)
    raise FormSchemaError(name_of(component), f"{str(source)[:80]!r} is no column of such numbers in a list")
