"""What a pass looks at: constant queries over the last days, made frozen facts. No rule lives here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from service.commands.services import Services
from service.database.rows import read_rows
from service.database.tables import document
from supervision import asked_of_days as asked
from supervision.collecting_acts import Acts, act_of
from supervision.collecting_cash import cash_held
from supervision.collecting_files import SMALL, filled
from supervision.collecting_history import Histories, few
from supervision.collecting_month import Month
from supervision.collecting_orders import voices
from supervision.collecting_papers import (
    FINES,
    case_ref,
    decision_named,
    open_receipts,
    paper_entries,
)
from supervision.collecting_posts import granted_since, held, loans
from supervision.facts import (
    Act,
    CaseRef,
    Facts,
    FileSeen,
    NoticeSeen,
    PaperEntry,
    ReceiptSeen,
    Seat,
    Stage,
    Stop,
)
from supervision.remembering import Memory

# Bursts and nights end within it; a worker that was away for longer has looked at nothing older.
LOOK_BACK = timedelta(days=2)
RECEIPTS_OF = timedelta(days=120)
_MADE = select(exists().where(document.c.number == bindparam("number")).label("made"))


def collect(
    connection: Connection,
    services: Services,
    now: datetime,
    *,
    hourly: bool,
    whole: bool,
    look_back_days: int = LOOK_BACK.days,
    news_since: datetime | None = None,
    memory: Memory | None = None,
) -> Facts:
    """The facts of one pass: all of them by a `whole` one, who is absent by an `hourly` one.

    Others show of a month what an act since `news_since` can have changed, nothing where that is None; of the last days
    the kinds among which something is new, for what was found in others stands. What `memory` has is not read anew."""
    memory = (memory or Memory()).begin(connection, now, whole=whole)
    entries = paper_entries(connection, services, since := now - timedelta(days=look_back_days), now)
    seen = _Seen(connection, services, now, since, entries)
    if not whole and news_since is not None:
        seen.show_fresh(news_since)
    month, acts = Month(connection, services, now, memory), seen.acts(memory.acts)
    endings = month.endings(since) if seen.has_fresh(("case_closed",)) else ()
    further = month.whole() if whole else month.news(news_since, acts, endings) if news_since is not None else {}
    return Facts(
        now,
        services.calendars.get(connection),
        acts=acts,
        since=since,
        stages=seen.stages(memory),
        **seen.papers(),
        held=held(connection) if whole or _posts_moved(connection, news_since) else (),
        loans=loans(connection, now),
        seats=seen.seats(),
        gaps=memory.numbers.gaps(connection, services, now),
        entries=entries,
        open_receipts=open_receipts(connection, now),
        cash=cash_held(connection, services, now),
        endings=endings,
        fines=month.fines(acts),
        voices=voices(connection, services, now),
        orders=memory.orders.seen(connection, services, now, memory.alarms),
        absent=month.absent() if hourly else (),
        **further,
    )


def _posts_moved(connection: Connection, since: datetime | None) -> bool:
    return since is not None and granted_since(connection, since)


class _Seen:
    """One pass's reading: of all, or of what is fresh."""

    # The kinds of events that are new; None where all is shown.
    _fresh: frozenset[str] | None = None

    def __init__(
        self,
        connection: Connection,
        services: Services,
        now: datetime,
        since: datetime,
        entries: Collection[PaperEntry],
    ) -> None:
        self._connection = connection
        self._services = services
        self._since, self._now = since, now
        # What stood before was judged before.
        self._judged_since = since
        self._bound = {"since": since, "now": now, "imported_since": now - RECEIPTS_OF}
        # Cases that were entered from paper as they may be.
        self._objected = any(entry.objected for entry in entries)
        self._excused = frozenset(entry.case.id for entry in entries if entry.excused)
        self._done: dict[tuple[int, int], Act] = {}

    def show_fresh(self, since: datetime) -> None:
        """Only kinds of events of which there are some since then.

        All are shown where somebody objects to an outage: he takes the excuse from entries that were made before.
        """
        if not self._objected:
            bound = {"since": since, "now": self._now}
            self._fresh = frozenset(row.kind for row in read_rows(self._connection, asked.FRESH_KINDS, bound))
            self._judged_since = since

    def has_fresh(self, kinds: Collection[str]) -> bool:
        """Whether some of these are new."""
        return self._fresh is None or not self._fresh.isdisjoint(kinds)

    def _rows(self, statement: Any) -> list[Any]:
        return read_rows(self._connection, statement, self._bound)

    def _case(self, row: Row[Any]) -> CaseRef:
        return case_ref(self._connection, self._services, row)

    def acts(self, known: Acts) -> tuple[Act, ...]:
        acts = known.within(self._connection, self._services, self._since, self._now, self._excused)
        if not self.has_fresh(asked.ACTS):
            return ()
        self._done = {(act.case.id, act.seq): act for act in acts if act.kind == "task_completed" and act.element_id}
        return (*acts, *self._returned(acts), *self._corrections(acts))

    def _returned(self, acts: list[Act]) -> list[Act]:
        """Acts after which a case that had been accepted waits for papers again."""
        entered = {(row.case_id, row.at) for row in self._rows(asked.WAITS_AGAIN)}
        return [
            Act(a.case, a.seq, a.at, "returned_for_materials", a.person_id, a.person, element_id=a.element_id)
            for a in acts
            if (a.case.id, a.at) in entered and a.kind in ("task_completed", "task_sent_back")
        ]

    def _corrections(self, acts: list[Act]) -> list[Act]:
        """Every act that asked for a correction, of the cases of which somebody has asked for one of late."""
        names = {(act.case.id, act.element_id): (act.step_zh, act.step_en, act.group) for act in acts}
        found = (act_of(self._connection, self._services, row, names) for row in self._rows(asked.ASKED))
        return [replace(act, kind="correction_asked") for act in found]

    def stages(self, memory: Memory) -> tuple[Stage, ...]:
        """Completions of the last days, those to be judged with the durations of the same step before them."""
        if not self._done:
            return ()
        lately = memory.steps.lately(self._connection, self._services, self._since, self._now)
        steps = [
            (one, act)
            for one in lately
            if (act := self._done.get((one.act.case.id, one.act.seq))) is not None and act.case.place.item is not None
        ]
        keys = {_key(act) for one, act in steps if one.earliest_at is None and act.at >= self._judged_since}
        history = Histories(self._connection, self._since, memory.samples)
        own = history.of_items(keys)
        category = {str(act.case.place.item): str(act.case.place.category) for _, act in steps}
        peers = history.of_peers({(category[item], item, step) for item, step in few(keys, own)})
        return tuple(
            Stage(
                act,
                one.task_id,
                (act.at - one.entered_at).total_seconds(),
                own.get(_key(act), ()),
                one.earliest_at is not None,
                peers.get(_key(act), ()),
                one.earliest_at,
            )
            for one, act in steps
        )

    def papers(self) -> dict[str, Any]:
        """What else the last days brought."""
        return {"files": self.files(), "stops": self.stops(), "notices": self.notices(), "receipts": self.receipts()}

    def files(self) -> tuple[FileSeen, ...]:
        """Files that are to be judged, and all that have the same bytes as one of them."""
        if not self.has_fresh(asked.ATTACHED):
            return ()
        bound = {**self._bound, "since": self._judged_since}
        return tuple(
            FileSeen(
                row.id,
                self._case(row),
                row.material,
                row.digest,
                row.size,
                row.uploaded_at,
                filled(self._services.files, row.digest) if row.size <= SMALL else None,
            )
            for row in read_rows(self._connection, asked.FILES, bound)
        )

    def stops(self) -> tuple[Stop, ...]:
        """Every stop of a case that stands still, or was stopped or resumed within the last days."""
        return tuple(
            Stop(
                row.id,
                self._case(row),
                row.element_id,
                row.basis,
                row.started_at,
                row.planned_end_at,
                row.ended_at,
                row.due_before if row.ended_at is None else None,
            )
            for row in self._rows(asked.STOPS)
        )

    def notices(self) -> tuple[NoticeSeen, ...]:
        return tuple(self._notice(row) for row in self._rows(asked.NOTICES)) if self.has_fresh(asked.NOTICED) else ()

    def _notice(self, row: Row[Any]) -> NoticeSeen:
        lines = sum(int(line["amount_fen"]) for line in row.lines)
        owed = lines - int(row.settled_fen)
        return NoticeSeen(
            row.id, self._case(row), row.amount_fen, lines, owed, row.status, row.made_at, bool(row.paid_later)
        )

    def receipts(self) -> tuple[ReceiptSeen, ...]:
        """Receipts that came in lately, and those that have waited for a case since."""
        rows = self._rows(asked.RECEIPTS)
        named = {row.id: number for row in rows if (number := decision_named(row.kind, row.note)) is not None}
        numbers = set(named.values())
        made = {one for one in numbers if read_rows(self._connection, _MADE, {"number": one})[0].made}
        unknown = {key: number for key, number in named.items() if number not in made}
        return tuple(self._receipt(row, unknown.get(row.id)) for row in rows)

    def _receipt(self, row: Row[Any], unknown: str | None) -> ReceiptSeen:
        known = self._case(row) if row.case_id is not None else None
        calendar = self._services.calendars.get(self._connection)
        return ReceiptSeen(
            row.id,
            row.receipt_no,
            known.place.department if known else row.dept_code[:16],
            row.payer,
            row.amount_fen,
            row.paid_on,
            row.status,
            row.imported_at,
            known,
            calendar.local_date(row.created_at) if known else None,
            calendar.local_date(row.on_paper_at) if row.on_paper_at is not None else None,
            row.kind in FINES,
            unknown,
        )

    def seats(self) -> tuple[Seat, ...]:
        """Where those who acted may have signed in."""
        rows = self._rows(asked.SEATS) if self._done else ()
        return tuple(Seat(row.person_id, row.address, row.created_at, row.expires_at) for row in rows)


def _key(act: Act) -> tuple[str, str]:
    return str(act.case.place.item), str(act.element_id)
