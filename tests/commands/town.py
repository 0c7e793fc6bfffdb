"""An office whose cases are moved at random by real commands on a moved clock: its people, its cases, its usual day.

A move may be refused; what must hold afterwards holds all the same. `Town` counts the moves that were made, so that a
test can see that each way was gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import insert, select

from service.commands.print_document import PrintDocument, print_document
from service.database.session import transaction
from service.database.tables import person, post_holding, user_task
from service.errors import Refused
from service.people.actor import Actor
from service.user_tasks.rules import HALTING_GROUPS
from tests.commands.counting import LAST_DAY
from tests.commands.office import Office
from tests.commands.stories import HB, LEVY, MZ, SG, WJ, YJ, ZR
from tests.commands.walking import do
from tests.commands.whatever_holds import Known, faults

T = TypeVar("T")
# Who may try: those whose step it is, those who hold every post of the house, and those who are meant for others.
STAFF = ("clerk", "clerk2", "officer", "officer2", "section", "vice", "head", "printer", "cashier", "sup1")
POSTS = ("clerk", "officer", "section", "vice", "head", "printer", "cashier", "legal")
ROVERS = ("rover1", "rover2")
MOST_STEPS = 6
MOST_CASES = 5
pick = st.integers(0, 999)
who = st.sampled_from(("usual",) * 8 + ROVERS + STAFF)


class Town(RuleBasedStateMachine):
    """`number` is the case at hand; `made` counts moves over all runs, `refused` (move, code)."""

    made: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[tuple[str, str]]] = Counter()

    items: ClassVar[tuple[str, ...]] = (YJ, ZR, MZ, LEVY, HB, SG, WJ)
    # Departments that have a task of the cases beside their own (并联审批).
    partners: ClassVar[tuple[str, ...]] = ()
    last_day: ClassVar[date] = date(LAST_DAY.year, 6, 1)

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.known = Known()
        self.numbers: list[str] = []
        self.receipts = 0
        self._hire_rovers()

    def _hire_rovers(self) -> None:
        """Two people who hold every post everywhere, however they came by them: only the rules of a case stop them."""
        departments = [*(item.split("-")[1] for item in self.items), *self.partners]
        with transaction(self.office.engine) as connection:
            for name in ROVERS:
                values = {"username": name, "name": name, "department": "YJ", "password_hash": "-", "totp_secret": "-"}
                added = insert(person).values(**values, mobile="13900009999", active=True, officer_number=name)
                self.office.ids[name] = connection.execute(added.returning(person.c.id)).scalar_one()
                held = [(department, post) for department in dict.fromkeys(departments) for post in POSTS]
                rows = [{"person_id": self.office.ids[name], "department": d, "post": p} for d, p in held]
                kept = {"granted_at": self.office.now - timedelta(days=1), "reason": "历史遗留"}
                connection.execute(insert(post_holding), [row | kept for row in rows])

    # What a move is made of ------------------------------------------------------------------------------------------

    def attempt(self, name: str, move: Callable[[], object]) -> bool:
        """Make a move or be refused; anything else fails the run. No two stand at one instant."""
        self.office.now += timedelta(seconds=1)
        try:
            move()
        except Refused as refusal:
            self.refused[name, refusal.code] += 1
            return False
        self.made[name] += 1
        return True

    def on_case(self, name: str, by: str, command: Callable[[Any, Actor], object], number: str) -> bool:
        actor = self.office.actor(by, number)
        return self.attempt(name, lambda: self.office.perform(lambda c: command(c, actor), actor, number))

    def on_task(self, name: str, by: str, command: Callable[[Any, Actor], object], task_id: str, number: str) -> bool:
        return self.attempt(name, lambda: self.office.act(by, command, task_id, number))

    def case(self, choice: int, *, of: tuple[str, ...] = ()) -> str:
        """A case that has not ended, of these items if there is one; the last one begun is taken more often."""
        mine = [n for n in self.numbers if any(n.startswith(item.removeprefix("LJ-")[:5]) for item in of)]
        if mine:
            return self.one(mine, choice)
        going = [n for n in self.numbers if self.office.case(n).status not in ("completed", "terminated")]
        if not going and len(self.numbers) < MOST_CASES:
            self._begin(choice)
            return self.numbers[-1]
        found = going or self.numbers
        return found[max(len(found) - 1 - choice % 4, 0)]

    def tasks(self, number: str, status: str = "open") -> list[Any]:
        mine = user_task.c.case_id == self.office.known(number).id, user_task.c.status == status
        rows = self.office.rows(select(user_task).where(*mine))
        return sorted(rows, key=lambda row: (row.entered_at, row.element_id))

    def task(self, choice: int, number: str, fits: Callable[[Any], bool] | None = None) -> Any:
        """An open task; one that fits, if there is one or a few steps bring the case there."""
        for _ in range(MOST_STEPS if fits is not None else 0):
            if any(fits(task) for task in self.tasks(number)):  # type: ignore[misc]
                break
            self._go_on(number)
        found = self.tasks(number)
        found = [task for task in found if fits is not None and fits(task)] or found
        return found[choice % len(found)] if found else None

    def doer(self, by: str, task: Any, number: str) -> str:
        """`usual`: who has the task in hand, or the one whose post it is in the task's own department."""
        if by != "usual":
            return by
        names = {person_id: name for name, person_id in self.office.ids.items()}
        return names.get(task.assignee) or self.of_department(str(task.post), task)

    def of_department(self, name: str, task: Any) -> str:
        own = f"{task.department.lower()}_{name}"
        return own if own in self.office.ids else name

    def people(self, number: str) -> list[int]:
        names = [self.office.username(name, number) for name in STAFF]
        return [self.office.ids[name] for name in (*names, *ROVERS)]

    def successor(self, post: str, number: str, choice: int) -> int:
        """Somebody who may take a task on, as often as anybody at all."""
        if choice % 2:
            return self.one(self.people(number), choice // 2)
        fit = [name for name in (post, f"{post}2", *ROVERS) if self.office.username(name, number) in self.office.ids]
        return self.office.ids[self.office.username(self.one(fit, choice // 2), number)]

    @staticmethod
    def one(found: Sequence[T], choice: int) -> T:
        return found[choice % len(found)]

    # Cases come and go on --------------------------------------------------------------------------------------------

    @initialize(choice=pick, steps=st.integers(0, 6))
    def begin_first(self, choice: int, steps: int) -> None:
        self._begin(choice)
        for _ in range(steps):
            self._go_on(self.numbers[-1])

    @precondition(lambda self: len(self.numbers) < MOST_CASES)
    @rule(choice=pick, steps=st.integers(0, 6))
    def begin_another(self, choice: int, steps: int) -> None:
        self.begin_first(choice, steps)

    def _begin(self, choice: int) -> None:
        number = self.office.start(self.one(self.items, choice))
        self.numbers.append(number)
        self.office.put()

    def _go_on(self, number: str, **choices: Any) -> None:
        """The next step in the usual way, by whoever has it in hand, if anybody can."""
        steps = self.office.open_steps(number)
        if not steps or not self.time_left:
            return
        step = min(steps, key=lambda name: (name.endswith("publicity"), name))
        held = [task for task in self.tasks(number) if task.element_id == step]
        if step.startswith("await_pay") or step == "await_after_urge":
            self.print_certificate(number)
            self._pay(number, 1.0)
        elif not held or (held[0].officers == 2 and held[0].assignee is None):
            self.attempt("wait_for", lambda: do(self.office, step, number, **choices))
        else:
            self._complete(self.doer("usual", held[0], number), held[0], number, choices)

    def _complete(self, by: str, task: Any, number: str, choices: dict[str, Any]) -> bool:
        self.office.advance(to=max(self.office.now + timedelta(minutes=20), task.earliest_at or self.office.now))
        if task.id not in {one.id for one in self.tasks(number)}:
            return False  # What fell due meanwhile has moved the case.
        if task.officers == 2 and (task.signed_by is None or task.draft is not None):
            if task.draft is not None:  # What is handed in is what was signed.
                given = self.office.answers(task.form_key, number, **choices)
                self.attempt("draft", lambda: self.office.draft(by, task.element_id, given, number))
            second = self.office.username(self.of_department("officer2", task), number)
            other = self.of_department("officer" if self.office.username(by, number) == second else "officer2", task)
            self.attempt("sign", lambda: self.office.sign(other, task.element_id, number))
        return self.attempt("complete", lambda: self.office.complete(by, task.element_id, number, **choices))

    @property
    def time_left(self) -> bool:
        return bool(self.office.today < self.last_day)

    @rule(choice=pick)
    def go_on(self, choice: int) -> None:
        self._go_on(self.case(choice))

    @rule(choice=pick)
    def go_on_twice(self, choice: int) -> None:
        """The first time by somebody who holds every post: what he may not do because of what he did, he is refused."""
        number = self.case(choice)
        if task := self.task(choice, number):
            self._complete(self.one(ROVERS, choice), task, number, {})
        self._go_on(number)

    @rule(choice=pick, other=st.sampled_from(("back", "refuse", "correction", "agree_refuse", "wrong")))
    def go_on_otherwise(self, choice: int, other: str) -> None:
        """Sent back by its form, refused, corrected; or answered wrongly, which is refused."""
        chosen: dict[str, dict[str, Any]] = {
            "back": {"review_result": "back", "decision": "back"},
            "refuse": {"decision": "refuse", "review_result": "agree_grant"},
            "correction": {"check_result": "correction"},
            "agree_refuse": {"review_result": "agree_refuse"},
            "wrong": {"review_result": "nonsense", "decision": None, "check_result": ""},
        }
        self._go_on(self.case(choice), **chosen[other])

    @rule(choice=pick, by=who, early=st.booleans())
    def complete_anything(self, choice: int, by: str, early: bool) -> None:
        """Somebody completes some open task, perhaps at once: too early, of another post, or separated."""
        number = self.case(choice)
        task = self.task(choice, number)
        if task is None:
            return
        doer = self.doer(by, task, number)
        if early:
            self.attempt("complete_at_once", lambda: self.office.complete(doer, task.element_id, number))
        else:
            self._complete(doer, task, number, {})

    @rule(choice=pick, release=st.sampled_from((True, False, False)), days=st.sampled_from((0, 1, 3, 6)))
    def rule_on_a_halt(self, choice: int, release: bool, days: int) -> None:
        number = self.case(choice)
        ruling = {"halt_ruling": "release" if release else "redo"}
        if self.office.case(number).status == "open":
            self._hurry(choice, number)
        if days and self.time_left:
            self.office.advance(days=days)
        for task in self.tasks(number):
            if task.halts:
                self.attempt("rule", lambda task=task: self.office.complete("sup1", task.element_id, number, **ruling))

    def _hurry(self, choice: int, number: str) -> None:
        """Somebody is done with field work as soon as it is his: that halts the case."""
        task = self.task(choice, number, lambda one: one.separation_group in HALTING_GROUPS)
        if task is not None and task.separation_group in HALTING_GROUPS:
            doer = self.doer("usual", task, number)
            self.attempt("complete_at_once", lambda: self.office.complete(doer, task.element_id, number))

    # What several moves share -----------------------------------------------------------------------------------------

    def held(self, choice: int, by: str, number: str, fits: Callable[[Any], bool] | None = None) -> Any:
        """An open task, claimed beforehand by whoever moves it, if he may."""
        task = self.task(choice, number, fits)
        if task is not None and task.assignee is None:
            doer = self.doer(by, task, number)
            self.attempt("claim", lambda: self.office.claim(doer, task.element_id, number))
            return next((one for one in self.tasks(number) if one.id == task.id), None)
        return task

    def _task_move(
        self, name: str, by: str, command: Callable[[Any, Actor, datetime], object], task: Any, number: str
    ) -> bool:
        doer = self.doer(by, task, number)
        return self.on_task(name, doer, lambda c, a: command(c, a, self.office.now), task.id, number)

    def print_certificate(self, number: str) -> None:
        """Whether or not it was paid for."""
        command, services = PrintDocument(number, "certificate"), self.office.services
        printed = lambda c, a: print_document(c, services, a, command, self.office.now)  # noqa: E731
        self.on_case("print_granting", "printer", printed, number)

    def _pay(self, number: str, share: float, *, again: bool = False) -> None:
        notices = self.office.payment_notices(number)
        if not notices:
            return
        notice = notices[-1] if share == 1.0 else notices[0]
        amount = int(notice.amount_fen * share)
        self.receipts += 1
        for name in ("pay", "pay_twice") if again else ("pay",):
            before = self._received(number)
            taken = self.attempt(name, lambda: self._callback(number, notice.pay_code, amount))
            self.known.paid[number] += amount if taken and name == "pay" else 0
            assert name == "pay" or self._received(number) == before, "one receipt was posted twice"

    def _callback(self, _number: str, code: str, amount: int) -> None:
        self.office.pay(amount, pay_code=code, reference=f"R-{self.receipts}")

    def _received(self, number: str) -> int:
        return len(self.office.history(number, "payment_received"))

    @invariant()
    def everything_holds(self) -> None:
        found = faults(self.office, self.known)
        assert not found, "\n".join(found)
