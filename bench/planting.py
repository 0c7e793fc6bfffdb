"""Payments and receipts by the hundred thousand, most of them in order, with differences of every class planted.

The cases are copies of one that was really started. What is planted is told: whoever compares can be held to it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from bench.cloning import clone_rows
from service.database.session import is_sqlite
from service.database.tables import ledger_entry, payment_notice
from service.fees.receipt_mapping import FIELDS

FEE_FEN: Final = 8_000
ITEM: Final = "103044801"
# One in so many notices has something planted, class after class.
EVERY: Final = 500
DEPARTMENT, OTHER_DEPARTMENT = "YJ", "SG"
_BATCH: Final = 20_000
Planted = dict[str, set[tuple[str, str, int]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """`number` notices of `days` days before `today`; the first of all days was `begun`."""

    number: int
    today: date
    begun: date

    @property
    def days(self) -> int:
        return (self.today - self.begun).days

    def code(self, n: int) -> str:
        """Payment codes do not follow the order in which notices are made, as the county's own do not."""
        return f"32{(n * 7_919_111_317 + 13) % 10**18:018d}"

    def kind(self, n: int) -> str:
        """What is planted at a notice; empty for one that is in order."""
        return f"D{n // EVERY % 10 + 1}" if n % EVERY == 7 else ""

    def made_on(self, n: int) -> date:
        """Ten days and more before today: what is paid is in the treasury by then."""
        return self.begun + timedelta(days=n % max(self.days - 20, 1))

    def paid_on(self, n: int) -> date:
        return self.made_on(n) + timedelta(days=2)


def _noon(on: date, zone: Any) -> datetime:
    return datetime(on.year, on.month, on.day, 12, tzinfo=zone)


def plant_system(connection: Connection, plan: Plan, case_id: int, zone: Any) -> int:
    """The system's side: cases, notices, the bank's payments; the first copied case's id."""
    first = int(connection.execute(text('SELECT max(id) FROM "case"')).scalar_one()) + 1
    copies = clone_rows("case", plan.number, id=f"{first - 1} + n", number="'C' || n")
    connection.execute(text(copies), {"of": case_id})
    entered = text('UPDATE "case" SET created_at = :at WHERE id = :id')
    for batch in _batches(plan.number):
        days = ((n, _noon(_entered_on(plan, n), zone)) for n in batch)
        connection.execute(entered, [{"id": first + n, "at": _as_stored(connection, at)} for n, at in days])
        connection.execute(insert(payment_notice).inline(), [_notice(plan, n, first, zone) for n in batch])
        paid = [_payment(plan, n, first, zone) for n in batch if plan.kind(n) not in _UNPAID_AT_THE_BANK]
        connection.execute(insert(ledger_entry).inline(), paid)
    return first


# Nobody has paid; or the treasury alone tells of it, for another sum or without a code.
_UNPAID_AT_THE_BANK: Final = frozenset({"D1", "D2", "D3", "D4", "D5"})


def _entered_on(plan: Plan, n: int) -> date:
    """A case that is entered a day after its money is D6."""
    return plan.paid_on(n) + timedelta(days=1) if plan.kind(n) == "D6" else plan.made_on(n)


def _as_stored(connection: Connection, at: datetime) -> Any:
    return int(at.timestamp() * 1_000_000) if is_sqlite(connection) else at


def _notice(plan: Plan, n: int, first: int, zone: Any) -> dict[str, Any]:
    made = _noon(plan.made_on(n), zone)
    due = _noon(plan.today + timedelta(days=20), zone) if plan.kind(n) == "D1" else made + timedelta(days=8)
    unpaid = plan.kind(n) in _UNPAID_AT_THE_BANK
    return {
        "case_id": first + n,
        "pay_code": plan.code(n),
        "item_code": ITEM,
        "name_zh": "不动产登记费",
        "payer": f"缴款人{n}",
        "amount_fen": FEE_FEN,
        "lines": [],
        "status": "unpaid" if unpaid else "paid",
        "made_at": made,
        "due_at": due,
        "pay_url": None,
        "paid_at": None,
        "bank_reference": None if unpaid else f"R{n}",
    }


def _payment(plan: Plan, n: int, first: int, zone: Any) -> dict[str, Any]:
    return {
        "case_id": first + n,
        "kind": "received",
        "reference": f"receipt/R{n}",
        "debit": "bank",
        "credit": "notified",
        "amount_fen": FEE_FEN,
        "pay_code": plan.code(n),
        "at": _noon(plan.paid_on(n), zone),
        "person_id": None,
        "ground": None,
    }


def write_file(plan: Plan, file: Path) -> None:
    """The treasury's side as a file of the standard columns, a receipt for each notice."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(FIELDS)
        for n in range(plan.number):
            writer.writerows(_receipts(plan, n))


def _receipts(plan: Plan, n: int) -> Iterator[tuple[Any, ...]]:
    """What the treasury has of a notice."""
    kind, on = plan.kind(n), plan.paid_on(n)

    def row(number: str, **changed: Any) -> tuple[Any, ...]:
        told = {
            "receipt_no": number,
            "pay_code": plan.code(n),
            "dept_code": DEPARTMENT,
            "item_code": ITEM,
            "payer": f"缴款人{n}",
            "amount_fen": FEE_FEN,
            "paid_on": on,
            "treasury_on": on + timedelta(days=1),
            "bank": "临江农商行",
            "kind": "行政事业性收费",
            "note": "",
            **changed,
        }
        return tuple(told[name] for name in FIELDS)

    if kind in ("", "D6"):
        yield row(f"R{n}")
    elif kind in ("D3", "D4"):
        yield row(f"R{n}", amount_fen=FEE_FEN + (-3_000 if kind == "D3" else 1_000))
    elif kind == "D5":
        yield row(f"R{n}", pay_code="", payer=f"无办件{n}", amount_fen=20_000)
    elif kind == "D7":
        yield row(f"R{n}", dept_code=OTHER_DEPARTMENT)
    elif kind == "D8":
        yield row(f"R{n}")
        yield row(f"S{n}")
    elif kind == "D10":
        yield row(f"R{n}")
        yield row(f"B{n}", amount_fen=FEE_FEN, kind="退付")


def _differences(plan: Plan, n: int) -> Iterator[tuple[str, str, int]]:
    """(payment code, receipt, fen) of what is planted; a receipt without a code is found without one."""
    kind, code = plan.kind(n), plan.code(n)
    if kind in ("D1", "D2"):
        yield code, "", FEE_FEN
    elif kind == "D3":
        yield code, "", 3_000
    elif kind == "D4":
        yield code, f"R{n}", 1_000
    elif kind == "D5":
        yield "", f"R{n}", 20_000
    elif kind in ("D6", "D7", "D9"):
        yield code, f"R{n}", FEE_FEN
    elif kind == "D8":
        yield code, f"S{n}", FEE_FEN
    elif kind == "D10":
        yield code, f"B{n}", FEE_FEN


def expected(plan: Plan) -> Planted:
    """Everything that a comparison has to find: what is planted, and what lies behind a receipt without a code.

    Whoever pays without a code leaves his notice unpaid (D2).
    """
    planted: Planted = {f"D{n}": set() for n in range(1, 11)}
    for n in range(7, plan.number, EVERY):
        planted[plan.kind(n)] |= set(_differences(plan, n))
        if plan.kind(n) == "D5":
            planted["D2"].add((plan.code(n), "", FEE_FEN))
    return planted


def _batches(number: int) -> Iterator[range]:
    for begin in range(0, number, _BATCH):
        yield range(begin, min(begin + _BATCH, number))
