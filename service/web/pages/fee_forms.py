"""A fee standard as a form without scripts: amounts in yuan, bands and tables as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from service.errors import Detail, Refused
from service.fees.standard_reading import KINDS, MOST_CHARGES
from service.web.given import whole_number

# One more than there are, so that another charge can be written.
_SPARE: Final = 1
# Rows of a plan of later payment; what needs more goes over the interface.
MOST_PARTS: Final = 6
_BAR: Final = "|"
_END: Final = "-"


def fields_of(content: Mapping[str, Any]) -> dict[str, str]:
    """The form's fields, filled from a version."""
    found = {name: str(content.get(name) or "") for name in ("name_zh", "item_code", "legal_source")}
    found |= {name: _yuan(content.get(f"{name}_fen")) for name in ("minimum", "cap")}
    found["reductions"] = "\n".join(
        f"{one['when']} {_BAR} {one['percent']} {_BAR} {one['legal_source']}" for one in content.get("reductions") or ()
    )
    for n, charge in enumerate(content.get("charges") or ()):
        found |= {f"c{n}-{name}": value for name, value in _charge_fields(charge).items()}
    return found


def places(fields: Mapping[str, str]) -> range:
    """The numbers of the charges that the form has, and of one more."""
    used = [n for n in range(MOST_CHARGES) if fields.get(f"c{n}-kind")]
    return range(min(max(used, default=-1) + 1 + _SPARE, MOST_CHARGES))


def content_from(form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, as a version's content. Raises Refused invalid_request for what is no amount or number."""
    charges = [_charge(form, n) for n in range(MOST_CHARGES) if form.get(f"c{n}-kind") in KINDS]
    named = {name: form.get(name, "").strip() for name in ("name_zh", "item_code", "legal_source")}
    bounds = {f"{name}_fen": _fen(form, name) for name in ("minimum", "cap")}
    return {
        **named,
        "charges": charges,
        **bounds,
        "reductions": [_reduction(cells) for cells in _lines(form, "reductions")],
    }


def _charge_fields(charge: Mapping[str, Any]) -> dict[str, str]:
    kind = str(charge.get("kind"))
    found = {"kind": kind}
    if kind == "fixed":
        return found | {"amount": _yuan(charge.get("amount_fen"))}
    if kind in ("quantity", "tier"):
        found["measure"] = str(charge.get("measure") or "")
    if kind == "quantity":
        found |= {"each": _yuan(charge.get("each_fen")), "included": str(charge.get("included") or "")}
        return found | ({"whole": "1"} if charge.get("whole_units") else {})
    if kind == "tier":
        found["tiers"] = "\n".join(_tier_line(tier) for tier in charge.get("tiers") or ())
        return found | ({"progressive": "1"} if charge.get("progressive") else {})
    found |= {"policy": str(charge.get("hit_policy") or "U"), "inputs": ", ".join(charge.get("inputs") or ())}
    rows = charge.get("rules") or ()
    return found | {"rules": "\n".join(f" {_BAR} ".join([*_cells(row), str(row.get("amount"))]) for row in rows)}


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [str(row["when"])] if "when" in row else [str(cell) for cell in row.get("entries") or ()]


def _tier_line(tier: Mapping[str, Any]) -> str:
    end = _END if tier.get("up_to") is None else f"{tier['up_to']:g}"
    whole = tier.get("amount_fen")
    return f"{end} {_BAR} {_yuan(tier.get('each_fen'))}" + (f" {_BAR} {_yuan(whole)}" if whole is not None else "")


def _charge(form: Mapping[str, str], n: int) -> dict[str, Any]:
    kind = form.get(f"c{n}-kind")
    found: dict[str, Any] = {"kind": kind}
    if kind == "fixed":
        return found | {"amount_fen": _fen(form, f"c{n}-amount")}
    if kind in ("quantity", "tier"):
        found["measure"] = form.get(f"c{n}-measure", "").strip()
    if kind == "quantity":
        whole = form.get(f"c{n}-whole") == "1"
        return found | {
            "each_fen": _fen(form, f"c{n}-each"),
            "included": _number(form.get(f"c{n}-included", ""), f"c{n}-included"),
            "whole_units": whole,
        }
    if kind == "tier":
        tiers = [_tier(cells, f"c{n}-tiers") for cells in _lines(form, f"c{n}-tiers")]
        return found | {"tiers": tiers, "progressive": form.get(f"c{n}-progressive") == "1"}
    inputs = [name.strip() for name in form.get(f"c{n}-inputs", "").split(",") if name.strip()]
    rules = [_rule(cells, inputs) for cells in _lines(form, f"c{n}-rules")]
    return found | {"hit_policy": form.get(f"c{n}-policy", "U"), "inputs": inputs, "rules": rules}


def _rule(cells: list[str], inputs: list[str]) -> dict[str, Any]:
    tests, amount = cells[:-1], cells[-1]
    return {"entries": tests, "amount": amount} if inputs else {"when": (tests or ["True"])[0], "amount": amount}


def _tier(cells: list[str], field: str) -> dict[str, Any]:
    end, each, whole = [*cells, "", ""][:3]
    up_to = None if end == _END else _number(end, field)
    return {"up_to": up_to, "each_fen": read_fen(each, field), "amount_fen": read_fen(whole, field)}


def _reduction(cells: list[str]) -> dict[str, Any]:
    when, percent, source = [*cells, "", ""][:3]
    return {
        "when": when,
        "percent": whole_number(percent) or 0,
        "legal_source": source,
    }


def _lines(form: Mapping[str, str], field: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(_BAR)] for line in form.get(field, "").splitlines() if line.strip()]


def _number(text: str, field: str) -> int | float | None:
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip())
        if not value.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise _wrong(field, "须填数字", "Expected a number") from None
    return int(value) if value == value.to_integral_value() else float(value)


def _fen(form: Mapping[str, str], field: str) -> int | None:
    return read_fen(form.get(field, ""), field)


def read_fen(text: str, field: str) -> int | None:
    """Yuan with at most two places, as fen; None for nothing."""
    given = text.strip().replace(",", "").removeprefix("¥")
    if not given:
        return None
    try:
        fen = Decimal(given) * 100
        if not fen.is_finite() or fen != fen.to_integral_value() or not 0 <= fen <= 10**13:
            raise InvalidOperation
    except InvalidOperation:
        raise _wrong(field, "金额写法不对，应如 80 或 80.50", "Expected an amount such as 80 or 80.50") from None
    return int(fen)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{Decimal(fen) / 100:.2f}".removesuffix(".00")


def _wrong(field: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer=f"/{field}")])
