"""The double-entry ledger of a case as frozen values: accounts, entries, balances and the posting rules. Pure.

Every entry moves one amount from an account to another, so that no set of entries can fail to balance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Account(StrEnum):
    """The accounts. What debits increase: assessed, notified, bank, cash, reduced, written_off; credits: others."""

    ASSESSED = "assessed"  # 应收未通知: owed, no payment notice yet
    NOTIFIED = "notified"  # 应收已通知: owed under a payment notice
    BANK = "bank"  # 代收银行、财政专户
    CASH_OFFICER = "cash_officer"  # 执法人员当场收缴的现金，未交至本机关
    CASH_ORGAN = "cash_organ"  # 本机关收到的现金，未缴付银行
    REDUCED = "reduced"  # 减免
    WRITTEN_OFF = "written_off"  # 核销
    INCOME = "income"  # 非税收入
    OVERPAID = "overpaid"  # 多缴待处理: more than the notice asked for
    UNMATCHED = "unmatched"  # 待查款: the bank's money that belongs to no notice
    REFUND_DUE = "refund_due"  # 应退: decided, not paid back yet


_A = Account
# kind -> the (debit, credit) pairs that it may post. Nothing else may stand in the ledger.
RULES: Mapping[str, frozenset[tuple[Account, Account]]] = MappingProxyType(
    {
        "fee_assessed": frozenset({(_A.ASSESSED, _A.INCOME)}),
        "fine_assessed": frozenset({(_A.ASSESSED, _A.INCOME)}),
        "surcharge_assessed": frozenset({(_A.ASSESSED, _A.INCOME)}),
        "notice_issued": frozenset({(_A.NOTIFIED, _A.ASSESSED)}),
        "notice_withdrawn": frozenset({(_A.ASSESSED, _A.NOTIFIED)}),
        "received": frozenset(
            {(_A.BANK, _A.NOTIFIED), (_A.BANK, _A.OVERPAID), (_A.BANK, _A.UNMATCHED), (_A.BANK, _A.CASH_ORGAN)}
        ),
        "applied": frozenset({(_A.OVERPAID, _A.NOTIFIED), (_A.UNMATCHED, _A.OVERPAID)}),
        "reversed": frozenset(
            {
                *((_A.NOTIFIED, _A.BANK), (_A.ASSESSED, _A.BANK), (_A.OVERPAID, _A.BANK), (_A.REFUND_DUE, _A.BANK)),
                *((_A.UNMATCHED, _A.BANK), (_A.CASH_ORGAN, _A.BANK)),
            }
        ),
        "taken_on_the_spot": frozenset({(_A.CASH_OFFICER, _A.ASSESSED)}),
        "handed_over": frozenset({(_A.CASH_ORGAN, _A.CASH_OFFICER)}),
        "reduced_by_rule": frozenset({(_A.REDUCED, _A.ASSESSED)}),
        "reduced_by_case": frozenset({(_A.REDUCED, _A.ASSESSED), (_A.REDUCED, _A.NOTIFIED), (_A.REDUCED, _A.OVERPAID)}),
        "written_off": frozenset({(_A.WRITTEN_OFF, _A.ASSESSED), (_A.WRITTEN_OFF, _A.NOTIFIED)}),
        "refund_approved": frozenset({(_A.OVERPAID, _A.REFUND_DUE), (_A.INCOME, _A.REFUND_DUE)}),
        "refunded": frozenset({(_A.REFUND_DUE, _A.BANK)}),
    }
)
CHARGES = ("fee", "fine", "surcharge")
_DEBIT = frozenset({_A.ASSESSED, _A.NOTIFIED, _A.BANK, _A.CASH_OFFICER, _A.CASH_ORGAN, _A.REDUCED, _A.WRITTEN_OFF})


@dataclass(frozen=True, slots=True)
class Entry:
    """So many fen from `credit` to `debit`. `reference` names what posted it: no two entries of one are alike."""

    kind: str
    reference: str
    debit: Account
    credit: Account
    amount_fen: int
    pay_code: str = ""

    def __post_init__(self) -> None:
        if self.amount_fen <= 0 or (self.debit, self.credit) not in RULES.get(self.kind, ()):
            raise ValueError(f"Expected an entry that the rules allow, but found {self!r}")

    def told(self) -> list[str | int]:
        """The entry as the case's history carries it."""
        return [self.kind, self.reference, self.debit.value, self.credit.value, self.amount_fen]


