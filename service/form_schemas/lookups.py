"""Which field is looked up in an official register, and which fields its answer fills. Pure.

The form says it by two properties: `lookup` names the register, `lookupFills` pairs of `field=part`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.form_schemas.hides import property_of
from service.form_schemas.schema import Component, FormSchemaError, name_of

# register: the format of what it is asked for, and what it may be asked about
REGISTERS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "organisation": ("credit_code", frozenset({"name", "legal_representative", "address"})),
    "resident": ("id_number", frozenset({"name"})),
}


@dataclass(frozen=True, slots=True)
class OfficialLookup:
    """`fills` are pairs of a field of the form and the part of the register's answer that it takes."""

    register: str
    fills: tuple[tuple[str, str], ...]


def lookup_of(component: Component) -> OfficialLookup | None:
    """The properties of a component. Raises FormSchemaError."""
    register, fills = property_of(component, "lookup"), property_of(component, "lookupFills")
    if not register:
        if fills:
            raise FormSchemaError(name_of(component), "lookupFills without lookup")
        return None
    if register not in REGISTERS or property_of(component, "format") != REGISTERS[register][0]:
        raise FormSchemaError(name_of(component), "only a credit code or an identity number is looked up")
    pairs = tuple(_pair(component, str(register), one) for one in str(fills or "").split(",") if one.strip())
    if not pairs:
        raise FormSchemaError(name_of(component), "expected lookupFills to name a field for a part of the answer")
    return OfficialLookup(str(register), pairs)


def _pair(component: Component, register: str, text: str) -> tuple[str, str]:
    field, _, part = (one.strip() for one in text.partition("="))
    if not field or part not in REGISTERS[register][1]:
        raise FormSchemaError(name_of(component), f"expected field=part in lookupFills, found {text.strip()[:60]!r}")
    return field, part
