"""The ways an office moves a whole case, one path each (docs/operations-on-cases.md)."""

from __future__ import annotations

from sqlalchemy import Connection

from service.commands.correct_slip import LONGEST_VALUE, CorrectSlip, correct_slip, correctable_slips
from service.commands.end_case import TerminateCase, terminate_case, withdraw_case
from service.commands.extend_limit import extend_limit
from service.commands.rule_on_held_act import RULINGS, RuleOnHeldAct, rule_on_held_act
from service.commands.special_step import KINDS, BeginSpecialStep, begin_special_step, end_special_step
from service.commands.suspend_case import SuspendCase, resume_case, suspend_case
from service.enquiry.public_view import PublicCase
from service.web.api import other_schemas, schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Text
from service.web.api.public import SecretQuery, find_public_case
from service.web.api.visible import case_after_act, case_answer, require_case_visible, visible_case, whole_case

endpoints = Endpoints("moves")

_REFUSED = (
    "not_found",
    "case_closed",
    "case_halted",
    "terminal_shared",
    "version_conflict",
    "move_refused",
    "invalid_request",
)
_RUNNING = (*_REFUSED, "case_suspended")
MOST_PLANNED_DAYS = 250


class CaseGround(Body):
    legal_basis = Text(300, required=True)
    reason = Text(500, required=True)


class Suspension(Body):
    """`ground`: `licensing_45`, `penalty_60`, `coercion_25` or `coercion_39` as the kind of item allows, or `other`."""

    ground = Text(40, required=True, shortest=0)
    legal_basis = Text(300, shortest=0)
    reason = Text(500, required=True)


class CaseReason(Body):
    reason = Text(500, required=True)


class HaltRuling(Body):
    ruling = Choice(*RULINGS, required=True)
    reason = Text(500, required=True)


class Withdrawal(Body):
    reason = Text(500)


class PublicWithdrawal(Withdrawal):
    secret = Text(64)


class ClericalCorrection(Body):
    place = Text(160, required=True)
    value = Text(LONGEST_VALUE, required=True)
    reason = Text(500, required=True)


class SpecialStep(Body):
    kind = Choice(*KINDS, required=True)
    planned_working_days = Count(1, MOST_PLANNED_DAYS, required=True)
    reason = Text(500, required=True)


@endpoints.post("/cases/<code:number>/suspend", answer=schemas.Case(), body=Suspension(), codes=_RUNNING)
def suspend(call: Call, connection: Connection, number: str) -> Answer:
    """The decider suspends the case on a ground of law (中止); its clocks stop.

    A ground of the list is written out; for `other`, `legal_basis` names the law and its article.
    """
    require_case_visible(call, connection, number)
    body = call.body
    command = SuspendCase(number, body.get("legal_basis") or "", body["reason"], body["ground"])
    suspend_case(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post("/cases/<code:number>/resume", answer=schemas.Case(), body=CaseReason(), codes=_REFUSED)
def resume(call: Call, connection: Connection, number: str) -> Answer:
    """The decider resumes a suspended case (恢复); its clocks run again."""
    require_case_visible(call, connection, number)
    resume_case(connection, call.web.services, call.actor, number, call.body["reason"], call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post(
    "/cases/<code:number>/extend", answer=schemas.Case(), body=CaseReason(), codes=(*_RUNNING, "separation_of_duty")
)
def extend(call: Call, connection: Connection, number: str) -> Answer:
    """The approver whom the law names extends the limit once (延期); the applicant is told."""
    require_case_visible(call, connection, number)
    extend_limit(connection, call.web.services, call.actor, number, call.body["reason"], call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post("/cases/<code:number>/special-step", answer=schemas.Case(), body=SpecialStep(), codes=_RUNNING)
def begin_special(call: Call, connection: Connection, number: str) -> Answer:
    """The reviewer begins a special procedure of Art. 45 (特别程序), which is not counted."""
    require_case_visible(call, connection, number)
    body = call.body
    command = BeginSpecialStep(number, body["kind"], body["planned_working_days"], body["reason"])
    begin_special_step(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post("/cases/<code:number>/special-step/end", answer=schemas.Case(), codes=_RUNNING)
def end_special(call: Call, connection: Connection, number: str) -> Answer:
    """The result of the special procedure is in."""
    require_case_visible(call, connection, number)
    end_special_step(connection, call.web.services, call.actor, number, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post(
    "/cases/<code:number>/terminate", answer=schemas.Case(), body=CaseGround(), codes=(*_REFUSED, "separation_of_duty")
)
def terminate(call: Call, connection: Connection, number: str) -> Answer:
    """The decider ends the case on a ground of law (终止)."""
    require_case_visible(call, connection, number)
    command = TerminateCase(number, call.body["legal_basis"], call.body["reason"])
    terminate_case(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.get("/cases/<code:number>/clerical-corrections", answer=other_schemas.Slips(), codes=("not_found",))
def slips(call: Call, connection: Connection, number: str) -> Answer:
    """What of the case may be put right as a slip of the pen, with what it says now."""
    found = visible_case(call, connection, number)
    view = whole_case(call, connection, number)
    done = [task for task in view.steps_done if task.status == "completed"]
    decided = view.decided_on is not None
    listed = correctable_slips(found.applicant, done, found.bundle, found.item, decided=decided)
    items = [{"place": s.place, "label_zh": s.label.zh, "label_en": s.label.en, "value": s.value} for s in listed]
    return Answer({"items": items}, version=view.version)


@endpoints.post(
    "/cases/<code:number>/clerical-corrections",
    answer=schemas.Case(),
    body=ClericalCorrection(),
    codes=(*_REFUSED, "invalid_answers"),
)
def correct(call: Call, connection: Connection, number: str) -> Answer:
    """The head of section puts a slip of the pen right (笔误更正); before and after stay in the history."""
    require_case_visible(call, connection, number)
    body = call.body
    command = CorrectSlip(number, body["place"], body["value"], body["reason"])
    correct_slip(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post(
    "/cases/<code:number>/halt-ruling",
    answer=schemas.Case(),
    body=HaltRuling(),
    codes=("not_found", "case_closed", "move_refused", "separation_of_duty", "invalid_request"),
)
def rule_on_halt(call: Call, connection: Connection, number: str) -> Answer:
    """The level-1 supervisor rules on an act that was held: it counts, or it is void."""
    require_case_visible(call, connection, number)
    command = RuleOnHeldAct(number, call.body["ruling"], call.body["reason"])
    rule_on_held_act(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post("/cases/<code:number>/withdraw", answer=schemas.Case(), body=Withdrawal(), codes=_REFUSED)
def withdraw(call: Call, connection: Connection, number: str) -> Answer:
    """The window enters that the applicant withdraws (撤回申请)."""
    require_case_visible(call, connection, number)
    withdraw_case(connection, call.web.services, call.actor, number, call.body.get("reason") or "", call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.post(
    "/public/cases/<code:number>/withdraw",
    answer=other_schemas.PublicCase(),
    query=SecretQuery(),
    body=PublicWithdrawal(),
    public=True,
    codes=("not_found", "case_closed", "case_halted", "move_refused", "rate_limited"),
)
def withdraw_publicly(call: Call, connection: Connection, number: str) -> Answer:
    """The applicant withdraws with number and secret."""
    secret = call.query.get("secret") or call.body.get("secret") or ""
    find_public_case(call, connection, number, secret)
    withdraw_case(connection, call.web.services, None, number, call.body.get("reason") or "", call.now)
    found: PublicCase = find_public_case(call, connection, number, secret)
    return Answer(found)
