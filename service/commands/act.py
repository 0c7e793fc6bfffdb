"""One act on one case: the host that a run asks, and the collector of all that must be written when it ends.

Nothing reaches the database before `writing.write`, so a refusal leaves nothing but the recorded attempt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, select

from service.cases.happened import CaseFacts, Happened
from service.catalogue.item import Material, PowerItem
from service.catalogue.office import materials_of
from service.commands import operations, penalties, stopping
from service.commands.reentering import GivenBack
from service.commands.services import Services
from service.database.tables import clock_stop
from service.definitions.bundle import Bundle
from service.engine import CaseRun, Element
from service.errors import Refused
from service.fees.books import read_books
from service.fees.facts import FEE_FACTS, fee_fact, fine_settled
from service.fees.ledger import Books
from service.fees.standing import CaseFee
from service.form_schemas import CompiledForm
from service.history.chain import NewEvent
from service.people.actor import Actor, Holding
from service.reads.answers import COUNTED, answers_given, times_answered
from service.reads.hot import HotRow, files_by_material
from service.reads.messages import objection_received
from service.reads.order_facts import ORDER_FACTS, order_fact
from service.user_tasks.rules import case_suspended
from service.user_tasks.terminals import SEATS, Seat, kept, window
from service.working_time import TimerFunctions, WorkingCalendar

# Answers that commands read by name, whether or not an expression does: the food licence's number, the payer, the
# ground on which a fine is taken on the spot.
READ_BY_NAME = frozenset(
    {"business_form", "buyer_name", "plan_matter", "draw_percent"}
    | {"pay_way", "spot_ground", "spot_ground_facts", "party_asked", "ticket_number", "collected_on"}
)
_SUSPENSION = (
    select(clock_stop.c.basis, clock_stop.c.started_at)
    .where(clock_stop.c.case_id == bindparam("case_id"), clock_stop.c.ended_at.is_(None), clock_stop.c.element_id == "")
    .order_by(clock_stop.c.id)
)
DATES = ("received_on", "accepted_on", "decided_on")


@dataclass
class Pending:
    """Rows that the act will write, by table and verb."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    task_updates: list[dict[str, Any]] = field(default_factory=list)
    task_cancels: list[dict[str, Any]] = field(default_factory=list)
    due_rows: list[dict[str, Any]] = field(default_factory=list)
    due_updates: list[dict[str, Any]] = field(default_factory=list)
    due_deletes: list[str] = field(default_factory=list)
    due_row_deletes: list[dict[str, Any]] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    stops: list[dict[str, Any]] = field(default_factory=list)
    stop_ends: list[dict[str, Any]] = field(default_factory=list)
    stop_plans: list[dict[str, Any]] = field(default_factory=list)
    # What is only added and nobody reads in the same act, by its statement.
    added: dict[Insert, list[dict[str, Any]]] = field(default_factory=dict)


