"""What a pass of supervision knows of the county, as frozen facts. Rules read nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Place:
    """Whose affair something is: what settings of a rule are chosen by."""

    department: str
    item: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case as evidence names it; `at_once` is one that is done while the party waits (即办件)."""

    id: int
    number: str
    place: Place
    at_once: bool = False


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
    # Where the person sat; none for acts of programs that tell no terminal.
    terminal: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that was completed: how long it was open, and how long the same step took in earlier cases.

    `earlier` are those of the item, `peers` those of the other items of its category where the item has few of its own.
    """

    act: Act
    task_id: str
    seconds: float
    earlier: tuple[float, ...]
    has_minimum: bool
    peers: tuple[float, ...] = ()
    # Before this the act would have come too early.
    earliest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A step that somebody completed within the last month."""

    act: Act
    task_id: str
    entered_at: datetime
    earliest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """A case that ended within the last month: how, what was still owed then, and who decided."""

    case: CaseRef
    seq: int
    at: datetime
    outcome: str
    accepted: bool
    owed_fen: int
    decided_by: int | None = None
    decider: str = ""


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction of a fee that was asked for; `case` is the one whose fee it is."""

    case: CaseRef
    at: datetime
    amount_fen: int
    person_id: int
    person: str


@dataclass(frozen=True, slots=True)
class Band:
    """裁量基准: what a fine may be where the answers of the case are these."""

    answers: Mapping[str, Any]
    least_fen: int
    most_fen: int


@dataclass(frozen=True, slots=True)
class Fine:
    """A fine that was decided: the answers that establish the facts, and the item's benchmark."""

    act: Act
    amount_fen: int
    answers: Mapping[str, Any]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """What the public says (评价、投诉): `stars` of a rating; `founded` of a complaint that was answered."""

    id: int
    kind: str
    place: Place
    at: datetime
    text: str
    case: CaseRef | None = None
    stars: int | None = None
    answered_at: datetime | None = None
    founded: bool | None = None


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """A supervision order: when it was sent and first opened, what was answered with how many files.

    `mended`: nothing of what it is about goes on; `again`: rows of alarms of the same rule and person since the
    answer, or of the very step (`same_step`).
    """

    case: CaseRef
    opened_at: datetime
    due_at: datetime | None
    told_at: datetime | None
    seen_at: datetime | None
    answered_at: datetime | None
    answerer_id: int | None
    answerer: str
    answer: str
    files: int
    mended: bool
    again: tuple[Mapping[str, Any], ...] = ()
    source: str = "alarm"
    about_a_case: bool = True


@dataclass(frozen=True, slots=True)
class Absent:
    """A supervisor with work due today who has neither signed in nor acted yet."""

    person_id: int
    person: str
    department: str
    due: int


@dataclass(frozen=True, slots=True)
class FileSeen:
    id: int
    case: CaseRef
    material: str
    digest: str
    size: int
    at: datetime
    # Of a small file, how many of its bytes are not blank; None where nobody has looked.
    filled: int | None = None


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
    # When the limit that now stands still would have been due; None once it runs again.
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A payment notice; `lines_fen` is what its lines, made by the standard, add up to.

    `paid_later`: it was void since another stands by a plan of later payment, or by a paper that urged its payer.
    """

    id: int
    case: CaseRef
    amount_fen: int
    lines_fen: int
    owed_fen: int
    status: str
    made_at: datetime
    paid_later: bool = False


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
    # Money of a fine, and the penalty decision that its note names, if the county has not made that here.
    of_fine: bool = False
    unknown_decision: str | None = None


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
class CashHeld:
    """A fine that was taken on the spot and is past a limit: `stage` is officer or organ, the holder who has it."""

    id: int
    number: str
    case: CaseRef
    amount_fen: int
    holder_id: int
    holder: str
    stage: str
    due_at: datetime


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
class NumberGap:
    """Neighbours of a series between which numbers are missing."""

    before: NumberSeen
    after: NumberSeen


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
class Intake:
    """How many cases a department's window took in on each working day of late, the newest day first, holidays out."""

    department: str
    name_zh: str
    name_en: str
    days: tuple[tuple[date, int], ...]


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
    # Acts before it are out of sight.
    since: datetime | None = None
    stages: tuple[Stage, ...] = ()
    files: tuple[FileSeen, ...] = ()
    stops: tuple[Stop, ...] = ()
    notices: tuple[NoticeSeen, ...] = ()
    receipts: tuple[ReceiptSeen, ...] = ()
    held: tuple[Held, ...] = ()
    loans: tuple[Loan, ...] = ()
    seats: tuple[Seat, ...] = ()
    gaps: tuple[NumberGap, ...] = ()
    volumes: tuple[Volume, ...] = ()
    entries: tuple[PaperEntry, ...] = ()
    open_receipts: tuple[OpenReceipts, ...] = ()
    cash: tuple[CashHeld, ...] = ()
    done: tuple[Done, ...] = ()
    # Of the days that a pass looks back, and of the last month.
    endings: tuple[Ending, ...] = ()
    month_endings: tuple[Ending, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    # Cases of each department for which a notice was made, in the days that reductions are counted.
    fee_cases: Mapping[str, int] = field(default_factory=dict)
    fines: tuple[Fine, ...] = ()
    voices: tuple[Voice, ...] = ()
    orders: tuple[OrderSeen, ...] = ()
    absent: tuple[Absent, ...] = ()
    intakes: tuple[Intake, ...] = ()
