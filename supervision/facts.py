"""What a pass of supervision knows of the county, as frozen facts. Rules read nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Place:
    """Whose affair something is: what settings of a rule are chosen by."""

    department: str
    item: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case as evidence names it."""

    id: int
    number: str
    place: Place


@dataclass(frozen=True, slots=True)
class Act:
    """An event of a case's history that a person did. `code` is that of a refusal, `post` the one it was
    done by, `group` the step's in the separation of roles.
    """

    case: CaseRef
    seq: int
    at: datetime
    kind: str
    person_id: int
    person: str
    principal_id: int | None = None
    post: str | None = None
    element_id: str | None = None
    step_zh: str = ""
    step_en: str = ""
    code: str = ""
    group: str | None = None
    # The entry of a paper receipt after an outage (停机补录), where nobody has objected to the outage.
    from_paper: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that was completed: how long it was open, and how long the same step of the item took in earlier cases."""

    act: Act
    task_id: str
    seconds: float
    earlier: tuple[float, ...]
    has_minimum: bool


@dataclass(frozen=True, slots=True)
class FileSeen:
    id: int
    case: CaseRef
    material: str
    digest: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """A clock stop; `due_at` of the limit that it stopped, as it stood when the stop began."""

    id: int
    case: CaseRef
    element_id: str
    basis: str
    started_at: datetime
    planned_end_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A payment notice; `lines_fen` is what its lines, made by the standard, add up to."""

    id: int
    case: CaseRef
    amount_fen: int
    lines_fen: int
    owed_fen: int
    status: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptSeen:
    """A receipt of the treasury: `case_began_on` of the case that it was matched with, if it was."""

    id: int
    number: str
    department: str
    payer: str
    amount_fen: int
    paid_on: date
    status: str
    imported_at: datetime
    case: CaseRef | None = None
    case_began_on: date | None = None
    # The day of the paper receipt, where the case came in during an outage and was entered in time.
    received_on_paper: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A post that a person holds today."""

    id: int
    person_id: int
    person: str
    department: str
    post: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Loan:
    """A post that is lent (委托代办)."""

    id: int
    principal_id: int
    principal: str
    delegate_id: int
    delegate: str
    department: str
    post: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's session: from which address, and from when until when it was open."""

    person_id: int
    address: str
    opened_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NumberSeen:
    """A document's number, split at its running digits; numbers of one series begin and end alike."""

    document_id: int
    case: CaseRef
    number: str
    series: str
    position: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Volume:
    """How many cases of an item came in within the last `days`, and within the same days of earlier years."""

    place: Place
    name_zh: str
    name_en: str
    days: int
    now: int
    earlier: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """A case that was entered from a paper receipt; `enter_by` of its outage, `objected` where supervision did."""

    receipt: str
    case: CaseRef
    received_at: datetime
    entered_at: datetime
    entered_by: int
    person: str
    outage: str
    enter_by: datetime
    objected: bool = False

    @property
    def excused(self) -> bool:
        """Entered in time after an outage to which nobody has objected."""
        return self.entered_at <= self.enter_by and not self.objected


@dataclass(frozen=True, slots=True)
class OpenReceipts:
    """A block of an outage's receipts with the numbers that were neither entered nor voided."""

    block_id: int
    department: str
    outage: str
    enter_by: datetime
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one pass looks at, of the days that it looks back; each in the order in which it happened."""

    now: datetime
    calendar: WorkingCalendar
    acts: tuple[Act, ...] = ()
    stages: tuple[Stage, ...] = ()
    files: tuple[FileSeen, ...] = ()
    stops: tuple[Stop, ...] = ()
    notices: tuple[NoticeSeen, ...] = ()
    receipts: tuple[ReceiptSeen, ...] = ()
    held: tuple[Held, ...] = ()
    loans: tuple[Loan, ...] = ()
    seats: tuple[Seat, ...] = ()
    numbers: tuple[NumberSeen, ...] = ()
    volumes: tuple[Volume, ...] = ()
    entries: tuple[PaperEntry, ...] = ()
    open_receipts: tuple[OpenReceipts, ...] = ()
