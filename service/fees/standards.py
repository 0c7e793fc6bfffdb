"""A version of a fee standard (收费标准) as frozen rules: what it asks of a case, to the fen, by which row. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Final, Protocol

from service.expressions import Expression
from service.fees.decision_table import DecisionTable, exactly

Lookup = Callable[[str], object]
# Below 2**53: a browser's numbers and the ledger's agree up to here.
MOST_FEN: Final = 10**13
_EACH = re.compile(r"(\d+) \* (\w+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a fee. `condition` is the row of the standard by which it is asked, in our grammar."""

    amount_fen: int
    quantity: int | float
    condition: str

    def as_json(self) -> dict[str, Any]:
        return {"amount_fen": self.amount_fen, "quantity": self.quantity, "condition": self.condition}


@dataclass(frozen=True, slots=True)
class Tariff:
    """A row as people read it: a sum, or so much `each` of what is measured, above `above` where that is set."""

    condition: str
    amount_fen: int | None = None
    each_fen: int | None = None
    measure: str = ""
    above: str = ""
    formula: str = ""


class Charge(Protocol):
    """One way in which a standard asks for money; the charges of a standard are added up."""

    @property
    def names(self) -> frozenset[str]: ...

    def lines(self, lookup: Lookup) -> list[Line]: ...

    def tariffs(self) -> Iterator[Tariff]: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same sum of everybody (定额)."""

    amount_fen: int

    @property
    def names(self) -> frozenset[str]:
        return frozenset()

    def lines(self, _lookup: Lookup) -> list[Line]:
        return [Line(self.amount_fen, 1, "True")] if self.amount_fen else []

    def tariffs(self) -> Iterator[Tariff]:
        yield Tariff("True", self.amount_fen)


@dataclass(frozen=True, slots=True)
class ByQuantity:
    """So much for each of what is measured (按量), beyond what is `included`; `whole_units` counts a part as one."""

    measure: str
    each_fen: int
    included: Decimal = Decimal(0)
    whole_units: bool = False

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.measure})

    def lines(self, lookup: Lookup) -> list[Line]:
        measured = measured_by(lookup, self.measure)
        counted = (measured or Decimal(0)) - self.included
        if measured is None or counted <= 0:
            return []
        if self.whole_units:
            counted = counted.quantize(Decimal(1), ROUND_CEILING)
        return [Line(whole_fen(counted * self.each_fen), _plain(counted), f"{self.measure} > {_plain(self.included)}")]

    def tariffs(self) -> Iterator[Tariff]:
        over = f"{_plain(self.included)}"
        yield Tariff(f"{self.measure} > {over}", None, self.each_fen, self.measure, over if self.included else "")


@dataclass(frozen=True, slots=True)
class Tier:
    """A band up to and with `up_to` (None: all beyond): a sum of its own, or so much for each."""

    up_to: Decimal | None
    amount_fen: int | None = None
    each_fen: int | None = None


@dataclass(frozen=True, slots=True)
class ByTier:
    """By bands (分档). `progressive` (超额累进): each part at its own band's price; else the band of the whole."""

    measure: str
    tiers: tuple[Tier, ...]
    progressive: bool = False

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.measure})

    def lines(self, lookup: Lookup) -> list[Line]:
        measured = measured_by(lookup, self.measure)
        if measured is None or measured <= 0:
            return []
        found, below = [], Decimal(0)
        for tier in self.tiers:
            reached = measured if tier.up_to is None else min(measured, tier.up_to)
            last = tier.up_to is None or measured <= tier.up_to
            if self.progressive or last:
                counted = reached - below if self.progressive else measured
                asked = tier.amount_fen if tier.each_fen is None else whole_fen(counted * tier.each_fen)
                found.append(Line(asked or 0, _plain(counted), self._condition(below, tier)))
            if last:
                break
            below = reached
        return [line for line in found if line.amount_fen]

    def _condition(self, below: Decimal, tier: Tier) -> str:
        top = "" if tier.up_to is None else f" <= {_plain(tier.up_to)}"
        return f"{_plain(below)} < {self.measure}{top}"

    def tariffs(self) -> Iterator[Tariff]:
        below = Decimal(0)
        for tier in self.tiers:
            yield Tariff(self._condition(below, tier), tier.amount_fen, tier.each_fen, self.measure)
            below = tier.up_to or below


