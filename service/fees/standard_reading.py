"""A fee standard's version as it is written (JSON) and as rules: read, checked in every part, never guessed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from service.catalogue.item import FeeStandard as ItemFee
from service.expressions import Expression, ExpressionError, compile_expression
from service.fees.decision_table import HIT_POLICIES, MOST_INPUTS, MOST_RULES, DecisionTable, Rule, rule_of
from service.fees.standards import (
    MOST_FEN,
    ByQuantity,
    ByTable,
    ByTier,
    Charge,
    FeeStandard,
    Fixed,
    Reduction,
    Tier,
)
from service.fees.unary_tests import EntryError, read_entry

KINDS: Final = ("fixed", "quantity", "tier", "table")
MOST_CHARGES: Final = 10
MOST_TIERS: Final = 30
LONGEST_SOURCE: Final = 500
_EQUALS: Final = re.compile(r"(\w+) == '(\w+)'")
Content = Mapping[str, Any]


class StandardError(ValueError):
    """What is wrong with a standard: `pointer` (RFC 6901) into its content, and what was expected, in two languages."""

    def __init__(self, pointer: str, zh: str, en: str) -> None:
        super().__init__(f"{pointer}: {en}")
        self.pointer, self.zh, self.en = pointer, zh, en


def read_standard(power_item: str, version: int, effective_on: date, content: Content) -> FeeStandard:
    """The rules of a version. Raises StandardError."""
    charges = _listed(content, "charges", MOST_CHARGES)
    if not charges:
        raise StandardError("/charges", "至少要有一项收费", "Expected at least one charge")
    cap, minimum = _optional_fen(content, "cap_fen"), _optional_fen(content, "minimum_fen")
    if cap is not None and minimum is not None and minimum > cap:
        raise StandardError("/minimum_fen", "最低额不能高于上限", "Expected a minimum of at most the cap")
    return FeeStandard(
        power_item,
        version,
        effective_on,
        _text(content, "name_zh", 100),
        _text(content, "item_code", 20),
        _text(content, "legal_source", LONGEST_SOURCE),
        tuple(_charge(one, f"/charges/{n}") for n, one in enumerate(charges)),
        minimum,
        cap,
        tuple(_reduction(one, f"/reductions/{n}") for n, one in enumerate(_listed(content, "reductions", 20))),
    )


def read_table(content: Content) -> DecisionTable:
    """A charge of kind table by itself. Raises StandardError, with pointers into the charge."""
    return _table(content, "")


def item_content(fee: ItemFee, legal_source: str) -> dict[str, Any]:
    """The rule of a catalogue row as the content of a standard: rows of which the first counts, and rows that add."""
    rows: list[dict[str, Any]] = []
    adds: list[dict[str, Any]] = []
    for row in fee.rows:
        if row.add_fen_each is not None and row.counted:
            adds.append({"kind": "quantity", "measure": row.counted, "each_fen": row.add_fen_each})
        elif row.fen_per_m2 is not None or row.amount_fen is not None:
            amount = f"{row.fen_per_m2} * measured_m2" if row.fen_per_m2 is not None else str(row.amount_fen)
            rows.append({"when": row.condition.source, "amount": amount})
    tables = [_as_table(rows)] if rows else []
    named = {"name_zh": fee.name_zh, "item_code": fee.item_code, "legal_source": legal_source}
    return {**named, "charges": [*tables, *adds], "minimum_fen": None, "cap_fen": None, "reductions": []}


def _as_table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows that ask for one answer each become a table over that answer; any others stand as conditions, in order."""
    found = [_EQUALS.fullmatch(row["when"]) for row in rows]
    names, texts = {one[1] for one in found if one}, {one[2] for one in found if one}
    if not all(found) or len(names) != 1 or len(texts) != len(rows):
        return {"kind": "table", "hit_policy": "F", "inputs": [], "rules": rows}
    rules = [{"entries": [f'"{one[2]}"'], "amount": row["amount"]} for one, row in zip(found, rows, strict=True) if one]
    return {"kind": "table", "hit_policy": "U", "inputs": sorted(names), "rules": rules}


def _charge(content: Any, at: str) -> Charge:
    kind = content.get("kind") if isinstance(content, Mapping) else None
    if kind == "fixed":
        return Fixed(_fen(content, "amount_fen", at))
    if kind == "quantity":
        whole = content.get("whole_units") is True
        return ByQuantity(_name(content, "measure", at), _fen(content, "each_fen", at), _included(content, at), whole)
    if kind == "tier":
        progressive = content.get("progressive") is True
        tiers = _listed(content, "tiers", MOST_TIERS, at)
        return ByTier(_name(content, "measure", at), _tiers(tiers, at, progressive), progressive)
    if kind == "table":
        return ByTable(_table(content, at))
    raise StandardError(f"{at}/kind", f"应为下列之一：{'、'.join(KINDS)}", f"Expected one of {', '.join(KINDS)}")


def _tiers(rows: Sequence[Any], at: str, progressive: bool) -> tuple[Tier, ...]:
    found: list[Tier] = []
    for n, row in enumerate(rows):
        here = f"{at}/tiers/{n}"
        given = row if isinstance(row, Mapping) else {}
        up_to = None if given.get("up_to") is None else _number(given, "up_to", here)
        each, whole = _optional_fen(given, "each_fen", here), _optional_fen(given, "amount_fen", here)
        if (each is None) == (whole is None):
            raise StandardError(here, "每档须填单价或定额之一", "Expected a price for each or a sum, not both")
        if (up_to is None) != (n == len(rows) - 1):
            raise StandardError(f"{here}/up_to", "只有最后一档不设上限", "Expected the last band alone without an end")
        if up_to is not None and up_to <= (found[-1].up_to or 0 if found else 0):
            raise StandardError(f"{here}/up_to", "各档上限须递增", "Expected bands that rise")
        found.append(Tier(up_to, whole, each))
    if not found:
        raise StandardError(f"{at}/tiers", "至少要有一档", "Expected at least one band")
    return tuple(found)


