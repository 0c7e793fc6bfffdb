"""Plays acts of the demo county through the real commands, each at the instant of its story."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, bindparam, select

from service.attachments.objects import file_store
from service.catalogue.item import PowerItem
from service.commands.act import CaseAct
from service.commands.attach_file import AttachFile, attach_file
from service.commands.claim_task import claim_task, save_draft
from service.commands.complete_task import CompleteTask, complete_task
from service.commands.enter_from_paper import PaperReceipt
from service.commands.performing import perform, perform_on_case
from service.commands.print_document import PrintDocument, print_document
from service.commands.receive_message import ReceiveMessage, receive_message
from service.commands.services import Services
from service.commands.sign_task import sign_task
from service.commands.spot_fines import TAKEN_AT
from service.commands.start_case import Applicant, StartCase, start_case
from service.commands.take_payment import TakePayment, take_payment
from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.session import reading
from service.database.tables import case, payment_notice, person, user_task
from service.demo import tickets
from service.demo.answers import Story, answers
from service.errors import Refused
from service.people.actor import Actor
from service.people.queries import read_actor
from service.reads.calendar import read_calendar
from service.reads.hot import hot_by_number
from service.working_time import WorkingCalendar

RECENT_DAYS = 35
_MESSAGES = ("correction", "payment", "completion", "statement", "cash_received")
# Posts that put papers of their own on file (items.yaml, materials, provided_by).
_PROVIDERS = ("town_officer", "cashier", "project_unit")
_OF_TASK = ("id", "element_id", "post", "form_key", "halts", "entered_at", "earliest_at", "officers", "department")
_OPEN_TASKS = (
    select(*(user_task.c[name] for name in (*_OF_TASK, "due_at")))
    .join(case, case.c.id == user_task.c.case_id)
    .where(case.c.number == bindparam("number"), user_task.c.status == in_text("open"))
    .order_by(user_task.c.halts.desc(), user_task.c.entered_at)
)

_UNPAID = (
    select(payment_notice.c.pay_code, payment_notice.c.amount_fen)
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(case.c.number == bindparam("number"), payment_notice.c.status == in_text("unpaid"))
)


def _provider(who: Actor) -> str:
    return next((h.post for h in who.holdings if h.post in _PROVIDERS), "officer")


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    element_id: str
    post: str
    form_key: str
    halts: bool
    entered_at: datetime
    earliest_at: datetime | None
    officers: int
    department: str
    due_at: datetime | None = None


class Player:
    """The hands of everybody in the county. `now` is moved by whoever drives the stories."""

    def __init__(self, engine: Engine, services: Services, seed: int) -> None:
        self.engine = engine
        self.services = services
        self.now = services.clock.now()
        self.until = self.now.date()
        settings = services.settings
        self._files = file_store(settings.files_url, settings.files_folder, settings.upload_limit_bytes, durable=False)
        services.files = self._files
        self._random = random.Random(seed)  # noqa: S311 - stories, not secrets
        with reading(engine) as connection:
            self.calendar: WorkingCalendar = read_calendar(connection)
            rows = connection.execute(select(person.c.username, person.c.id, person.c.officer_number)).all()
            self._ids = {row.username: row.id for row in rows}
            self.officer_numbers = {row.username: row.officer_number or row.username for row in rows}
            self._actors: dict[str, Actor] = {}
            for username, person_id in self._ids.items():
                actor = read_actor(connection, person_id, self.now)
                if actor is not None:
                    self._actors[username] = actor

    def chance(self) -> float:
        return self._random.random()

    def is_recent(self, day: date) -> bool:
        """Only the last month's papers are really drawn: it is the dearest act of all."""
        return (self.until - day).days <= RECENT_DAYS

    def office_time(self, hours: float) -> datetime:
        """That many office hours from now, at an odd minute."""
        whole = self.calendar.add_office_hours(self.now, int(hours))
        minutes = int((hours - int(hours)) * 60) + self._random.randrange(1, 20)
        at = whole + timedelta(minutes=minutes, seconds=self._random.randrange(60))
        return at if self._in_hours(at) else self.calendar.add_office_hours(at, 1) + timedelta(seconds=at.second)

    def office_time_before(self, at: datetime) -> datetime:
        """The same minute of the last hour that somebody was at work."""
        while not self._in_hours(at):
            at -= timedelta(hours=1)
        return at

    def _in_hours(self, at: datetime) -> bool:
        return self.calendar.office_minutes_between(at - timedelta(minutes=1), at) > 0

    def staff(self, story: Story, post: str, department: str | None = None) -> Actor:
        """Who holds the post in the item's department, or in the task's own; two clerks take turns."""
        department = (department or story.power_item.split("-")[1]).lower()
        if post == "clerk" and story.number % 2:
            post = "clerk2"
        name = post if post in ("sup2", "centre", "county_leader") else f"{department}_{post}"
        return self._actors[name]

    # Acts ----------------------------------------------------------------------------------------------------------
    def actor(self, username: str) -> Actor:
        return self._actors[username]

    def start(self, story: Story, clerk: Actor, paper: PaperReceipt | None = None) -> str:
        name, code = story.company
        applicant: Applicant | None = Applicant(name, story.person[2], credit_code=code)
        if story.by_person:
            applicant = Applicant(story.person[0], story.person[2], id_number=story.person[1])
        item = self.item_of(story)
        if item.applicant_from:
            applicant = None
        first = item.content["steps"][0]["id"]
        command = StartCase(story.power_item, applicant, answers(story, first, self._today()), paper)
        return perform(self.engine, lambda c: start_case(c, self.services, clerk, command, self.now)).case_number

    def starter(self, story: Story) -> Actor:
        """Who begins the case: a window, or the post of the first step."""
        first = self.item_of(story).first_post
        window = "town_clerk" if story.power_item == "LJ-MZ-JF-001" else "clerk"
        return self.staff(story, window if first == "applicant" else first)

    def item_of(self, story: Story) -> PowerItem:
        with reading(self.engine) as connection:
            item = self.services.items.current(connection, story.power_item)
        if item is None:
            raise LookupError(f"Expected the item {story.power_item} to be founded")
        return item

    def complete(self, number: str, task: Task, story: Story, who: Actor) -> None:
        command = CompleteTask(task.id, self._given(task, story, who))
        self._on_case(lambda c: complete_task(c, self.services, who, command, self.now), who, number, task.id)

    def _given(self, task: Task, story: Story, who: Actor) -> dict[str, Any]:
        if task.form_key == TAKEN_AT:
            ticket = tickets.next_ticket(self.engine, who, self.now)
            story = replace(story, choices={**story.choices, "ticket_number": ticket})
        return answers(story, task.form_key, self._today())

    def hand_in_cash(self, number: str) -> None:
        """What was taken on the spot comes to the organ."""
        tickets.hand_in(self.engine, self.services, number, self.now)

    def order_remittance(self, number: str) -> bool:
        """A code for what the organ has in its hands; False where nothing was taken on the spot."""
        if not tickets.holds_cash(self.engine, number):
            return False
        tickets.order_remittance(self.engine, self.services, number, self.now)
        return True

    def try_complete(self, number: str, task: Task, story: Story, who: Actor) -> None:
        """An attempt that the control nodes may refuse; the refusal stays in the case's history."""
        try:
            self.complete(number, task, story, who)
        except Refused:
            return

    def complete_order_step(
        self, number: str, task: Task, changes: Mapping[str, Any] = MappingProxyType({}), by: str | None = None
    ) -> None:
        """A step of a supervision order, `by` the handler where it is his."""
        with reading(self.engine) as connection:
            department = connection.execute(select(case.c.department).where(case.c.number == number)).scalar_one()
        who = self._actors[by or (f"{department.lower()}_sup1" if task.post == "sup1" else task.post)]
        given = {**answers(Story("-", 0, self._today()), task.form_key, self._today()), **changes}
        command = CompleteTask(task.id, given)
        self._on_case(lambda c: complete_task(c, self.services, who, command, self.now), who, number, task.id)

    def claim(self, task: Task, who: Actor) -> None:
        perform(self.engine, lambda c: claim_task(c, self.services, who, task.id, self.now))

    def sign(self, task: Task, story: Story, first: Actor, second: Actor) -> None:
        """The first officer writes down what was found, the second signs it."""
        given = self._given(task, story, first)
        perform(self.engine, lambda c: save_draft(c, self.services, first, task.id, given, self.now))
        perform(self.engine, lambda c: sign_task(c, self.services, second, task.id, self.now))

    def answer_correction(self, number: str, story: Story) -> None:
        form = "await_correction" if self._form_of_wait(number) == "correction" else "await_rectification"
        command = ReceiveMessage(number, "correction", answers(story, form, self._today()))
        self._on_case(lambda c: receive_message(c, self.services, None, command, self.now), None, number, None)

    def make_statement(self, number: str, story: Story) -> None:
        command = ReceiveMessage(number, "statement", answers(story, "await_statement", self._today()))
        self._on_case(lambda c: receive_message(c, self.services, None, command, self.now), None, number, None)

    def report_completion(self, number: str, story: Story) -> None:
        command = ReceiveMessage(number, "completion", answers(story, "await_completion", self._today()))
        self._on_case(lambda c: receive_message(c, self.services, None, command, self.now), None, number, None)

    def pay(self, number: str) -> None:
        """What the bank reports of a payment at one of its counters."""
        with reading(self.engine) as connection:
            (notice,) = read_rows(connection, _UNPAID, {"number": number})
        command = TakePayment(notice.pay_code, notice.amount_fen, f"DEMO{notice.pay_code}", self.now)
        perform(self.engine, lambda c: take_payment(c, self.services, command, self.now))

    def print_document(self, number: str, story: Story, who: Actor) -> None:
        with reading(self.engine) as connection:
            kinds = ("certificate", "cancel_proof")
            kind = kinds[story.choose("reg_kind", "") == "cancel"]
            known = connection.execute(select(case.c.id).where(case.c.number == number)).one_or_none()
        if known is not None:
            self._on_case(
                lambda c: print_document(c, self.services, who, PrintDocument(number, kind), self.now),
                who,
                number,
                None,
            )

    def try_print(self, number: str, story: Story) -> None:
        """Printing before payment: refused, recorded, and an alarm."""
        try:
            self.print_document(number, story, self.staff(story, "printer"))
        except Refused:
            return

    def put_applicant_materials(self, number: str, story: Story, who: Actor) -> None:
        self._put(number, story, who, "applicant")

    def put_office_materials(self, number: str, story: Story, who: Actor) -> None:
        self._put(number, story, who, _provider(who))

    def _put(self, number: str, story: Story, who: Actor, provided_by: str) -> None:
        item = self.item_of(story)
        chosen = {**answers(story, item.content["steps"][0]["id"], self._today()), **dict(story.choices)}
        chosen["domicile_changed"] = "domicile" in (chosen.get("change_items") or ())
        chosen["needs_survey"] = chosen.get("application_kind") == "new" or chosen.get("layout_changed") == "yes"
        chosen.setdefault("decision", "grant")
        for material in item.materials.values():
            if material.provided_by == provided_by and material.applies(chosen.get):
                for copy in range(material.min_files):
                    self._attach(number, material.key, material.name_zh, copy, who)

    def put_materials_before(self, number: str, story: Story, who: Actor, step: str) -> None:
        """What has to be on file before that step."""
        for material in self.item_of(story).materials.values():
            if material.needed_before_step == step and material.provided_by != "system":
                for copy in range(material.min_files):
                    self._attach(number, material.key, material.name_zh, copy, who)

    def _attach(self, number: str, key: str, name: str, copy: int, who: Actor) -> None:
        picture = "photo" in key
        content = picture_bytes(f"{number}/{key}/{copy}") if picture else paper_bytes(f"{number} {key} {copy}")
        filename = f"{name}{copy + 1}.png" if picture else f"{name}.pdf"
        self.attach_bytes(number, key, filename, content, who)

    def attach_bytes(self, number: str, key: str, filename: str, content: bytes, who: Actor) -> None:
        with self._files.staged(BytesIO(content)) as staged:
            command = AttachFile(number, key, filename, staged, self._files.keep)
            perform(self.engine, lambda c: attach_file(c, self.services, who, command, self.now))

    # Looks ---------------------------------------------------------------------------------------------------------
    def open_task(self, number: str, posts: Sequence[str] = ()) -> Task | None:
        """The case's open task, a halting one first."""
        with reading(self.engine) as connection:
            rows = read_rows(connection, _OPEN_TASKS, {"number": number})
        row = next((one for one in rows if not posts or one.post in posts), None)
        if row is None:
            return None
        return Task(**row._asdict())

    def waits_for(self, number: str) -> str | None:
        """A message, or `timer`: what a case without open tasks waits for; None if it has ended."""
        step = self._waiting(number)
        if step is None:
            return None
        return step.message if step.message in _MESSAGES else "timer"

    def _form_of_wait(self, number: str) -> str:
        step = self._waiting(number)
        return "rectification" if step is not None and step.id == "await_rectification" else "correction"

    def _waiting(self, number: str) -> Any:
        with reading(self.engine) as connection:
            row = hot_by_number(connection, number)
            if row is None or row.case_status in ("completed", "terminated"):
                return None
            act = CaseAct(connection, self.services, row, self.now)
            act.load()
            steps = act.run.waiting_steps()
        return steps[0].element if steps else None

    def _on_case(self, command: Any, who: Actor | None, number: str, task_id: str | None) -> None:
        perform_on_case(self.engine, self.services, command, actor=who, now=self.now, task_id=task_id, number=number)

    def _today(self) -> Any:
        return self.calendar.local_date(self.now)


def paper_bytes(text: str) -> bytes:
    """A one-page PDF that says one line of ASCII; small, valid, different for each paper."""
    stream = f"BT /F1 18 Tf 72 760 Td ({text}) Tj ET".encode("ascii", "replace")
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def picture_bytes(text: str) -> bytes:
    """A small PNG of two colours drawn from the text (PNG, ISO/IEC 15948)."""
    digest = zlib.crc32(text.encode())
    sky, ground = digest.to_bytes(4, "big")[:3], (digest ^ 0x5A5A5A5A).to_bytes(4, "big")[:3]
    width, height = 64, 48
    rows = b"".join(b"\0" + (sky if y < height * 2 // 3 else ground) * width for y in range(height))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")
