"""Which version of a standard a case goes by, and what it asks of the case: the one place where a fee is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.catalogue.item import PowerItem
from service.database.in_text import in_text
from service.database.rows import read_row
from service.database.tables import fee_standard, user_task
from service.fees.standard_reading import item_content, read_standard
from service.fees.standards import Calculation, FeeStandard, Line, decided_reduction

Lookup = Callable[[str], object]
_IN_FORCE = (
    select(fee_standard.c.version, fee_standard.c.effective_on, fee_standard.c.content)
    .where(fee_standard.c.power_item == bindparam("power_item"), fee_standard.c.effective_on <= bindparam("on"))
    .order_by(fee_standard.c.effective_on.desc(), fee_standard.c.version.desc())
    .limit(in_text(1))
    .offset(in_text(0))  # SQLite's dialect binds one to every limit that has none.
)
_ANSWERS = (
    select(user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)


def standard_in_force(connection: Connection, item: PowerItem, on: date) -> FeeStandard | None:
    """The version in force that day; the item's own rule (version 0) where none was laid down; None without a fee."""
    if item.fee is None or item.fines:
        return None
    row = read_row(connection, _IN_FORCE, {"power_item": item.code, "on": on})
    if row is None:
        return read_standard(item.code, 0, date.min, item_content(item.fee, item.fee.legal_source))
    return read_standard(item.code, row.version, row.effective_on, row.content)


class CaseFee:
    """The fee of one case, computed once it is asked for. `kept` are the names whose answers `lookup` knows."""

    def __init__(
        self,
        connection: Connection,
        case_id: int,
        item: PowerItem | None,
        lookup: Lookup,
        *,
        today: Callable[[], date],
        kept: Collection[str] = (),
    ) -> None:
        self._connection, self._case_id, self._item = connection, case_id, item
        self._lookup, self._today, self._kept = lookup, today, kept

    @cached_property
    def standard(self) -> FeeStandard | None:
        """By the law of the day of acceptance; before that, of today."""
        accepted = self._lookup("accepted_on")
        on = date.fromisoformat(accepted) if isinstance(accepted, str) else accepted
        self.in_force_on = on if isinstance(on, date) else self._today()
        return standard_in_force(self._connection, self._item, self.in_force_on) if self._item is not None else None

    @property
    def calculation(self) -> Calculation | None:
        """What the standard asks by the answers as they are now; None where there is no fee."""
        standard = self.standard
        return self.under(standard) if standard is not None else None

    def under(self, standard: FeeStandard) -> Calculation:
        """What another version would ask of the same case."""
        return standard.calculate(self._answer, getattr(self, "in_force_on", standard.effective_on))

    @property
    def reduction(self) -> Line | None:
        """What was taken off by a decision within the case's own diagram."""
        found = self.calculation
        return decided_reduction(found.amount_fen, self._lookup) if found is not None else None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """[{"amount_fen", "quantity", "condition"}]: what is asked, and below nothing what is taken off."""
        found, off = self.calculation, self.reduction
        return [*(found.as_json() if found else []), *([off.as_json()] if off else [])]

    @property
    def due_fen(self) -> int:
        """What the standard asks of the case after everything that it or the case's own decision takes off."""
        return sum(line["amount_fen"] for line in self.lines)

    @property
    def asked_fen(self) -> int:
        """What the standard asks before anything is taken off."""
        found = self.calculation
        return found.gross_fen if found is not None else 0

    def _answer(self, name: str) -> object:
        value = self._lookup(name)
        return value if value is not None or name in self._kept else self._given.get(name)

    @cached_property
    def _given(self) -> dict[str, Any]:
        """The answers on record: a newer standard may read what no rule read when the case came in."""
        rows = self._connection.execute(_ANSWERS, {"case_id": self._case_id}).scalars()
        return {key: value for answers in rows for key, value in (answers or {}).items()}
