"""Every way in which an office moves a case or its tasks, drawn at random; see `town`."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from service.commands.ask_opinion import AskOpinion, ask_opinion
from service.commands.attach_file import AttachFile, RemoveFile, attach_file, remove_file
from service.commands.claim_task import save_draft
from service.commands.copy_to_read import CopyToRead, copy_to_read, read_copy
from service.commands.correct_slip import CorrectSlip, correct_slip
from service.commands.end_case import TerminateCase, terminate_case, withdraw_case
from service.commands.extend_limit import extend_limit
from service.commands.give_opinion import GiveOpinion, give_opinion
from service.commands.hand_over_task import DelegateTask, TransferTask, delegate_task, transfer_task
from service.commands.hand_over_work import HandOverWork, hand_over_work
from service.commands.leave import EnterLeave, end_leave, enter_leave
from service.commands.link_cases import LinkCases, link_cases, unlink_cases
from service.commands.print_document import PrintDocument, print_document
from service.commands.send_back import SendBack, send_back
from service.commands.sign_for_many import claim_each
from service.commands.special_step import KINDS, BeginSpecialStep, begin_special_step, end_special_step
from service.commands.suspend_case import SuspendCase, resume_case, suspend_case
from service.commands.take_back import take_back
from service.commands.take_payment import make_payment_notice
from service.commands.urge_task import urge_task
from service.database.session import transaction
from service.database.tables import case_copy, task_opinion
from service.reads.open_work import opinions_in_hand, tasks_in_hand
from service.user_tasks.moves import DECIDING, REVIEWING
from tests.commands.office import Office
from tests.commands.stories import LEVY, MZ, SG, ZR
from tests.commands.town import ROVERS, STAFF, Town, pick, who

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GROUND = "行政许可法 第四十五条"


class TaskMoves(Town):
    # Tasks -----------------------------------------------------------------------------------------------------------

    @rule(choice=pick, by=who)
    def claim(self, choice: int, by: str) -> None:
        number = self.case(choice)
        if task := self.task(choice, number):
            doer = self.doer(by, task, number)
            self.attempt("claim", lambda: self.office.claim(doer, task.element_id, number))

    @rule(choice=pick, by=who)
    def sign_for_several(self, choice: int, by: str) -> None:
        """Whatever is open of all cases, at once: each paper that may be had is received, none is reviewed."""
        number = self.case(choice)
        if task := self.task(choice, number):
            actor = self.office.actor(self.doer(by, task, number), number)
            ids = [one.id for of in self.numbers for one in self.tasks(of)]
            self.office.now += timedelta(seconds=1)
            before = {of: [one.element_id for one in self.tasks(of)] for of in self.numbers}
            found = claim_each(self.office.engine, self.office.services, actor, ids, self.office.now)
            assert before == {of: [one.element_id for one in self.tasks(of)] for of in self.numbers}
            self.made["sign_for_several"] += any(one.refusal is None for one in found)

    @rule(choice=pick, by=who)
    def release(self, choice: int, by: str) -> None:
        number = self.case(choice)
        if task := self.task(choice, number):
            doer = self.doer(by, task, number)
            self.attempt("release", lambda: self.office.release(doer, task.element_id, number))

    @rule(choice=pick, by=who, note=st.sampled_from(("待核", "同意", "材料已看")))
    def write_down(self, choice: int, by: str, note: str) -> None:
        """An unfinished draft; `everything_holds` sees that none is lost when the step is entered again."""
        number, services = self.case(choice), self.office.services
        if task := self.held(choice, by, number):
            given = {"review_note": note}
            save = lambda c, a, n: save_draft(c, services, a, task.id, given, n)  # noqa: E731
            self._task_move("draft", by, save, task, number)

    @rule(choice=pick, by=who)
    def sign(self, choice: int, by: str) -> None:
        number = self.case(choice)
        task = self.task(choice, number, lambda one: one.officers == 2)
        if task is not None and task.officers == 2:
            signer = self.of_department("officer2", task) if by == "usual" else by
            self.attempt("sign", lambda: self.office.sign(signer, task.element_id, number))

    @rule(choice=pick, by=who, last=st.booleans(), days=st.sampled_from((0, 0, 1, 3, 6)))
    def send_back(self, choice: int, by: str, last: bool, days: int) -> None:
        """Sent back, perhaps after some days, in which the step that it goes back to was nobody's."""
        number = self.case(choice)
        with self.office.looking() as connection:
            bundle = self.office.services.bundles.get(connection, self.office.known(number).definition_id)
        allowed = {e.id: sorted(e.send_back_to) for e in bundle.model.elements.values() if e.send_back_to}
        task = self.held(choice, by, number, lambda one: one.element_id in allowed)
        if task is None:
            return
        if days and self.time_left:
            self.office.advance(days=days)
        steps = allowed.get(task.element_id, [])
        to = None if last or not steps else self.one(steps, choice)
        command = SendBack(task.id, to, "材料与现场不一致")
        self._task_move(
            "send_back", by, lambda c, a, n: send_back(c, self.office.services, a, command, n), task, number
        )

    @rule(choice=pick, by=who, at_once=st.booleans())
    def take_back(self, choice: int, by: str, at_once: bool) -> None:
        """The last act of a case, of which nobody has yet done what follows; perhaps one that was just made."""
        number = self.case(choice)
        if at_once:
            review = self.held(choice, "usual", number, lambda one: one.separation_group in REVIEWING)
            if review is not None:
                self._complete(self.doer("usual", review, number), review, number, {})
        done = sorted(self.tasks(number, "completed"), key=lambda task: task.completed_at)
        if not done:
            return
        task, services = done[-1], self.office.services
        names = {person_id: name for name, person_id in self.office.ids.items()}
        doer = names[task.completed_by] if by == "usual" else by
        now = self.office.now
        self.on_task("take_back", doer, lambda c, a: take_back(c, services, a, task.id, "漏填", now), task.id, number)

    @rule(choice=pick, to=pick, by=st.sampled_from(("section", "section", "rover1", "vice")))
    def transfer(self, choice: int, to: int, by: str) -> None:
        number = self.case(choice)
        if task := self.task(choice, number):
            command = TransferTask(task.id, self.successor(task.post, number, to), "出差")
            services = self.office.services
            self._task_move("transfer", by, lambda c, a, n: transfer_task(c, services, a, command, n), task, number)

    @rule(choice=pick, to=pick, by=who, days=st.integers(1, 20))
    def delegate(self, choice: int, to: int, by: str, days: int) -> None:
        number = self.case(choice)
        task = self.held(choice, by, number)
        if task is not None:
            until = self.office.now + timedelta(days=days)
            command = DelegateTask(task.id, self.successor("printer", number, to), until, "外出")
            services = self.office.services
            self._task_move("delegate", by, lambda c, a, n: delegate_task(c, services, a, command, n), task, number)

    @rule(choice=pick, to=pick, post=st.sampled_from(("section", "vice", "head")))
    def lend_a_post(self, choice: int, to: int, post: str) -> None:
        """A leader lends his post to a colleague for some days."""
        number = self.case(choice)
        names = [*STAFF, *ROVERS]
        leader = self.office.username(post, number)
        self.attempt("lend", lambda: self.office.lend(leader, post, self.office.username(self.one(names, to), number)))

    @rule(choice=pick, by=st.sampled_from(("section", "vice", "head", "sup1", "clerk")))
    def urge(self, choice: int, by: str) -> None:
        number = self.case(choice)
        if task := self.task(choice, number):
            services = self.office.services
            self._task_move("urge", by, lambda c, a, n: urge_task(c, services, a, task.id, "请抓紧", n), task, number)

    # Signatures, copies, links ---------------------------------------------------------------------------------------

    @rule(
        choice=pick,
        by=who,
        to=st.lists(pick, min_size=1, max_size=3),
        way=st.sampled_from(("before", "beside", "after", "countersign", "consult")),
        counted=st.sampled_from(("all", "majority", "veto")),
        at_once=st.booleans(),
    )
    def ask(self, choice: int, by: str, to: list[int], way: str, counted: str, at_once: bool) -> None:
        number = self.case(choice)
        groups = {"countersign": DECIDING, "consult": REVIEWING}.get(way)
        task = self.held(choice, by, number, lambda one: groups is None or one.separation_group in groups)
        if task is not None:
            asked = [self.successor("printer", number, one) for one in to]
            command = AskOpinion(task.id, way, asked, "请核对", counted if way == "countersign" else "each")
            services = self.office.services
            self._task_move(f"ask_{way}", by, lambda c, a, n: ask_opinion(c, services, a, command, n), task, number)
        if at_once:
            self.answer(0, "agree", True)

    @rule(choice=pick, answer=st.sampled_from(("agree", "agree", "disagree", "abstain")), all_of_them=st.booleans())
    def answer(self, choice: int, answer: str, all_of_them: bool) -> None:
        waiting = self.office.rows(
            select(task_opinion).where(task_opinion.c.answered_at.is_(None)).order_by(task_opinion.c.id)
        )
        names = {person_id: name for name, person_id in self.office.ids.items()}
        numbers = {self.office.known(number).id: number for number in self.numbers}
        for row in waiting if all_of_them else waiting[choice % 7 :][:1]:
            number, command = numbers[row.case_id], GiveOpinion(row.id, answer, "意见如上")
            self.on_case(
                "answer",
                names[row.person_id],
                lambda c, a, command=command: give_opinion(c, self.office.services, a, command, self.office.now),
                number,
            )

    @rule(choice=pick, by=who, to=pick)
    def copy(self, choice: int, by: str, to: int) -> None:
        number = self.case(choice)
        task = self.held(choice, by, number)
        if task is None:
            return
        services, reader = self.office.services, self.one(self.people(number), to)
        command = CopyToRead(task.id, [reader], "请阅")
        self._task_move("copy", by, lambda c, a, n: copy_to_read(c, services, a, command, n), task, number)
        names = {person_id: name for name, person_id in self.office.ids.items()}
        for row in self.office.rows(select(case_copy).where(case_copy.c.read_at.is_(None))):
            actor = self.office.actor(names[row.person_id], number)
            self.on_case(
                "read",
                names[row.person_id],
                lambda c, _a, row=row, actor=actor: read_copy(c, actor, row.id, self.office.now),
                number,
            )

    @precondition(lambda self: len(self.numbers) > 1)
    @rule(choice=pick, by=who, merged=st.booleans(), undo=st.booleans())
    def link(self, choice: int, by: str, merged: bool, undo: bool) -> None:
        number = self.case(choice)
        others = sorted(set(self.numbers) - {number}, key=lambda one: one[:5] != number[:5])[: 1 + choice % 2]
        task = self.held(choice, by, number)
        if task is None:
            return
        services, other = self.office.services, self.one(others, choice)
        command = LinkCases(task.id, other, "merged" if merged else "related", "同一申请人")
        self._task_move("link", by, lambda c, a, n: link_cases(c, services, a, command, n), task, number)
        if undo:
            self._task_move(
                "unlink", by, lambda c, a, n: unlink_cases(c, services, a, task.id, other, "误关联", n), task, number
            )


