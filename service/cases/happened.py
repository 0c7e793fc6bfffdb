"""What an act did, as frozen facts for the subscribers that `main` registers. Supervision decides from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case as far as an alarm must know it."""

    case_id: int
    number: str
    kind: str
    power_item: str | None
    department: str
    applicant_name: str
    handling_type: str = ""


@dataclass(frozen=True, slots=True)
class TooEarlyActed:
    """A person acted before the step's minimum duration (用时过短). `halted`: the act does not count."""

    task_id: str
    element_id: str
    step_zh: str
    step_en: str
    group: str | None
    halted: bool
    entered_at: datetime
    earliest_at: datetime
    acted_at: datetime
    person_id: int
    person_name: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class TerminalShared:
    """Two acts that separation keeps apart came from one terminal, too close together (权力集中). The second is held.

    `key` tells this holding from every other one.
    """

    key: str
    element_id: str
    step_zh: str
    step_en: str
    group: str
    person_id: int
    person_name: str
    acted_at: datetime
    earlier_group: str
    earlier_person_id: int
    earlier_person_name: str
    earlier_at: datetime
    terminal: str
    address: str


@dataclass(frozen=True, slots=True)
class LimitReached:
    """A share of a limit is gone (blue, yellow) or the limit has passed (red). `role` is the timer's."""

    timer_id: str
    role: str
    colour: str
    element_id: str
    step_zh: str
    step_en: str
    due_at: datetime
    counted_from: datetime
    limit_value: int | None
    limit_unit: str | None
    # Whose step it is, where that is not the case's own department.
    department: str | None = None


@dataclass(frozen=True, slots=True)
class DeemedAccepted:
    """Nobody told the applicant anything in time: accepted by law (行政许可法 Art. 32), perhaps with gaps."""

    element_id: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HaltRuled:
    """The level-1 supervisor has ruled on a halt: `redo`, `void` or `release`, with the ground.

    `task_id` tells the ruling from every other one; where an act was held it is the holding's key.
    """

    task_id: str
    element_id: str
    ruling: str
    reason: str
    person_id: int
    person_name: str


@dataclass(frozen=True, slots=True)
class PrintRefused:
    """Somebody tried to print before the fee was paid."""

    document_kind: str
    person_id: int
    person_name: str


@dataclass(frozen=True, slots=True)
class FineOverdue:
    """The time to pay a fine is over, and `owed_fen` of it is not paid."""

    element_id: str
    owed_fen: int


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """The bank took a payment back; `owed_fen` is owed again. `printed`: what had to be paid for is in use already."""

    receipt_no: str
    amount_fen: int
    owed_fen: int
    printed: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class CaseDecided:
    """A decision was entered. `minimum` is the item's own for a whole case, an ISO 8601 duration."""

    element_id: str
    decision: str
    accepted_at: datetime
    decided_at: datetime
    minimum: str | None


@dataclass(frozen=True, slots=True)
class OrderMoved:
    """A step of a supervision order's own case: an operation ran, or a task was completed with `answers`."""

    operation: str
    element_id: str
    person_id: int | None
    answers: Mapping[str, Any] = field(default_factory=dict)


Happened = (
    TooEarlyActed
    | TerminalShared
    | LimitReached
    | DeemedAccepted
    | HaltRuled
    | PrintRefused
    | FineOverdue
    | PaymentReversed
    | CaseDecided
    | OrderMoved
)