class CaseAct:
    """Everything known while one case is acted on. Implements the engine's `Host`."""

    run: CaseRun

    def __init__(
        self, connection: Connection, services: Services, row: HotRow, now: datetime, actor: Actor | None = None
    ) -> None:
        self.connection = connection
        self.services = services
        self.row = row
        self.now = now
        self.actor = actor
        self.holding: Holding | None = None
        self.bundle: Bundle = services.bundles.get(connection, row.definition_id)
        self.item: PowerItem | None = (
            services.items.get(connection, row.power_item, row.item_version) if row.power_item else None
        )
        self.calendar: WorkingCalendar = services.calendars.of(
            connection, row.calendar_version, row.case_department, row.power_item
        )
        self._timer_functions = TimerFunctions(self.calendar, now)
        self.events: list[NewEvent] = []
        self.happened: list[Happened] = []
        self.pending = Pending()
        ledger = row.actors or {}
        self.actors: dict[str, list[int]] = {group: list(ids) for group, ids in ledger.items() if group != SEATS}
        self.seats = [Seat.of_json(one) for one in ledger.get(SEATS, ())]
        self.counted = False  # Whether this act has added to either.
        # Limits of the case that a stop has moved in this act, by role.
        self.limits_moved: dict[str, datetime] = {}
        # Codes of the departments that answers name, each looked up once.
        self.departments_named: dict[str, str | None] = {}
        # Timers whose limit this act has told to be passed.
        self.limits_told: set[str] = set()
        # Steps that go on where they were left (`reentering`): the one sent back to, what new tasks have of the old
        # ones, and of which shares of a limit was told before.
        self.sent_back_to: str | None = None
        self.given_back: dict[str, GivenBack] = {}
        self.warned: dict[str, set[str]] = {}
        self._later: list[Callable[[], None]] = []

    def fact(self, name: str) -> object:
        """Facts that no form sets: the ledger's and the portal's."""
        if name in FEE_FACTS:
            return fee_fact(lambda: self.books, self.item, name, lambda: self.fee.due_fen)
        if name == "fine_settled":
            return fine_settled(self.books)
        if name in penalties.FACTS:
            return penalties.fact(self, name)
        if name in ("fee_amount", "fee_due"):
            return self.fee.asked_fen if name == "fee_amount" else self.fee.due_fen
        if name == "urgent_decision_recorded":
            return self.has_answered("urgent_decision", "urgent_ok", "yes")
        if name == "objection_received":
            return objection_received(self.connection, self.row.case_id)
        if name in ORDER_FACTS:
            return order_fact(self.connection, self.row.case_id, name)
        if name in COUNTED:
            return times_answered(self.connection, self.row.case_id, name)
        return None

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        """A timer function; what counts from an earlier day has stood still while the case's clock did."""
        value = self._timer_functions(name, args, kwargs)
        return stopping.moved_by_stops(self, value) if "since" in kwargs else value

    def has_answered(self, step_id: str, key: str, value: object) -> bool:
        """Whether a completed task of that step has this answer, on record or by the act at hand."""
        if self.actor is not None and getattr(self.row, "task_element_id", None) == step_id:
            return self.run.lookup(key) == value
        return value in answers_given(self.connection, self.row.case_id, step_id, key)

    def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
        """Run a registered operation of the service in this act."""
        return operations.run(self, operation, element, variables)

    @property
    def facts(self) -> CaseFacts:
        return CaseFacts(
            self.row.case_id,
            self.row.number,
            self.row.kind,
            self.row.power_item,
            self.row.case_department,
            self.row.applicant_name,
            self.item.handling_type if self.item else "",
        )

    @cached_property
    def files_on_file(self) -> dict[str, int]:
        """How many files there are for each material; no act that asks puts any on file."""
        if hasattr(self.row, "files"):
            return Counter(self.row.files.split(",")) if self.row.files else {}
        return files_by_material(self.connection, self.row.case_id)

    @cached_property
    def books(self) -> Books:
        """The case's ledger; `commands.booking` is what adds to it."""
        return read_books(self.connection, self.row.case_id)

    @cached_property
    def fee(self) -> CaseFee:
        """What the standard in force asks of the case."""
        kept = self.bundle.names | (self.item.names if self.item else frozenset())
        row = self.row.case_id, self.item, lambda name: self.run.lookup(name)
        return CaseFee(self.connection, *row, today=lambda: self.today, kept=kept)

    @property
    def materials(self) -> Mapping[str, Material]:
        """The case's checklist."""
        return materials_of(self.item, self.bundle.key)

    @property
    def today(self) -> date:
        return self.calendar.local_date(self.now)

    def load(self) -> None:
        """Load the run from the case's bytes."""
        self.run = CaseRun.load(self.bundle.model, self, self.now, self.row.state)

    def record(self, kind: str, element_id: str | None = None, /, **payload: Any) -> None:
        """An event of the person who acts."""
        actor, holding = self.actor, self.holding
        self.events.append(
            NewEvent(
                kind,
                element_id,
                payload | self._place(),
                actor.person_id if actor else None,
                actor.name if actor else None,
                holding.principal_id if holding else None,
                holding.post if holding else None,
            )
        )

    def note(self, kind: str, element_id: str | None = None, /, **payload: Any) -> None:
        """An event that nobody did: the engine, a timer or the law."""
        self.events.append(NewEvent(kind, element_id, payload))

    def send(self, kind: str, key: str, payload: Mapping[str, Any]) -> None:
        """A row for the outbox, sent after the transaction, at least once, with this idempotency key."""
        self.pending.outbox.append({"kind": kind, "idempotency_key": key, "payload": dict(payload)})

    def put(self, statement: Insert, row: dict[str, Any]) -> None:
        """A row to add when the act is written, with all that it adds; no act reads what it has put."""
        self.pending.added.setdefault(statement, []).append(row)

    def later(self, effect: Callable[[], None]) -> None:
        """Something that writes: done after every check has passed, so that a refusal leaves no number drawn."""
        self._later.append(effect)

    def do_later(self) -> None:
        for effect in self._later:
            effect()

    def persons(self) -> tuple[int, ...]:
        """The person who acts, and the principal he acts for: both count for separation."""
        if self.actor is None:
            return ()
        principal = self.holding.principal_id if self.holding else None
        return (self.actor.person_id,) if principal is None else (self.actor.person_id, principal)

    def count_for_separation(self, group: str | None, persons: tuple[int, ...]) -> None:
        """From now on these persons have done this group on the case."""
        if group is not None:
            self.counted = True
            done = self.actors.setdefault(group, [])
            done.extend(p for p in persons if p not in done)
            seat = self.seat(group)
            self.seats += [seat] if seat is not None else []

    def seat(self, group: str) -> Seat | None:
        """Where this act is done; None where nobody sits at a terminal."""
        presence = self.actor.presence if self.actor is not None else None
        if self.actor is None or presence is None or presence.terminal is None:
            return None
        return Seat(presence.terminal, group, self.actor.person_id, self.now)

    @property
    def ledger_of_actors(self) -> dict[str, Any]:
        """Who has done what on the case and, of the last minutes, at which terminal; as the case's row keeps it."""
        seats = kept(self.seats, self.now, window(self.row.presence))
        return {**self.actors, **({SEATS: [seat.as_json() for seat in seats]} if seats else {})}

    def _place(self) -> dict[str, str]:
        """Terminal and address of who acts, for the event that the chain binds."""
        presence = self.actor.presence if self.actor is not None else None
        if presence is None or presence.terminal is None:
            return {}
        return {"terminal": presence.terminal, "address": presence.address or ""}

    def variables_from(self, form: CompiledForm, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that some rule reads; the rest stays with the task's row.

        A field of the form that is hidden this time becomes None, or an answer of an earlier round would stay.
        """
        names = self.bundle.names | READ_BY_NAME | (self.item.names if self.item else frozenset())
        return {key: answers.get(key) for key in form.keys if key in names}


def require_open(row: HotRow) -> None:
    """Refuse acts on a case that has ended."""
    if row.case_status in ("completed", "terminated"):
        raise Refused("case_closed", "本办件已办结", "Expected an open case, but this one is closed")


def require_not_suspended(act: CaseAct) -> None:
    """Refuse acts on a suspended case, with its ground; it costs a statement only where it refuses."""
    if act.row.case_status == "suspended":
        stop = act.connection.execute(_SUSPENSION, {"case_id": act.row.case_id}).first()
        since = act.calendar.local_date(stop.started_at).isoformat() if stop is not None else "—"
        raise case_suspended(stop.basis if stop is not None else "—", since)