class CaseMoves(Town):
    # Whole cases -----------------------------------------------------------------------------------------------------

    @rule(
        choice=pick,
        by=st.sampled_from(("vice", "vice", "head", *ROVERS)),
        again=st.sampled_from((True, True, True, False)),
        days=st.integers(0, 9),
    )
    def suspend(self, choice: int, by: str, again: bool, days: int) -> None:
        """Suspended; perhaps resumed some days later."""
        number, services = self.case(choice), self.office.services
        command = SuspendCase(number, GROUND, "须待查明")
        by = self._decider(number) if by == "vice" else by
        self.on_case("suspend", by, lambda c, a: suspend_case(c, services, a, command, self.office.now), number)
        if again:
            self.office.advance(days=days, hours=3)
            self.resume(choice, by)

    @rule(choice=pick, by=st.sampled_from(("vice", "vice", "head", *ROVERS)))
    def resume(self, choice: int, by: str) -> None:
        number, services = self.case(choice), self.office.services
        by = self._decider(number) if by == "vice" else by
        command = lambda c, a: resume_case(c, services, a, number, "已查明", self.office.now)  # noqa: E731
        self.on_case("resume", by, command, number)

    def _decider(self, number: str) -> str:
        return "head" if number.split("-")[1] in ("HB",) else "vice"

    @rule(choice=pick, by=st.sampled_from(("vice", "head", *ROVERS)))
    def extend(self, choice: int, by: str) -> None:
        number, services = self.case(choice, of=(MZ, SG)), self.office.services
        self.task(choice, number, lambda one: one.element_id != "formal_check")  # Accepted.
        by = "head" if by == "vice" and number.startswith(MZ[3:5]) else by
        self.on_case("extend", by, lambda c, a: extend_limit(c, services, a, number, "复杂", self.office.now), number)

    @rule(choice=pick, by=who, kind=st.sampled_from(sorted(KINDS)), days=st.integers(1, 15), pause=st.integers(0, 12))
    def special_step(self, choice: int, by: str, kind: str, days: int, pause: int) -> None:
        number, services = self.case(choice), self.office.services
        task = self.held(choice, by, number, lambda one: one.separation_group in REVIEWING)
        if task is None:
            return
        command, doer = BeginSpecialStep(number, kind, days, "须专门审查"), self.doer(by, task, number)
        begun = self.on_case(
            "special_step", doer, lambda c, a: begin_special_step(c, services, a, command, self.office.now), number
        )
        if begun and pause and self.time_left:
            self.office.advance(days=pause)
            self.on_case(
                "end_special", doer, lambda c, a: end_special_step(c, services, a, number, self.office.now), number
            )

    @rule(choice=pick, by=st.sampled_from(("section", "section", "clerk", *ROVERS)), digit=st.integers(0, 9))
    def correct_a_slip(self, choice: int, by: str, digit: int) -> None:
        """A number of the telephone that was typed wrongly: nothing that anybody decides by."""
        number, services = self.case(choice), self.office.services
        command = CorrectSlip(number, "applicant.mobile", f"1390000100{digit}", "录入有误")
        self.on_case("slip", by, lambda c, a: correct_slip(c, services, a, command, self.office.now), number)

    @rule(choice=pick, by=st.sampled_from(("vice", "head", *ROVERS)))
    def terminate(self, choice: int, by: str) -> None:
        if choice % 3:
            return
        number, services = self.case(choice), self.office.services
        command = TerminateCase(number, GROUND, "申请人死亡")
        self.on_case("terminate", by, lambda c, a: terminate_case(c, services, a, command, self.office.now), number)

    @rule(choice=pick, at_window=st.booleans())
    def withdraw(self, choice: int, at_window: bool) -> None:
        if choice % 4:
            return
        number, services = self.case(choice), self.office.services
        actor = self.office.actor("clerk", number) if at_window else None
        command = lambda c: withdraw_case(c, services, actor, number, "不再需要", self.office.now)  # noqa: E731
        self.attempt("withdraw", lambda: self.office.perform(command, actor, number))

    # Money, papers, files --------------------------------------------------------------------------------------------

    @rule(choice=pick, share=st.sampled_from((0.4, 0.4, 1.0, 1.0, 1.5)), doubled=st.booleans())
    def pay(self, choice: int, share: float, doubled: bool) -> None:
        """In part, in full, too much, twice, also by a notice that is void or long paid."""
        for number in self.numbers[choice % 2 :]:
            if self.office.payment_notices(number):
                self.print_certificate(number)
                self._pay(number, share, again=doubled)
                self.print_certificate(number)

    @rule(choice=pick, by=st.sampled_from(("clerk", "cashier", "printer", "section")))
    def ask_for_a_notice(self, choice: int, by: str) -> None:
        """A payment notice, or another one for one whose term is over."""
        number, services = self.case(choice, of=(ZR, LEVY)), self.office.services
        self.on_case("notice", by, lambda c, a: make_payment_notice(c, services, a, number, self.office.now), number)

    @rule(choice=pick, by=st.sampled_from(("printer", "clerk", *ROVERS)), granting=st.booleans())
    def print_paper(self, choice: int, by: str, granting: bool) -> None:
        """Something that grants whether or not there is any yet; else what the case has made."""
        number, services = self.one(self.numbers, choice), self.office.services
        made = [row.kind for row in self.office.documents(number)]
        if granting or not made:
            kind = "cancel_proof" if "cancel_proof" in made else "certificate"
        else:
            kind = self.one(made, choice)
        command = PrintDocument(number, kind)
        name = "print_granting" if granting else "print"
        self.on_case(name, by, lambda c, a: print_document(c, services, a, command, self.office.now), number)

    @rule(choice=pick, by=st.sampled_from(("clerk", "clerk", "officer", "printer", *ROVERS)), replaces=st.booleans())
    def upload(self, choice: int, by: str, replaces: bool) -> None:
        """A file for any material, or a new version of one that is on record."""
        number, services = self.case(choice), self.office.services
        former = self.one(self.office.files(number), choice) if replaces and self.office.files(number) else None
        with self.office.looking() as connection:
            known = services.items.current(connection, number_of_item(self.office, number)).materials
        material = former.material if former else self.one(sorted(known), choice)
        with services.files.staged(io.BytesIO(PDF + str(choice).encode())) as staged:
            command = AttachFile(number, material, "扫描.pdf", staged, services.files.keep, former and former.id)
            name = "replace" if replaces else "upload"
            put = lambda c, a: attach_file(c, services, a, command, self.office.now)  # noqa: E731
            if self.on_case(name, by, put, number):
                self.known.uploaded.add(staged.digest)

    @rule(choice=pick, by=st.sampled_from(("clerk", "officer", *ROVERS)))
    def remove(self, choice: int, by: str) -> None:
        number, services = self.case(choice), self.office.services
        if files := self.office.files(number):
            command = RemoveFile(number, self.one(files, choice).id)
            self.on_case("remove", by, lambda c, a: remove_file(c, services, a, command, self.office.now), number)

    # People and time -------------------------------------------------------------------------------------------------

    @rule(choice=pick, to=pick, post=st.sampled_from(STAFF), by=st.sampled_from(("secadmin", "head", "section")))
    def hand_over(self, choice: int, to: int, post: str, by: str) -> None:
        """All that somebody has in hand goes to others, as they are drawn."""
        number, services = self.case(choice), self.office.services
        giver, people, now = self.office.ids[self.office.username(post, number)], self.people(number), self.office.now
        with self.office.looking() as connection:
            tasks = {row.task_id: row.post for row in tasks_in_hand(connection, giver, now)}
            opinions = [row.opinion_id for row in opinions_in_hand(connection, giver)]
        if tasks or opinions:
            given = {one: self.successor(post, number, to) for one, post in tasks.items()}
            asked = {one: self.one(people, to + n) for n, one in enumerate(opinions)}
            command = HandOverWork(giver, "调离", given, asked)
            self.on_case("hand_over", by, lambda c, a: hand_over_work(c, services, a, command, now), number)

    @rule(choice=pick, to=pick, name=st.sampled_from(STAFF), days=st.integers(0, 5), back=st.booleans())
    def go_away(self, choice: int, to: int, name: str, days: int, back: bool) -> None:
        """Somebody is on leave from now on, with a stand-in or without; perhaps he is back soon."""
        number, services = self.case(choice), self.office.services
        person = self.office.ids[self.office.username(name, number)]
        stand_in = self.successor(name.removesuffix("2"), number, to) if to % 3 else None
        today = self.office.today
        command = EnterLeave(person, today, today + timedelta(days=days), "年休假", stand_in)
        actor, entered = self.office.actor(name, number), []

        def enter() -> None:
            with transaction(self.office.engine) as connection:
                entered.append(enter_leave(connection, services, actor, command, self.office.now))

        if self.attempt("go_away", enter):
            self.office.deliver()
        if entered and back:
            self.attempt("come_back", lambda: self._come_back(actor, entered[0]))

    def _come_back(self, actor: Any, leave_id: int) -> None:
        with transaction(self.office.engine) as connection:
            end_leave(connection, actor, leave_id, self.office.now)

    @precondition(lambda self: self.time_left)
    @rule(hours=st.integers(0, 9), minutes=st.integers(0, 59))
    def wait_some_hours(self, hours: int, minutes: int) -> None:
        self.office.advance(hours=hours, minutes=minutes)

    @precondition(lambda self: self.time_left)
    @rule(days=st.integers(1, 12))
    def wait_some_days(self, days: int) -> None:
        self.office.advance(days=days)

    @precondition(lambda self: self.time_left)
    @rule(hours=st.integers(1, 60))
    def nobody_looks(self, hours: int) -> None:
        """Time passes and no worker runs: the next act of a person finds what has fallen due."""
        self.office.now += timedelta(hours=hours)


def number_of_item(office: Office, number: str) -> str:
    """The item's code of a case."""
    return str(office.case(number).power_item)
