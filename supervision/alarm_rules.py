"""Which facts of an act are alarms. Pure: frozen facts in, drafts of alarms out; no session, clock or logging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import isodate

from service.cases.happened import (
    CaseDecided,
    CaseFacts,
    FineOverdue,
    Happened,
    LimitReached,
    PaymentReversed,
    PrintRefused,
    TerminalShared,
    TooEarlyActed,
)
from supervision.facts import Facts
from supervision.rules.rule import Choose, Finding, Rule

# items.yaml, meta.alarm_defaults, case_too_fast: an item that is not done on the spot takes longer than this.
FASTEST_CASE = timedelta(minutes=10)


# Steps of an order that the handler owes: his lateness is no idle supervision.
HANDLER_STEPS = frozenset({"handler_sign", "handler_answer"})


@dataclass(frozen=True, slots=True)
class AlarmDraft:
    """An alarm to be raised. Unique by (subject, rule, colour); `evidence` are rows of plain JSON with ids to open."""

    kind: str
    rule: str
    colour: str
    subject: str
    summary_zh: str
    summary_en: str
    element_id: str | None = None
    person_id: int | None = None
    # Whose step it is; None is the department of the case.
    department: str | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()


def _row(**facts: Any) -> tuple[Mapping[str, Any], ...]:
    """The evidence of a rule that saw one thing."""
    return (facts,)


LIMIT_NAMES: Mapping[str, tuple[str, str]] = {
    "step_limit": ("环节时限", "time limit of the step"),
    "statutory_limit": ("法定时限", "statutory limit"),
    "milestone": ("节点期限", "due day of the milestone"),
    "promised_limit": ("承诺时限", "promised limit"),
}
COLOUR_WORDS: Mapping[str, tuple[str, str]] = {
    "blue": ("已用半数", "is half gone"),
    "yellow": ("将届满", "is nearly gone"),
    "red": ("已超期", "has passed"),
}
MILESTONE_WORDS: Mapping[str, tuple[str, str]] = {
    "blue": ("还有 15 日", "is 15 days ahead"),
    "yellow": ("还有 5 日", "is 5 days ahead"),
    "red": ("已过，未报完成", "has passed without a report"),
}
UNIT_NAMES: Mapping[str, tuple[str, str]] = {
    "working_days": ("个工作日", "working days"),
    "natural_days": ("个自然日", "natural days"),
    "office_hours": ("个工作小时", "office hours"),
    "hours": ("小时", "hours"),
    "minutes": ("分钟", "minutes"),
}


def alarms(facts: CaseFacts, happened: Iterable[Happened]) -> Iterator[AlarmDraft]:
    """The alarms of one act, in the order of its facts."""
    for fact in happened:
        match fact:
            case TooEarlyActed():
                yield too_early(fact)
            case TerminalShared():
                yield concentrated(fact)
            case LimitReached():
                draft = limit_reached(facts, fact)
                if draft is not None:
                    yield draft
            case PrintRefused():
                yield unpaid_print(facts, fact)
            case FineOverdue():
                yield unpaid_fine(facts, fact)
            case PaymentReversed():
                yield reversed_payment(facts, fact)
            case CaseDecided():
                draft = case_too_fast(facts, fact)
                if draft is not None:
                    yield draft


def too_early(fact: TooEarlyActed) -> AlarmDraft:
    """用时过短: red where the act does not count (field work, experts, hearings), else yellow (items.yaml)."""
    seconds = int((fact.acted_at - fact.entered_at).total_seconds())
    minimum = int((fact.earliest_at - fact.entered_at).total_seconds())
    return AlarmDraft(
        kind="too_early",
        rule="too_early.minimum_duration",
        colour="red" if fact.halted else "yellow",
        subject=f"task/{fact.task_id}",
        summary_zh=f"“{fact.step_zh}”用时 {words_zh(seconds)}，最短时限 {words_zh(minimum)}",
        summary_en=f"“{fact.step_en}” took {words_en(seconds)}; its minimum is {words_en(minimum)}",
        element_id=fact.element_id,
        person_id=fact.person_id,
        department=fact.department,
        evidence=_row(
            task=fact.task_id,
            entered_at=fact.entered_at.isoformat(),
            acted_at=fact.acted_at.isoformat(),
            earliest_at=fact.earliest_at.isoformat(),
            seconds=seconds,
            minimum_seconds=minimum,
            person=fact.person_name,
            counted=not fact.halted,
        ),
    )


def concentrated(fact: TerminalShared) -> AlarmDraft:
    """权力集中: two accounts, two groups that exclude each other, one terminal."""
    seconds = int((fact.acted_at - fact.earlier_at).total_seconds())
    names = f"{fact.earlier_person_name}、{fact.person_name}"
    return AlarmDraft(
        kind="concentrated",
        rule="concentrated.one_terminal",
        colour="red",
        subject=f"held/{fact.key}",
        summary_zh=f"“{fact.step_zh}”与互斥环节由{names}两个账号在同一终端办理，相隔 {words_zh(seconds)}",
        summary_en=f"“{fact.step_en}” and a step it excludes came from one terminal, {words_en(seconds)} apart",
        element_id=fact.element_id,
        person_id=fact.person_id,
        evidence=_row(
            acted_at=fact.acted_at.isoformat(),
            earlier_at=fact.earlier_at.isoformat(),
            apart_seconds=seconds,
            person=fact.person_name,
            earlier_person=fact.earlier_person_name,
            group=fact.group,
            earlier_group=fact.earlier_group,
            terminal=fact.terminal,
            address=fact.address,
            counted=False,
        ),
    )


def limit_reached(facts: CaseFacts, fact: LimitReached) -> AlarmDraft | None:
    """超期: blue at half of the limit, yellow near its end, red when it has passed.

    On a supervision order only the passed limit counts, as a supervisor who does not act (监察缺位).
    """
    if facts.kind == "order" and fact.colour != "red":
        return None
    limit_zh, limit_en = LIMIT_NAMES.get(fact.role, ("时限", "limit"))
    state_zh, state_en = (MILESTONE_WORDS if fact.role == "milestone" else COLOUR_WORDS)[fact.colour]
    size_zh, size_en = _size(fact)
    of_order = facts.kind == "order"
    late_handler = of_order and fact.element_id in HANDLER_STEPS
    # A limit of the whole case is one and the same, though its timer is armed anew when the case comes back.
    subject = (
        f"timer/{fact.timer_id}" if fact.role in ("step_limit", "milestone") else f"case/{facts.number}/{fact.role}"
    )
    return AlarmDraft(
        kind="supervision" if of_order and not late_handler else "overdue",
        rule=_rule_of(fact, of_order=of_order),
        colour=fact.colour,
        subject=subject,
        summary_zh=f"“{fact.step_zh}”{limit_zh}{size_zh}{state_zh}",
        summary_en=f"The {limit_en}{size_en} of “{fact.step_en}” {state_en}",
        element_id=fact.element_id,
        department=fact.department,
        evidence=_row(
            timer=fact.timer_id,
            role=fact.role,
            counted_from=fact.counted_from.isoformat(),
            due_at=fact.due_at.isoformat(),
            limit=fact.limit_value,
            unit=fact.limit_unit,
        ),
    )


def _rule_of(fact: LimitReached, *, of_order: bool) -> str:
    if not of_order:
        return f"overdue.{fact.role}"
    return f"overdue.{fact.element_id}" if fact.element_id in HANDLER_STEPS else f"supervision.{fact.element_id}_idle"


def _size(fact: LimitReached) -> tuple[str, str]:
    if fact.limit_value is None or fact.limit_unit is None:
        return "", ""
    zh, en = UNIT_NAMES[fact.limit_unit]
    return f"（{fact.limit_value} {zh}）", f" ({fact.limit_value} {en})"


def unpaid_print(facts: CaseFacts, fact: PrintRefused) -> AlarmDraft:
    """收费异常: somebody tried to print before the fee was paid."""
    return AlarmDraft(
        kind="fee",
        rule="fee.unpaid_print",
        colour="red",
        subject=f"case/{facts.number}/{fact.document_kind}",
        summary_zh="未缴费即申请制证打印，已拒绝",
        summary_en="Printing was tried before payment and refused",
        person_id=fact.person_id,
        evidence=_row(document=fact.document_kind, person=fact.person_name),
    )


def unpaid_fine(facts: CaseFacts, fact: FineOverdue) -> AlarmDraft:
    """收费异常: a fine is late. The section is told; how much was fined counts for nobody (行政处罚法 Art. 74)."""
    return AlarmDraft(
        kind="fee",
        rule="fee.fine_overdue",
        colour="yellow",
        subject=f"case/{facts.number}/fine_overdue",
        summary_zh="罚款缴纳期限已满，当事人尚未缴清",
        summary_en="The time to pay the fine is over and it is not paid in full",
        element_id=fact.element_id,
        evidence=_row(owed_fen=fact.owed_fen),
    )


def reversed_payment(facts: CaseFacts, fact: PaymentReversed) -> AlarmDraft:
    """收费异常: the bank took a payment back; red where the certificate is printed or the case closed on it."""
    zh, en = "尚未制证、办结", "nothing was printed or closed on it"
    if fact.closed:
        zh, en = "办件已办结", "the case is closed"
    elif fact.printed:
        zh, en = "证照已打印", "the certificate is printed"
    yuan = f"{fact.owed_fen / 100:,.2f}"
    return AlarmDraft(
        kind="fee",
        rule="fee.payment_reversed",
        colour="red" if fact.printed or fact.closed else "yellow",
        subject=f"receipt/{fact.receipt_no}",
        summary_zh=f"缴款被银行冲正，{zh}，尚欠 {yuan} 元",
        summary_en=f"The bank has taken a payment back; {en}, {yuan} yuan are owed",
        evidence=_row(
            receipt=fact.receipt_no,
            amount_fen=fact.amount_fen,
            owed_fen=fact.owed_fen,
            printed=fact.printed,
            closed=fact.closed,
        ),
    )


def case_too_fast(facts: CaseFacts, fact: CaseDecided) -> AlarmDraft | None:
    """办结异常: decided sooner than any honest case of an item that is not done on the spot (即办件)."""
    taken = fact.decided_at - fact.accepted_at
    minimum = isodate.parse_duration(fact.minimum) if fact.minimum else FASTEST_CASE
    if facts.handling_type == "即办件" or taken >= minimum:
        return None
    seconds, least = int(taken.total_seconds()), int(minimum.total_seconds())
    return AlarmDraft(
        kind="case_too_fast",
        rule="case_too_fast.minimum",
        colour="red",
        subject=f"case/{facts.number}/decided",
        summary_zh=f"从受理到作出决定仅 {words_zh(seconds)}，不少于 {words_zh(least)}",
        summary_en=f"Decided {words_en(seconds)} after acceptance; expected at least {words_en(least)}",
        element_id=fact.element_id,
        evidence=_row(accepted_at=fact.accepted_at.isoformat(), decided_at=fact.decided_at.isoformat()),
    )


def words_zh(seconds: int) -> str:
    """58 秒, 2 分 33 秒, 30 分, 5 天."""
    return _words(seconds, (("天", 86_400), ("小时", 3_600), ("分", 60), ("秒", 1)))


def words_en(seconds: int) -> str:
    """58 s, 2 min 33 s, 30 min, 5 d."""
    return _words(seconds, (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)))


def _words(seconds: int, units: tuple[tuple[str, int], ...]) -> str:
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or f"0 {units[-1][0]}"


def _nothing(_facts: Facts, _choose: Choose) -> Iterator[Finding]:
    yield from ()


def _rule(code: str, zh: str, en: str, source: str) -> Rule:
    return Rule(code, 1, zh, en, source, _nothing, in_act=True)


ACT_RULES: tuple[Rule, ...] = (
    _rule(
        "overdue.step_limit",
        "环节时限：过半蓝色，将届满黄色，已超期红色。",
        "The limit of a step: blue at half of it, yellow near its end, red when it has passed.",
        "S16",
    ),
    _rule("overdue.statutory_limit", "法定时限，三色同上。", "The limit of the law, coloured alike.", "S16"),
    _rule("overdue.promised_limit", "承诺时限，三色同上。", "The promised limit, coloured alike.", "S16"),
    _rule(
        "overdue.milestone",
        "重点项目节点：前 15 日蓝色，前 5 日黄色，已过红色。",
        "A milestone: blue 15 days ahead, yellow 5 days ahead, red when it has passed.",
        "S34",
    ),
    _rule("overdue.reminder", "流程图所定的提醒。", "A reminder that the diagram sets.", "S16"),
    _rule("overdue.move", "流程图所定的期满转办。", "A period whose end moves the case, as the diagram sets.", "S16"),
    _rule(
        "overdue.handler_sign",
        "经办人逾期未签收督办单。",
        "A handler does not sign for an order in time.",
        "S18",
    ),
    _rule("overdue.handler_answer", "经办人逾期未整改。", "A handler does not mend in time.", "S18"),
    _rule(
        "too_early.minimum_duration",
        "早于最短时限办结；现场踏勘、调查、评审、听证的，不予认定并中止办件。",
        "Completed before the minimum duration; what is done on site, and reviews and hearings, halt the case.",
        "S15",
    ),
    _rule(
        "case_too_fast.minimum",
        "非即办件从受理到决定短于最短时间。",
        "A case that is not done on the spot is decided sooner after acceptance than it can be.",
        "S26",
    ),
    _rule(
        "concentrated.one_terminal",
        "两个账号在同一终端、几分钟内办理互斥环节，后一操作暂停认定。",
        "Two accounts do separated steps of a case at one terminal within minutes; the second is held.",
        "S26",
    ),
    _rule("fee.unpaid_print", "未缴费即申请制证打印。", "Printing is tried before the fee is paid.", "S10"),
    _rule(
        "fee.payment_reversed",
        "缴款被银行冲正；证照已打印或者办件已办结的为红色。",
        "The bank takes a payment back; red where the certificate is printed or the case closed on it.",
        "S10",
    ),
    _rule("fee.fine_overdue", "罚款到期未缴清。", "A fine is not paid in time.", "DOMAIN 6"),
    _rule("supervision.sign_idle", "督办单逾期未签收。", "An order is not signed for in time.", "S18"),
    _rule("supervision.answer_idle", "督办单逾期未答复。", "An order is not answered in time.", "S18"),
    _rule("supervision.judge_idle", "一级监察员逾期未认定整改。", "Level 1 does not judge in time.", "S18"),
    _rule("supervision.urge_idle", "二级监察员逾期未督促。", "Level 2 does not urge in time.", "S18"),
    _rule("supervision.confirm_idle", "答复逾期未确认。", "An answer is not confirmed in time.", "S18"),
    _rule(
        "supervision.centre_demand_idle", "控制中心逾期未责成。", "The control centre does not demand in time.", "S18"
    ),
)
