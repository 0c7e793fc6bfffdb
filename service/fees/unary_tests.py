"""Input entries of a decision table (DMN 1.3, ch. 7.3.3 unary tests): read, turned into our grammar, and compared.

What an entry lets through is a set of texts, of truth values or of numbers, so that overlap can be decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MOST_CHARACTERS: Final = 400
_NUMBER = r"-?\d{1,15}(?:\.\d{1,6})?"
_TEXT = re.compile(r'"([^"\'\\]{0,100})"')
_NUMBERS = re.compile(_NUMBER)
_COMPARED = re.compile(rf"(<=|>=|<|>)\s*({_NUMBER})")
_RANGE = re.compile(rf"([\[(\]])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\])\[])")
_NEGATED = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_SPLIT = re.compile(r"""((?:"[^"]*"|[^,"])+)(?:,|$)""")
_TRUTH: Final = {"true": True, "false": False}


class EntryError(ValueError):
    """An input entry that is no unary test of ours; says so in English."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`; None is without end, `open_*` leaves the end itself out."""

    low: Decimal | None
    high: Decimal | None
    open_low: bool = False
    open_high: bool = False

    def meets(self, other: Interval) -> bool:
        """Whether some number lies in both."""
        low, open_low = max(self._from(), other._from())
        high, open_high = min(self._to(), other._to())
        return low < high or (low == high and not (open_low > 0 or open_high < 0))

    def _from(self) -> tuple[Decimal, int]:
        return (Decimal("-Infinity"), 0) if self.low is None else (self.low, int(self.open_low))

    def _to(self) -> tuple[Decimal, int]:
        return (Decimal("Infinity"), 0) if self.high is None else (self.high, -int(self.open_high))


@dataclass(frozen=True, slots=True)
class Entry:
    """An input entry: `source` as written, `values` and `intervals` what it names, `negated` what it leaves out."""

    source: str
    values: frozenset[str | bool] = frozenset()
    intervals: tuple[Interval, ...] = ()
    negated: bool = False

    @property
    def anything(self) -> bool:
        return not self.values and not self.intervals

    def condition(self, name: str) -> str:
        """The same in our grammar, of the input `name`; what is missing passes no test but `-`."""
        tests = [_texts(name, sorted(v for v in self.values if isinstance(v, str)))]
        tests += [f"{name} == {value}" for value in sorted(v for v in self.values if isinstance(v, bool))]
        tests += [_within(name, interval) for interval in self.intervals]
        given = [test for test in tests if test]
        joined = given[0] if len(given) == 1 else " or ".join(f"({test})" for test in given)
        return f"{name} != None and not ({joined})" if self.negated else joined

    def meets(self, other: Entry) -> bool:
        """Whether some value passes both; where that cannot be told of a negated range, it is taken to be so."""
        if self.anything or other.anything:
            return True
        if self.negated and other.negated:
            return True
        if self.negated or other.negated:
            out, kept = (self, other) if self.negated else (other, self)
            return bool(kept.values - out.values) or (bool(kept.intervals) and not out.swallows(kept.intervals))
        if self.values & other.values:
            return True
        return any(one.meets(two) for one in self.intervals for two in other.intervals)

    def swallows(self, intervals: Sequence[Interval]) -> bool:
        """Whether each of these is one of the entry's own."""
        return all(one in self.intervals for one in intervals)


def read_entry(source: str) -> Entry:
    """The entry of a cell: `-`, literals, comparisons and ranges, several with commas, `not(…)` around.

    Raises EntryError.
    """
    text = source.strip()
    if len(text) > MOST_CHARACTERS:
        raise EntryError(f"Expected at most {MOST_CHARACTERS} characters, but found {len(text)}.")
    if text in ("", "-"):
        return Entry("-")
    inner = _NEGATED.fullmatch(text)
    values: set[str | bool] = set()
    intervals: list[Interval] = []
    for part in _parts(inner[1] if inner else text):
        one = _test(part)
        if isinstance(one, Interval):
            intervals.append(one)
        else:
            values.add(one)
    return Entry(text, frozenset(values), tuple(intervals), inner is not None)


def _parts(text: str) -> list[str]:
    found = [part.strip() for part in _SPLIT.findall(text)]
    if not found or "" in found or ",".join(found).replace(" ", "") != text.replace(" ", ""):
        raise EntryError(f"Expected tests parted by commas, but found {text[:60]!r}.")
    return found


def _test(text: str) -> Interval | str | bool:
    if quoted := _TEXT.fullmatch(text):
        return quoted[1]
    if text in _TRUTH:
        return _TRUTH[text]
    if _NUMBERS.fullmatch(text):
        return Interval(Decimal(text), Decimal(text))
    if compared := _COMPARED.fullmatch(text):
        end, strict = Decimal(compared[2]), len(compared[1]) == 1
        below = compared[1].startswith("<")
        return Interval(None, end, open_high=strict) if below else Interval(end, None, open_low=strict)
    if ranged := _RANGE.fullmatch(text):
        low, high = Decimal(ranged[2]), Decimal(ranged[3])
        if low > high:
            raise EntryError(f"Expected a range from low to high, but found {text!r}.")
        return Interval(low, high, ranged[1] != "[", ranged[4] != "]")
    raise EntryError(
        f"Expected a text in double quotes, a number, true, false, a comparison or a range: {text[:60]!r}."
    )


def _texts(name: str, texts: Sequence[str]) -> str:
    if not texts:
        return ""
    if len(texts) == 1:
        return f"{name} == '{texts[0]}'"
    return f"{name} in ({', '.join(repr(text) for text in texts)})"


def _within(name: str, interval: Interval) -> str:
    if interval.low is not None and interval.low == interval.high:
        return f"{name} == {interval.low}"
    low = f"{interval.low} {'<' if interval.open_low else '<='} " if interval.low is not None else ""
    high = f" {'<' if interval.open_high else '<='} {interval.high}" if interval.high is not None else ""
    return f"{low}{name}{high}"
