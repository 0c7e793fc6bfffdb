"""A decision table (DMN 1.3, ch. 8) whose outputs are amounts in fen. Its cells are our closed grammar; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from service.expressions import Expression, compile_expression
from service.fees.unary_tests import Entry

Lookup = Callable[[str], object]
# unique, any, first; and of all that hit: the sum, the least, the most, their number (DMN 1.3, 8.2.8).
HIT_POLICIES: Final = ("U", "A", "F", "C+", "C<", "C>")
MOST_RULES: Final = 200
MOST_INPUTS: Final = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: an entry for each input, and the amount as an expression over what is asked of the case."""

    entries: tuple[Entry, ...]
    amount: Expression
    condition: Expression
    note: str = ""

    def overlaps(self, other: Rule) -> bool:
        return all(mine.meets(theirs) for mine, theirs in zip(self.entries, other.entries, strict=True))


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds for a case, and what it asks before any rounding; None where something is not measured yet."""

    rule: Rule
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """`inputs` are names of answers, one for each column."""

    hit_policy: str
    inputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.inputs).union(*(rule.amount.names for rule in self.rules))

    def hits(self, lookup: Lookup) -> list[Hit]:
        """What counts by the hit policy: one hit at most, but all of them under C+."""
        exact = exactly(lookup)
        found = [Hit(rule, _amount(rule, exact)) for rule in self.rules if rule.condition.holds(lookup)]
        if self.hit_policy == "C+" or len(found) <= 1:
            return found
        if self.hit_policy in ("C<", "C>"):
            told = [hit for hit in found if hit.amount is not None]
            pick = min if self.hit_policy == "C<" else max
            return [pick(told, key=lambda hit: hit.amount or Decimal(0))] if told else []
        return found[:1]

    def overlaps(self) -> Iterator[tuple[int, int]]:
        """Pairs of rules (from 1) that some case could hit at once, where the policy does not allow it.

        Under A both may be hit as long as they ask for the same.
        """
        if self.hit_policy not in ("U", "A"):
            return
        for (i, one), (j, two) in combinations(enumerate(self.rules, start=1), 2):
            same = self.hit_policy == "A" and one.amount.source == two.amount.source
            if not same and one.overlaps(two):
                yield i, j


def rule_of(inputs: Sequence[str], entries: Sequence[Entry], amount: Expression, note: str = "") -> Rule:
    """A row with its entries as one condition of our grammar. Raises ExpressionError where that is too long."""
    tests = [e.condition(name) for name, e in zip(inputs, entries, strict=True) if not e.anything]
    joined = tests[0] if len(tests) == 1 else " and ".join(f"({test})" for test in tests) or "True"
    return Rule(tuple(entries), amount, compile_expression(joined), note)


def exactly(lookup: Lookup) -> Lookup:
    """The same answers with numbers as decimals, so that no product loses a fen."""

    def look(name: str) -> object:
        value = lookup(name)
        return Decimal(str(value)) if type(value) is float else value

    return look


def _amount(rule: Rule, exact: Lookup) -> Decimal | None:
    value = rule.amount.evaluate(exact)
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
