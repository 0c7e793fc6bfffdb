"""Whether a receipt of the treasury and what the bank has told are the same money. Pure; nothing is booked here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Final, Protocol

from service.fees.differences import CANDIDATE_DAYS, same_payer

# Of one payer's notices so many together, out of so many: more would be arithmetic and no evidence.
MOST_TOGETHER: Final = 4
MOST_LOOKED_AT: Final = 12


class Told(Protocol):
    """An entry of the ledger that a receipt of the bank has brought; `case_id` None: under a code that nobody gave."""

    @property
    def case_id(self) -> int | None: ...
    @property
    def pay_code(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...


class Said(Protocol):
    """A receipt as the treasury's file has it."""

    @property
    def pay_code(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Match:
    """What became of a receipt: its status and why, the case, and the notice under which it counts."""

    status: str
    why: str | None = None
    case_id: int | None = None
    code: str | None = None


def against_the_bank(told: Sequence[Told], receipt: Said) -> Match:
    """The bank has told of this receipt before; both must say the same. Where they do not, the bank's code counts."""
    first = told[0]
    if first.case_id is None:
        return Match("unmatched", "unknown_code")
    if receipt.pay_code and first.pay_code != receipt.pay_code:
        return Match("differs", "pay_code", first.case_id, first.pay_code)
    if sum(entry.amount_fen for entry in told) != receipt.amount_fen:
        return Match("differs", "amount", first.case_id, first.pay_code)
    return Match("matched", None, first.case_id, first.pay_code)


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that still asks for `left_fen`; or money of the bank that no file has, under the number `told_as`."""

    pay_code: str
    case: str
    department: str
    item_code: str
    payer: str
    left_fen: int
    made_on: date
    told_as: str = ""


@dataclass(frozen=True, slots=True)
class LostReceipt:
    """A receipt that found no notice by itself."""

    receipt_no: str
    department: str
    item_code: str
    payer: str
    amount_fen: int
    paid_on: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """Notices that a receipt may pay: `parts` by payment code; with `others` it pays one together.

    `reasons` say what speaks for it: payer, amount, item, sum, together, part, told. Where payer and amount agree
    one person may confirm it (DOMAIN section 6), else two.
    """

    parts: Mapping[str, int]
    reasons: tuple[str, ...]
    days_apart: int
    others: tuple[str, ...] = ()
    told_as: str = ""

    @property
    def sure(self) -> bool:
        return "payer" in self.reasons and ("amount" in self.reasons or "sum" in self.reasons)


def candidates_of(
    receipt: LostReceipt, notices: Iterable[OpenNotice], others: Iterable[LostReceipt]
) -> list[Candidate]:
    """What a receipt may belong to, the likeliest first: one notice, several of its payer, a part, one with others.

    Department and fifteen days either way bound them all; a receipt without department is like nothing.
    """
    near = [one for one in notices if _near(receipt, one)]
    found = [*_single(receipt, near), *_several(receipt, near), *_together(receipt, near, others)]
    return sorted(found, key=lambda one: (not one.sure, -len(one.reasons), one.days_apart, sorted(one.parts)))


def _near(receipt: LostReceipt, one: OpenNotice) -> bool:
    apart = abs(one.made_on - receipt.paid_on)
    return receipt.department != "" and one.department == receipt.department and apart <= timedelta(days=CANDIDATE_DAYS)


def _single(receipt: LostReceipt, near: Sequence[OpenNotice]) -> Iterator[Candidate]:
    """Payer, amount and item, of which two must agree; a payer's smaller sum is a part."""
    for one in near:
        payer, amount = same_payer(one.payer, receipt.payer), one.left_fen == receipt.amount_fen
        item = receipt.item_code != "" and one.item_code == receipt.item_code
        part = payer and receipt.amount_fen < one.left_fen and not one.told_as
        if payer + amount + item < 2 or not (amount or part):
            continue
        said = {"payer": payer, "amount": amount, "item": item, "part": part, "told": bool(one.told_as)}
        reasons = tuple(name for name, holds in said.items() if holds)
        yield Candidate({one.pay_code: receipt.amount_fen}, reasons, _apart(receipt, one), told_as=one.told_as)


def _several(receipt: LostReceipt, near: Sequence[OpenNotice]) -> Iterator[Candidate]:
    """One receipt for several notices of its payer that add up to it."""
    own = [one for one in near if same_payer(one.payer, receipt.payer) and not one.told_as][:MOST_LOOKED_AT]
    for number in range(2, MOST_TOGETHER + 1):
        for some in combinations(own, number):
            if sum(one.left_fen for one in some) == receipt.amount_fen:
                apart = max(_apart(receipt, one) for one in some)
                yield Candidate({one.pay_code: one.left_fen for one in some}, ("payer", "sum"), apart)


def _together(receipt: LostReceipt, near: Sequence[OpenNotice], others: Iterable[LostReceipt]) -> Iterator[Candidate]:
    """Several receipts of one payer that add up to a notice; each is confirmed for its own part."""
    own = [one for one in others if same_payer(one.payer, receipt.payer) and one.department == receipt.department]
    for notice in near:
        if notice.told_as or not same_payer(notice.payer, receipt.payer):
            continue
        for number in range(1, MOST_TOGETHER):
            for some in combinations(own[:MOST_LOOKED_AT], number):
                if receipt.amount_fen + sum(one.amount_fen for one in some) == notice.left_fen:
                    numbers = tuple(one.receipt_no for one in some)
                    part = {notice.pay_code: receipt.amount_fen}
                    yield Candidate(part, ("payer", "together"), _apart(receipt, notice), numbers)


def _apart(receipt: LostReceipt, one: OpenNotice) -> int:
    return abs((one.made_on - receipt.paid_on).days)