def _table(content: Content, at: str) -> DecisionTable:
    policy, inputs = content.get("hit_policy"), _listed(content, "inputs", MOST_INPUTS, at)
    if policy not in HIT_POLICIES:
        expected = ", ".join(HIT_POLICIES)
        raise StandardError(f"{at}/hit_policy", f"应为下列之一：{expected}", f"Expected one of {expected}")
    names = tuple(_named(one, f"{at}/inputs/{n}") for n, one in enumerate(inputs))
    rows = _listed(content, "rules", MOST_RULES, at)
    if not rows:
        raise StandardError(f"{at}/rules", "至少要有一行", "Expected at least one row")
    table = DecisionTable(policy, names, tuple(_rule(names, row, f"{at}/rules/{n}") for n, row in enumerate(rows)))
    for one, two in table.overlaps():
        zh, en = f"第 {one} 行与第 {two} 行会同时命中", f"Expected rows of which one holds, but {one} and {two} overlap"
        raise StandardError(f"{at}/rules/{two - 1}", zh, en)
    return table


def _rule(names: tuple[str, ...], row: Any, at: str) -> Rule:
    given = row if isinstance(row, Mapping) else {}
    amount = _amount(given.get("amount"), f"{at}/amount")
    note = str(given.get("note") or "")[:200]
    if isinstance(given.get("when"), str) and not names:
        return Rule((), amount, _condition(given["when"], f"{at}/when"), note)
    cells = given.get("entries")
    if not isinstance(cells, list) or len(cells) != len(names) or not all(isinstance(c, str) for c in cells):
        raise StandardError(f"{at}/entries", f"应有 {len(names)} 格", f"Expected {len(names)} entries")
    entries = []
    for n, cell in enumerate(cells):
        try:
            entries.append(read_entry(cell))
        except EntryError as wrong:
            raise StandardError(f"{at}/entries/{n}", "这一格不是可用的条件", str(wrong)) from None
    try:
        return rule_of(names, entries, amount, note)
    except ExpressionError as wrong:
        raise StandardError(f"{at}/entries", "这一行的条件太长", wrong.reason) from None


def _amount(source: Any, at: str) -> Expression:
    """Whole numbers of fen and answers alone: a price of 0.1 fen would not be exact."""
    expression = _condition(str(source) if isinstance(source, int) else source, at)
    if "." in expression.source:
        raise StandardError(at, "金额以分计，只能写整数", "Expected whole numbers of fen")
    return expression


def _condition(source: Any, at: str) -> Expression:
    if not isinstance(source, str):
        raise StandardError(at, "须填表达式", "Expected an expression")
    try:
        return compile_expression(source)
    except ExpressionError as wrong:
        raise StandardError(at, "表达式写法不对", str(wrong)) from None


def _reduction(content: Any, at: str) -> Reduction:
    given = content if isinstance(content, Mapping) else {}
    percent = given.get("percent")
    if type(percent) is not int or not 1 <= percent <= 100:
        raise StandardError(f"{at}/percent", "减免比例为 1 至 100", "Expected 1 to 100 percent")
    source = given.get("legal_source")
    if not isinstance(source, str) or not source.strip() or len(source) > LONGEST_SOURCE:
        raise StandardError(f"{at}/legal_source", "须写明减免依据", "Expected the legal source of the reduction")
    return Reduction(_condition(given.get("when"), f"{at}/when"), percent, source.strip())


def _included(content: Content, at: str) -> Decimal:
    return Decimal(0) if content.get("included") is None else _number(content, "included", at, least=0)


def _listed(content: Content, key: str, most: int, at: str = "") -> list[Any]:
    value = content.get(key) or []
    if not isinstance(value, list) or len(value) > most:
        raise StandardError(f"{at}/{key}", f"应为至多 {most} 项的列表", f"Expected a list of at most {most}")
    return value


def _text(content: Content, key: str, longest: int) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise StandardError(f"/{key}", f"必填，至多 {longest} 字", f"Expected a text of at most {longest} characters")
    return value.strip()


def _fen(content: Content, key: str, at: str) -> int:
    found = _optional_fen(content, key, at)
    if found is None:
        raise StandardError(f"{at}/{key}", "须填金额（分）", "Expected an amount in fen")
    return found


def _optional_fen(content: Content, key: str, at: str = "") -> int | None:
    value = content.get(key)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_FEN:
        raise StandardError(f"{at}/{key}", "金额须为不小于零的整数（分）", "Expected a whole number of fen")
    return value


def _number(content: Content, key: str, at: str, least: float = 1e-6) -> Decimal:
    value = content.get(key)
    if type(value) not in (int, float) or not least <= value <= MOST_FEN:  # type: ignore[operator]
        raise StandardError(f"{at}/{key}", "须填正数", "Expected a number above nothing")
    return Decimal(str(value))


def _name(content: Content, key: str, at: str) -> str:
    return _named(content.get(key), f"{at}/{key}")


def _named(value: Any, at: str) -> str:
    if not isinstance(value, str) or not value.isidentifier() or len(value) > 60:
        raise StandardError(at, "须填表单字段的键名", "Expected the key of an answer")
    return value