@dataclass(frozen=True, slots=True)
class ByTable:
    """By a decision table (规则表)."""

    table: DecisionTable

    @property
    def names(self) -> frozenset[str]:
        return self.table.names

    def lines(self, lookup: Lookup) -> list[Line]:
        found = []
        for hit in self.table.hits(lookup):
            if hit.amount is not None and (fen := whole_fen(hit.amount)) > 0:
                found.append(Line(fen, self._quantity(hit.rule.amount, lookup), hit.rule.condition.source))
        return found

    @staticmethod
    def _quantity(amount: Expression, lookup: Lookup) -> int | float:
        measured = [measured_by(lookup, name) for name in sorted(amount.names)]
        return _plain(measured[0]) if len(measured) == 1 and measured[0] is not None else 1

    def tariffs(self) -> Iterator[Tariff]:
        for rule in self.table.rules:
            condition, source = rule.condition.source, rule.amount.source.strip()
            if each := _EACH.fullmatch(source):
                yield Tariff(condition, None, int(each[1]), each[2])
            else:
                fixed = rule.amount.evaluate(lambda _: None) if not rule.amount.names else None
                yield Tariff(condition, fixed) if isinstance(fixed, int) else Tariff(condition, formula=source)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What the standard itself takes off (按规则减免): the first that holds. `percent` of the fee, with its source."""

    when: Expression
    percent: int
    legal_source: str


@dataclass(frozen=True, slots=True)
class Calculation:
    """What a standard asks of a case, and from what. Amounts in fen; `inputs` are the answers that it read."""

    power_item: str
    version: int
    in_force_on: date
    lines: tuple[Line, ...]
    reduced: tuple[Line, ...]
    inputs: Mapping[str, object] = field(default_factory=dict)

    @property
    def gross_fen(self) -> int:
        """Before anything that the standard takes off."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def reduced_fen(self) -> int:
        return -sum(line.amount_fen for line in self.reduced)

    @property
    def amount_fen(self) -> int:
        return self.gross_fen - self.reduced_fen

    def as_json(self) -> list[dict[str, Any]]:
        """The lines as a payment notice keeps them, those of a reduction below nothing."""
        return [line.as_json() for line in (*self.lines, *self.reduced)]


@dataclass(frozen=True, slots=True)
class FeeStandard:
    """A version. Version 0 is the power item's own rule, where nothing was laid down as a standard."""

    power_item: str
    version: int
    effective_on: date
    name_zh: str
    item_code: str
    legal_source: str
    charges: tuple[Charge, ...]
    minimum_fen: int | None = None
    cap_fen: int | None = None
    reductions: tuple[Reduction, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The answers that it reads."""
        return frozenset().union(*(c.names for c in self.charges), *(r.when.names for r in self.reductions))

    def calculate(self, lookup: Lookup, on: date) -> Calculation:
        """What it asks of a case with these answers; never less than nothing, never more than its cap."""
        lines = [line for charge in self.charges for line in charge.lines(lookup)]
        lines += self._within_bounds(sum(line.amount_fen for line in lines))
        reduced = self._reduced(sum(line.amount_fen for line in lines), lookup)
        inputs = {name: lookup(name) for name in sorted(self.names)}
        return Calculation(self.power_item, self.version, on, tuple(lines), tuple(reduced), inputs)

    def _within_bounds(self, asked: int) -> list[Line]:
        if self.cap_fen is not None and asked > self.cap_fen:
            return [Line(self.cap_fen - asked, 1, f"cap_fen == {self.cap_fen}")]
        if self.minimum_fen is not None and 0 < asked < self.minimum_fen:
            return [Line(self.minimum_fen - asked, 1, f"minimum_fen == {self.minimum_fen}")]
        return []

    def _reduced(self, asked: int, lookup: Lookup) -> list[Line]:
        first = next((one for one in self.reductions if one.when.holds(lookup)), None)
        off = whole_fen(Decimal(asked) * first.percent / 100) if first is not None else 0
        return [Line(-off, 1, first.when.source)] if first is not None and off > 0 else []

    def tariffs(self) -> list[Tariff]:
        return [tariff for charge in self.charges for tariff in charge.tariffs()]


def in_force(versions: Sequence[FeeStandard], on: date) -> FeeStandard | None:
    """The version that the law applies to a case accepted on that day: the latest that had begun."""
    begun = [one for one in versions if one.effective_on <= on]
    return max(begun, key=lambda one: (one.effective_on, one.version), default=None)


def decided_reduction(asked_fen: int, lookup: Lookup) -> Line | None:
    """What a head has taken off within the case's own diagram (减免审批); None if nothing."""
    decided, part = lookup("reduction_decision"), lookup("reduction_fen")
    off = asked_fen if decided == "full" else part if decided == "part" and type(part) is int else 0
    off = min(off, asked_fen)
    return Line(-off, 1, f"reduction_decision == '{decided}'") if off > 0 else None


def measured_by(lookup: Lookup, name: str) -> Decimal | None:
    """A measure as it was given, exactly; None where it was not."""
    value = exactly(lookup)(name)
    return Decimal(value) if type(value) in (int, Decimal) else None  # type: ignore[arg-type]


def whole_fen(amount: Decimal) -> int:
    """To the fen, half a fen upwards (四舍五入)."""
    return int(min(amount, Decimal(MOST_FEN)).quantize(Decimal(1), ROUND_HALF_UP))


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