@dataclass(frozen=True)
class Books:
    """What the ledger says of one case. All amounts in fen, each account counted in its natural direction."""

    written: tuple[Entry, ...] = ()
    brought_forward: tuple[Entry, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.brought_forward + self.written

    def balance(self, account: Account, pay_code: str | None = None) -> int:
        """The account's balance, of one payment code alone where one is named."""
        found = 0
        for entry in self.entries:
            if pay_code is None or entry.pay_code == pay_code:
                found += entry.amount_fen * ((entry.debit == account) - (entry.credit == account))
        return found if account in _DEBIT else -found

    def of_kind(self, *kinds: str) -> int:
        return sum(entry.amount_fen for entry in self.entries if entry.kind in kinds)

    @property
    def codes(self) -> list[str]:
        """The payment codes of notices that were issued and not withdrawn."""
        gone = {entry.pay_code for entry in self.entries if entry.kind == "notice_withdrawn"}
        return [e.pay_code for e in self.entries if e.kind == "notice_issued" and e.pay_code not in gone]

    @property
    def outstanding(self) -> int:
        """What is owed and neither paid, reduced nor written off."""
        return self.balance(_A.ASSESSED) + self.balance(_A.NOTIFIED)

    @property
    def in_hand(self) -> int:
        """What was taken on the spot and is not at the bank yet (行政处罚法 Art. 71)."""
        return self.balance(_A.CASH_OFFICER) + self.balance(_A.CASH_ORGAN)

    @property
    def kept(self) -> int:
        """The money that the treasury has and may keep."""
        held = self.balance(_A.OVERPAID) + self.balance(_A.UNMATCHED) + self.balance(_A.REFUND_DUE)
        return self.balance(_A.BANK) - held

    def then(self, entries: Iterable[Entry]) -> Books:
        """The books after these entries."""
        return Books((*self.written, *entries), self.brought_forward)


def assess(charge: str, reference: str, amount_fen: int) -> list[Entry]:
    """A fee, a fine or a surcharge falls due; `charge` is one of CHARGES."""
    return _moves(f"{charge}_assessed", reference, [(_A.ASSESSED, _A.INCOME, amount_fen)])


def reduce_by_rule(reference: str, amount_fen: int) -> list[Entry]:
    """What the standard itself takes off, at the moment of assessment."""
    return _moves("reduced_by_rule", reference, [(_A.REDUCED, _A.ASSESSED, amount_fen)])


def issue(books: Books, pay_code: str, amount_fen: int) -> list[Entry]:
    """A payment notice over what is assessed. ValueError if that is less."""
    _require(amount_fen <= books.balance(_A.ASSESSED), "as much assessed as the notice asks for")
    return _moves("notice_issued", f"notice/{pay_code}", [(_A.NOTIFIED, _A.ASSESSED, amount_fen)], pay_code)


def withdraw(books: Books, pay_code: str) -> list[Entry]:
    """A notice is void: what it still asks for is owed as before."""
    left = books.balance(_A.NOTIFIED, pay_code)
    return _moves("notice_withdrawn", f"withdrawn/{pay_code}", [(_A.ASSESSED, _A.NOTIFIED, left)], pay_code)


def receive(books: Books, pay_code: str, receipt: str, amount_fen: int) -> list[Entry]:
    """Money under a payment code: first what its notice still asks for, the rest is overpaid."""
    booked = min(amount_fen, books.balance(_A.NOTIFIED, pay_code))
    moves = [(_A.BANK, _A.NOTIFIED, booked), (_A.BANK, _A.OVERPAID, amount_fen - booked)]
    return _moves("received", receipt_reference(receipt), moves, pay_code)


def take_on_the_spot(books: Books, ticket: str, amount_fen: int) -> list[Entry]:
    """An officer has taken a fine against a ticket. ValueError if it is not all that is owed without a notice."""
    _require(amount_fen == books.balance(_A.ASSESSED), "a ticket over the whole fine")
    return _moves("taken_on_the_spot", ticket_reference(ticket), [(_A.CASH_OFFICER, _A.ASSESSED, amount_fen)])


def hand_over(books: Books, ticket: str) -> list[Entry]:
    """The organ has the money of a ticket from its officer."""
    held = books.balance(_A.CASH_OFFICER)
    return _moves("handed_over", f"handed_over/{ticket}", [(_A.CASH_ORGAN, _A.CASH_OFFICER, held)])


def remit(books: Books, pay_code: str, receipt: str, amount_fen: int) -> list[Entry]:
    """The organ's money under a payment code has come to the bank; what is more than it held is overpaid."""
    booked = min(amount_fen, books.balance(_A.CASH_ORGAN))
    moves = [(_A.BANK, _A.CASH_ORGAN, booked), (_A.BANK, _A.OVERPAID, amount_fen - booked)]
    return _moves("received", receipt_reference(receipt), moves, pay_code)


def ticket_reference(ticket: str) -> str:
    """How the ledger calls a numbered ticket."""
    return f"ticket/{ticket}"


def receive_unmatched(receipt: str, amount_fen: int) -> list[Entry]:
    """Money under a code that nobody gave out."""
    return _moves("received", receipt_reference(receipt), [(_A.BANK, _A.UNMATCHED, amount_fen)])


def apply_overpaid(books: Books, pay_code: str, reference: str, amount_fen: int) -> list[Entry]:
    """Overpaid money pays a standing notice of the same case, as far as both reach."""
    booked = min(amount_fen, books.balance(_A.OVERPAID), books.balance(_A.NOTIFIED, pay_code))
    return _moves("applied", reference, [(_A.OVERPAID, _A.NOTIFIED, booked)], pay_code)


def reverse(books: Books, receipt: str) -> list[Entry]:
    """The bank took a payment back (冲正): each account gives back what this receipt brought, and it is owed again.

    What was to be refunded of it has gone back with it. Money that has left the account since is owed by the payer. A
    receipt is reversed once; nothing comes of one that brought nothing.
    """
    entries: list[Entry] = []
    reference = reversal_reference(receipt)
    if any(e.reference == reference for e in books.entries):
        return []
    for e in books.entries:
        if e.kind == "received" and e.reference == receipt_reference(receipt):
            moves = _given_back(books.then(entries), e)
            entries += _moves("reversed", reference, [(to, _A.BANK, fen) for to, fen in moves.items()], e.pay_code)
    return _as_one(entries)


def _given_back(books: Books, received: Entry) -> dict[Account, int]:
    """How much each account gives back of what an entry brought."""
    if received.credit in (_A.UNMATCHED, _A.CASH_ORGAN):
        return {received.credit: received.amount_fen}
    found, left = {}, received.amount_fen
    for account in (_A.OVERPAID, _A.REFUND_DUE) if received.credit == _A.OVERPAID else (_A.REFUND_DUE,):
        found[account] = min(left, books.balance(account))
        left -= found[account]
    stands = received.credit == _A.NOTIFIED and received.pay_code in books.codes
    found[_A.NOTIFIED if stands else _A.ASSESSED] = left
    return found


def _as_one(entries: Iterable[Entry]) -> list[Entry]:
    """Entries of one reference between the same accounts under the same code are one."""
    sums: dict[tuple[str, str, Account, Account, str], int] = {}
    for e in entries:
        key = e.kind, e.reference, e.debit, e.credit, e.pay_code
        sums[key] = sums.get(key, 0) + e.amount_fen
    return [Entry(kind, ref, debit, credit, fen, code) for (kind, ref, debit, credit, code), fen in sums.items()]


def reduce(books: Books, reference: str, amount_fen: int) -> list[Entry]:
    """An approved reduction: off what is owed; what was paid already becomes money to give back.

    ValueError if more is reduced than was assessed and not reduced before, or what is to be given back is on its way.
    """
    room = books.of_kind("fee_assessed", "fine_assessed", "surcharge_assessed") - books.balance(_A.REDUCED)
    _require(amount_fen <= room - books.balance(_A.WRITTEN_OFF), "a reduction of at most what was assessed")
    entries, left = _off_the_debt("reduced_by_case", reference, books, _A.REDUCED, amount_fen)
    _require(left == 0 or books.in_hand == 0, "money at the bank before it is given back")
    return [*entries, *_moves("reduced_by_case", reference, [(_A.REDUCED, _A.OVERPAID, left)])]


def write_off(books: Books, reference: str, amount_fen: int) -> list[Entry]:
    """A debt that nobody can collect. ValueError if it is more than what is owed."""
    entries, left = _off_the_debt("written_off", reference, books, _A.WRITTEN_OFF, amount_fen)
    _require(left == 0, "a write-off of at most what is owed")
    return entries


def approve_refund(books: Books, reference: str, amount_fen: int) -> list[Entry]:
    """Money to give back: overpaid money first, then what was kept. ValueError if the treasury holds less."""
    over = min(amount_fen, books.balance(_A.OVERPAID))
    _require(amount_fen - over <= books.kept, "a refund of at most what was paid")
    moves = [(_A.OVERPAID, _A.REFUND_DUE, over), (_A.INCOME, _A.REFUND_DUE, amount_fen - over)]
    return _moves("refund_approved", reference, moves)


def pay_refund(books: Books, reference: str, amount_fen: int) -> list[Entry]:
    """The bank paid it back. ValueError if that much was not decided."""
    _require(amount_fen <= books.balance(_A.REFUND_DUE), "a refund that was decided before")
    return _moves("refunded", reference, [(_A.REFUND_DUE, _A.BANK, amount_fen)])


def passed_on(entries: Iterable[Entry]) -> dict[str, int]:
    """Of a case's entries: how much of what came too much under each code pays another notice, or its own anew."""
    over: dict[str, int] = {}
    applied = 0
    for e in entries:
        if e.kind == "applied" and e.debit == _A.OVERPAID:
            applied += e.amount_fen
        elif _A.OVERPAID in (e.debit, e.credit):
            over[e.pay_code] = over.get(e.pay_code, 0) + e.amount_fen * (1 if e.credit == _A.OVERPAID else -1)
    found: dict[str, int] = {}
    for code, fen in over.items():
        if (part := min(applied, fen)) > 0:
            found[code] = part
            applied -= part
    return found


def receipt_reference(receipt: str) -> str:
    """How the ledger calls a receipt of the bank."""
    return f"receipt/{receipt}"


def reversal_reference(receipt: str) -> str:
    """How the ledger calls the reversal of a receipt."""
    return f"reversal/{receipt}"


def faults(books: Books) -> list[str]:
    """What cannot be in books that the rules above have kept; empty for sound ones.

    Of a payment that was refunded and then reversed the bank has given more than it took: the payer owes it.
    """
    total = sum((1 if a in _DEBIT else -1) * books.balance(a) for a in Account)
    found = [f"debits and credits differ by {total}"] if total else []
    twice = {_A.BANK} if books.of_kind("refunded") and books.of_kind("reversed") else set()
    below = [a for a in Account if a not in {_A.INCOME, *twice} and books.balance(a) < 0]
    found += [f"{a.value} is {books.balance(a)}" for a in below]
    codes = {entry.pay_code for entry in books.entries if entry.pay_code}
    for code in sorted(codes):
        if (left := books.balance(_A.NOTIFIED, code)) < 0:
            found.append(f"notice {code} is {left}")
    repeated = Counter((e.reference, e.debit, e.credit, e.pay_code) for e in books.entries)
    return found + [f"{reference} was posted {n} times" for (reference, *_), n in repeated.items() if n > 1]


def _off_the_debt(kind: str, reference: str, books: Books, to: Account, amount_fen: int) -> tuple[list[Entry], int]:
    """Entries that take an amount off the debt, and what of it the debt did not cover."""
    entries, left = [], amount_fen
    if (part := min(left, books.balance(_A.ASSESSED))) > 0:
        entries.append(Entry(kind, reference, to, _A.ASSESSED, part))
        left -= part
    for code in sorted({e.pay_code for e in books.entries if e.pay_code}):
        if (part := min(left, books.balance(_A.NOTIFIED, code))) > 0:
            entries.append(Entry(kind, reference, to, _A.NOTIFIED, part, code))
            left -= part
    return entries, left


def _moves(kind: str, reference: str, moves: Iterable[tuple[Account, Account, int]], pay_code: str = "") -> list[Entry]:
    return [Entry(kind, reference, debit, credit, fen, pay_code) for debit, credit, fen in moves if fen > 0]


def _require(holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(f"Expected {expected}")
