"""A driver that plays a county's people through the commands, on a clock of its own. It decides nothing itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, or_, select, update

from service.commands.claim_task import claim_task, release_task, save_draft
from service.commands.complete_task import Completed, CompleteTask, complete_task
from service.commands.decide_proposal import approve_proposal
from service.commands.deploy_definition import DeployDefinition, Deployed, deploy_definition
from service.commands.enter_from_paper import PaperReceipt
from service.commands.fire_timers import fire_timers
from service.commands.leaving import withdraw_post
from service.commands.performing import perform_on_case
from service.commands.post_people import Delegate, GrantPost, delegate_post
from service.commands.propose_post import propose_post
from service.commands.receive_message import ReceiveMessage, receive_message
from service.commands.recorders import RECORDERS
from service.commands.services import Services
from service.commands.sign_task import sign_task
from service.commands.start_case import Applicant, StartCase, start_case
from service.commands.take_payment import TakePayment, take_payment
from service.database.session import transaction
from service.database.tables import (
    attachment,
    case,
    due_row,
    outbox,
    person,
    post_holding,
)
from service.demo.answers import Story, answers
from service.errors import Refused
from service.people.actor import Actor
from service.people.queries import read_actor
from service.working_time import WorkingCalendar
from supervision.registration import register
from tests.commands.seeing import CST, Seen

# Four weeks without a holiday follow: a test that wants one says so.
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=CST)
_JUST_AFTER = timedelta(microseconds=1)
AGENT = {"name": "赵敏", "id_number": "32990119921103004X", "mobile": "13812345678"}
# Usernames of the county; all others belong to the department of the case.
_COUNTY_PEOPLE = frozenset({"sup2", "centre", "designer", "sysadmin", "secadmin", "auditor"})


@dataclass
class Refusal:
    """What a refused act answered; filled in when the block ends."""

    code: str = ""
    message: str = ""
    missing: tuple[str, ...] = ()
    facts: Mapping[str, Any] = None  # type: ignore[assignment]


class Office(Seen):
    """Methods that take a `number` mean the case started last when none is given."""

    def __init__(self, engine: Engine, services: Services) -> None:
        self.engine = engine
        self.services = services
        self.recorders = {**RECORDERS, **register(services)}
        self.now = MONDAY
        self.number = ""
        self._known = {}
        self._reader = None
        self.stories: dict[str, Story] = {}
        self._story_numbers = itertools.count()
        with self.looking() as connection:
            self.calendar: WorkingCalendar = services.calendars.get(connection)
            people = connection.execute(select(person.c.username, person.c.id, person.c.officer_number)).all()
        self.ids = {row.username: row.id for row in people}
        self.officer_numbers = {row.username: row.officer_number for row in people if row.officer_number}

    # People ----------------------------------------------------------------------------------------------------------

    def username(self, name: str, number: str | None = None) -> str:
        """`officer` is the officer of the case's department."""
        if name in _COUNTY_PEOPLE or name in self.ids:
            return name
        return f"{self.known(number).department.lower()}_{name}"

    def actor(self, name: str, number: str | None = None) -> Actor:
        with self.looking() as connection:
            actor = read_actor(connection, self.ids[self.username(name, number)], self.now)
        assert actor is not None
        return actor

    def lend(self, principal: str, post: str, delegate: str, days: int = 30, reason: str = "出差") -> int:
        """The holder lends a post from now on."""
        actor = self.actor(principal)
        until = self.now + timedelta(days=days)
        command = Delegate(self.ids[self.username(delegate)], post, actor.department, self.now, until, reason)
        with transaction(self.engine) as connection:
            return delegate_post(connection, actor, command, self.now)

    def grant(self, username: str, post: str, department: str, by: str = "secadmin", reason: str = "轮岗") -> int:
        """The security administrator proposes a post, the system administrator approves it."""
        wanted = GrantPost(self.ids[username], post, department, reason)
        with transaction(self.engine) as connection:
            number = propose_post(connection, self.services, self.actor(by), wanted, self.now)
        with transaction(self.engine) as connection:
            approve_proposal(connection, self.services, self.actor("sysadmin"), number, self.now)
        held = select(post_holding.c.id).where(post_holding.c.person_id == self.ids[username])
        return int(self.rows(held.order_by(post_holding.c.id.desc()).limit(1))[0].id)

    def hire(self, username: str, department: str, *posts: str) -> int:
        """Somebody new, with posts that the security administrator grants."""
        values = {"username": username, "name": f"新人{username}", "department": department, "mobile": "13900009999"}
        with transaction(self.engine) as connection:
            added = insert(person).values(**values, password_hash="-", totp_secret="-", active=True)
            self.ids[username] = connection.execute(added.returning(person.c.id)).scalar_one()
        for post in posts:
            self.grant(username, post, department)
        return self.ids[username]

    def end_posts(self, username: str) -> None:
        """The security administrator takes all posts of a person away."""
        held = self.rows(select(post_holding.c.id).where(post_holding.c.person_id == self.ids[username]))
        with transaction(self.engine) as connection:
            for row in held:
                withdraw_post(connection, self.actor("secadmin"), row.id, "离岗", self.now)

    def deploy(self, xml: bytes) -> Deployed:
        """A designer deploys a new version of a diagram; its forms stay as they are."""
        with transaction(self.engine) as connection:
            return deploy_definition(connection, self.services, self.actor("designer"), DeployDefinition(xml), self.now)

    # Acts on cases ---------------------------------------------------------------------------------------------------

    def start(
        self,
        item: str,
        by: str | None = None,
        *,
        answers_instead: Mapping[str, Any] | None = None,
        paper: PaperReceipt | None = None,
        **choices: Any,
    ) -> str:
        """An application at the counter, or what the office begins itself; the choices shape its whole story."""
        department, row = item.split("-")[1].lower(), self.known_item(item)
        officers = tuple(self.officer_numbers.get(f"{department}_{who}", "") for who in ("officer", "officer2"))
        by = by or ("clerk" if row is None or row.first_post == "applicant" else row.first_post)
        first_form = row.content["steps"][0]["id"] if row is not None else "apply"
        story = Story(item, next(self._story_numbers), self.now.date(), officers, choices)  # type: ignore[arg-type]
        given = {**answers(story, first_form, self.today), **(answers_instead or {})}
        given = {key: choices.get(key, value) for key, value in given.items() if value is not None}
        actor = self.actor(by if by in _COUNTY_PEOPLE or by in self.ids else f"{department}_{by}")
        with transaction(self.engine) as connection:
            applicant = None if row is not None and row.applicant_from else _applicant(story)
            if applicant and choices.get("by_agent"):
                applicant = replace(applicant, agent=AGENT)
            command = StartCase(item, applicant, given, paper)
            started = start_case(connection, self.services, actor, command, self.now)
        self.number = started.case_number
        self.stories[self.number] = story
        return self.number

    def put(self, *materials: str, number: str | None = None, files: int | None = None) -> None:
        """Put files on record; without names, every material that the item may ask for, in full number."""
        number = number or self.number
        with transaction(self.engine) as connection:
            row = connection.execute(select(case).where(case.c.number == number)).one()
            known = self.services.items.get(connection, row.power_item, row.item_version).materials
            for key in materials or tuple(known):
                for _ in range(known[key].min_files if files is None else files):
                    connection.execute(insert(attachment).values(**_file(row.id, key, self.now)))

    def remove(self, material: str) -> None:
        """Take the files of a material off the case again."""
        of_case = attachment.c.case_id == self.known().id, attachment.c.material == material
        with transaction(self.engine) as connection:
            connection.execute(update(attachment).where(*of_case).values(removed_at=self.now))

    def complete(
        self, name: str, element: str, number: str | None = None, *, version: int | None = None, **choices: Any
    ) -> Completed:
        """Complete an open task with the story's answers; choices that are fields of the form are taken as they are."""
        given = self.answers(self.task(element, number).form_key, number, **choices)
        return self.complete_with(name, element, given, number, version=version)

    def complete_with(
        self,
        name: str,
        element: str,
        given: Mapping[str, Any],
        number: str | None = None,
        *,
        version: int | None = None,
    ) -> Completed:
        """Complete an open task with exactly these answers."""
        return self.complete_task_of_id(name, self.task(element, number).id, given, version, number)

    def complete_task_of_id(
        self,
        name: str,
        task_id: str,
        given: Mapping[str, Any] = MappingProxyType({}),
        version: int | None = None,
        number: str | None = None,
    ) -> Completed:
        command = CompleteTask(task_id, given, version)
        return self.act(name, lambda c, a: complete_task(c, self.services, a, command, self.now), task_id, number)

    def answers(self, form_key: str, number: str | None = None, **choices: Any) -> dict[str, Any]:
        """What the story answers. A choice shapes it; one that is a field is taken as it is, None leaves it out."""
        story = self.stories.get(number or self.number) or Story("", 0, self.today)
        with self.looking() as connection:
            fields = self.services.bundles.get(connection, self.known(number).definition_id).form(form_key).keys
        given = answers(replace(story, choices={**story.choices, **choices}), form_key, self.today)
        given |= {key: value for key, value in choices.items() if key in fields}
        return {key: value for key, value in given.items() if value is not None}

    def complete_as(self, actor: Actor, task_id: str, given: Mapping[str, Any]) -> Completed:
        """The same for tests that act in threads: nothing is read before the act itself."""
        command = CompleteTask(task_id, given)
        return self._perform_task(actor, lambda c: complete_task(c, self.services, actor, command, self.now), task_id)

    def claim_as(self, actor: Actor, task_id: str) -> int:
        return self._perform_task(actor, lambda c: claim_task(c, self.services, actor, task_id, self.now), task_id)

    def release_as(self, actor: Actor, task_id: str) -> int:
        return self._perform_task(actor, lambda c: release_task(c, self.services, actor, task_id, self.now), task_id)

    def claim(self, name: str, element: str, number: str | None = None) -> int:
        task = self.task(element, number)
        return self.act(name, lambda c, a: claim_task(c, self.services, a, task.id, self.now), task.id, number)

    def release(self, name: str, element: str, number: str | None = None) -> int:
        task = self.task(element, number)
        return self.act(name, lambda c, a: release_task(c, self.services, a, task.id, self.now), task.id, number)

    def sign(self, name: str, element: str, number: str | None = None) -> int:
        task = self.task(element, number)
        return self.act(name, lambda c, a: sign_task(c, self.services, a, task.id, self.now), task.id, number)

    def draft(
        self, name: str, element: str, given: Mapping[str, Any] = MappingProxyType({}), number: str | None = None
    ) -> int:
        task = self.task(element, number)
        return self.act(name, lambda c, a: save_draft(c, self.services, a, task.id, given, self.now), task.id, number)

    def act(
        self, name: str, command: Callable[[Connection, Actor], Any], task_id: str, number: str | None = None
    ) -> Any:
        """One person's act on a task, as a shell performs it."""
        actor = self.actor(name, number)
        return self._perform_task(actor, lambda c: command(c, actor), task_id)

    def _perform_task(self, actor: Actor, command: Callable[[Connection], Any], task_id: str) -> Any:
        return perform_on_case(self.engine, self.services, command, actor=actor, now=self.now, task_id=task_id)

    def perform(self, command: Callable[[Connection], Any], actor: Actor | None, number: str) -> Any:
        """Any act on a case, as a shell performs it."""
        return perform_on_case(self.engine, self.services, command, actor=actor, now=self.now, number=number)

    def message(self, kind: str, number: str | None = None, by: str | None = None, **given: Any) -> int:
        """The applicant's or the public's message; `by` a clerk who types it in at the counter."""
        number = number or self.number
        told = given
        if kind == "completion" and not given:
            told = answers(self.stories[number], "await_completion", self.today)
        if kind == "statement" and not given:
            told = answers(self.stories[number], "await_statement", self.today)
        if kind == "correction" and not given:
            waits = "await_rectification" if self.is_open("await_rectification", number) else "await_correction"
            told = answers(self.stories[number], waits, self.today)
        actor = self.actor(by, number) if by else None
        command = ReceiveMessage(number, kind, told)
        return int(self.perform(lambda c: receive_message(c, self.services, actor, command, self.now), actor, number))

    def pay(self, amount_fen: int | None = None, *, pay_code: str | None = None, reference: str = "BANK-1") -> bool:
        """The bank's callback for the last notice."""
        standing = None if amount_fen is not None and pay_code else self.payment_notices()[-1]
        code = pay_code or (standing.pay_code if standing else "")
        amount = amount_fen if amount_fen is not None else standing.amount_fen if standing else 0
        command = TakePayment(code, amount, reference, self.now)
        with transaction(self.engine) as connection:
            return take_payment(connection, self.services, command, self.now)

    @contextmanager
    def refused(self, code: str) -> Iterator[Refusal]:
        """The block ends in this refusal."""
        refusal = Refusal()
        with pytest.raises(Refused) as caught:
            yield refusal
        assert caught.value.code == code, caught.value.message
        refusal.code, refusal.message, refusal.facts = caught.value.code, caught.value.message, caught.value.facts
        refusal.missing = tuple(d.material or d.pointer or d.code for d in caught.value.details)

    # Time ------------------------------------------------------------------------------------------------------------

    @property
    def today(self) -> Any:
        return self.now.astimezone(CST).date()

    def advance(
        self, by: timedelta | None = None, *, working_days: int = 0, to: datetime | None = None, **units: float
    ) -> None:
        """Move the clock forwards through everything that falls due, each at its instant; then deliver the outbox.

        `working_days` keeps the time of day; `units` are those of timedelta.
        """
        end = to or self.now + (by or timedelta(**units))
        if working_days:
            day = self.calendar.local_date(self.calendar.add_working_days(end.astimezone(CST).date(), working_days))
            end = datetime.combine(day, end.astimezone(CST).time(), tzinfo=CST)
        assert end >= self.now, "time runs forwards"
        self.deliver()
        while (due := self._next_due()) is not None and due + _JUST_AFTER <= end:
            self.now = max(self.now, due + _JUST_AFTER)
            self._fire()
            self.deliver()
        self.now = end

    def _due(self) -> Any:
        """Armed rows that fire by themselves; what moves a halted case waits for the ruling."""
        return (
            select(due_row.c.case_id, due_row.c.due_at)
            .join(case, case.c.id == due_row.c.case_id)
            .where(due_row.c.state == 0, due_row.c.role != "minimum")
            .where(or_(case.c.status == "open", due_row.c.role != "move"))
            .order_by(due_row.c.due_at)
        )

    def _next_due(self) -> datetime | None:
        with self.looking() as connection:
            row = connection.execute(self._due().limit(1)).one_or_none()
        return row.due_at if row else None

    def _fire(self) -> None:
        with self.looking() as connection:
            rows = connection.execute(self._due().where(due_row.c.due_at < self.now)).all()
        for case_id in dict.fromkeys(row.case_id for row in rows):
            with transaction(self.engine) as connection:
                fire_timers(connection, self.services, case_id, self.now)

    def deliver(self) -> int:
        """Run the outbox messages that supervision takes in; how many."""
        done = 0
        while True:
            waiting = outbox.c.state == 0, outbox.c.kind.in_(list(self.recorders)), outbox.c.next_at <= self.now
            with transaction(self.engine) as connection:
                row = connection.execute(select(outbox).where(*waiting).order_by(outbox.c.id).limit(1)).one_or_none()
                if row is None:
                    return done
                self.recorders[row.kind](connection, self.services, row.payload, self.now)
                connection.execute(update(outbox).where(outbox.c.id == row.id).values(state=1, sent_at=self.now))
            done += 1


def _applicant(story: Story) -> Applicant:
    name, id_number, mobile = story.person
    if story.by_person:
        return Applicant(name, mobile, id_number=id_number)
    return Applicant(story.company[0], mobile, credit_code=story.company[1])


def _file(case_id: int, material: str, now: datetime) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "material": material,
        "digest": f"{hash(material) & 0xFFFF:064x}",
        "filename": f"{material}.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "uploaded_at": now,
    }
