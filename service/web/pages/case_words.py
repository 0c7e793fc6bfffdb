"""What the case page says about a case: its sum of times, its control nodes, why it stands still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.form_schemas import message
from service.reads.alarms import AlarmView
from service.reads.case_clock import LimitClock
from service.reads.case_list import EventView
from service.reads.case_page import CasePage, Checks
from service.reads.case_parts import MaterialView, TaskSummary
from service.reads.case_steps import StepLine, Wait
from service.reads.case_view import CaseView
from service.user_tasks.eligibility import NOBODY, SOMEBODY
from service.web.pages import timing, words
from service.web.pages.flagging import flagged
from service.web.pages.words import say
from service.web.request import now
from service.working_time import WorkingCalendar

UNSTAFFED = {
    "no_holder": words.N_("无人具备该岗位"),
    "excluded": words.N_("具备该岗位的人均受职责分离限制"),
    "one_officer": words.N_("须两人办理，只有一人具备该岗位"),
    "on_leave": words.N_("可以办理的人正在请假，无人代办"),
}
STEP_TONES = {"done": "done", "now": "now", "late": "red", "void": "red", "halted": "red"}


@dataclass(frozen=True, slots=True)
class Sum:
    """One term of the clock's sum."""

    term: str
    value: str
    small: str = ""
    at: datetime | None = None


def sums(page: CasePage, calendar: WorkingCalendar) -> Iterator[Sum]:
    """When the step was entered, when it may be done and must be; what the case has used and what it still has."""
    view, task = page.view, page.task
    if task is not None:
        yield _instant(say("进入本环节"), task.entered_at, calendar)
        if task.earliest_at is not None and now() < task.earliest_at:
            yield _instant(say("最早可提交"), task.earliest_at, calendar)
        if task.due_at is not None:
            due = flagged(timing.due_near(task.due_at, calendar.zone, now()), task.due_at)
            yield Sum(say("本环节到期"), due, "", task.due_at)
    elif view.kind == "item":
        yield _instant(say("收件"), view.created_at, calendar)
    if view.closed_at is not None:
        yield _instant(say("办结"), view.closed_at, calendar)
    for limit in view.clock.limits:
        yield _counted(limit)
    if view.clock.stops:
        yield Sum(say("停表"), str(len(view.clock.stops)), say("次，停表中") if view.clock.stopped else say("次"))
    if view.decided_on is not None:
        yield Sum(say("作出决定"), timing.day(view.decided_on, calendar.zone))
    elif view.due_at is not None and view.closed_at is None:
        clock = timing.clock_view(view.due_at, view.created_at, now(), calendar)
        small = clock.words if clock else ""
        yield Sum(say("全程到期"), flagged(timing.day(view.due_at, calendar.zone), view.due_at), small, view.due_at)


def _instant(term: str, at: datetime, calendar: WorkingCalendar) -> Sum:
    return Sum(term, timing.near(at, calendar.zone, now()), "", at)


def _counted(limit: LimitClock) -> Sum:
    term = say("承诺已计") if limit.role == "promised_limit" else say("法定已计")
    kind = words.quantity(limit.value, limit.unit)
    return Sum(term, str(limit.counted_units), f"/ {kind}")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A control node: `state` ok, no or wait; `href` where to mend it."""

    state: str
    words: str
    said: str
    href: str | None = None


def check_lines(checks: Checks, calendar: WorkingCalendar) -> list[CheckLine]:
    """Every control node of a task, in the order in which one meets them."""
    lines = [_form_line(checks)] if checks.has_form else []
    lines += [_material_line(material) for material in checks.materials if material.required]
    if checks.needs_signature:
        lines.append(_signature_line(checks))
    if checks.signers is not None:
        said = say("已签署") if checks.signers else say("未签署")
        lines.append(CheckLine("ok" if checks.signers else "no", say("加签、会签的人签署"), said, "#opinions-title"))
    if checks.fee is not None:
        said = say("已缴清") if checks.fee else say("未缴清")
        state = "ok" if checks.fee else "no" if checks.fee_now else "wait"
        lines.append(CheckLine(state, say("费用网上缴清后才能制证打印"), said))
    if checks.earliest_at is not None:
        at = timing.near(checks.earliest_at, calendar.zone, now())
        said = say("%(at)s 满足", at=at) if checks.too_early else say("已满足")
        lines.append(CheckLine("wait" if checks.too_early else "ok", say("最短时限"), said))
    return lines or [CheckLine("ok", say("本环节没有控制节点"), "—")]


def _signature_line(checks: Checks) -> CheckLine:
    states = {
        None: ("no", say("未签字")),
        "blank": ("wait", say("已签字，签字时尚无内容")),
        "standing": ("ok", say("已签字")),
        "outdated": ("no", say("签字后内容已改动，须重新签字")),
    }
    state, said = states[checks.signature]
    return CheckLine(state, say("第二名执法人员签字"), said)


def _form_line(checks: Checks) -> CheckLine:
    count = len(checks.problems)
    if not count:
        return CheckLine("ok", say("表单必填项与规则"), say("已满足"))
    first = checks.problems[0]
    said = say("还有 %(count)s 处", count=count)
    label = message(first, words.locale_code())
    return CheckLine("no", say("表单：%(first)s", first=label), said, f"#f-{first.pointer.rsplit('/', 1)[-1]}")


def _material_line(material: MaterialView) -> CheckLine:
    name = words.named(material)
    if material.need > 1:
        name = say("%(material)s，至少 %(count)s 份", material=name, count=material.need)
    said = say("缺 %(count)s 份", count=material.need - material.have) if material.missing else say("已满足")
    return CheckLine("no" if material.missing else "ok", name, said, f"#m-{material.key}")


def step_word(line: StepLine) -> str:
    """已办, 当前, 超期, 58 秒，未生效, 未到."""
    if line.state == "void":
        return say("用时 %(time)s，未生效", time=duration(line.seconds or 0))
    table = {
        "done": words.N_("已办"),
        "now": words.N_("当前"),
        "late": words.N_("超期"),
        "ahead": words.N_("未到"),
        "cancelled": words.N_("已撤销"),
        "returned": words.N_("已退回"),
    }
    return words.word(table, line.state)


def unstaffed(events: Sequence[EventView]) -> list[str]:
    """The steps that nobody could do when the case last looked, in words; empty where somebody can."""
    last = next((one for one in reversed(events) if one.kind in (NOBODY, SOMEBODY)), None)
    return [unstaffed_step(step) for step in last.payload.get("steps", ())] if last is not None else []


def unstaffed_step(step: Mapping[str, Any]) -> str:
    """审核（审核/科室负责人）：无人具备该岗位."""
    name = step.get("name_en") if words.in_english() else step.get("name")
    why = words.word(UNSTAFFED, step.get("why"))
    return say("%(step)s（%(post)s）：%(why)s", step=name, post=words.post_word(str(step.get("post"))), why=why)


def wait_word(wait: Wait) -> str:
    """What a step waits for."""
    table = {
        "correction": words.N_("等申请人补齐材料。"),
        "statement": words.N_("等当事人陈述申辩。"),
        "completion": words.N_("等申请人报告竣工。"),
        "objection": words.N_("公示中，等公众意见。"),
        "payment": words.N_("等网上缴款。"),
        "cash_received": words.N_("等执法人员交款、财务清点。"),
        "halt_ruled": words.N_("等办件中的处置决定。"),
        "milestone_report": words.N_("等项目单位报告节点完成。"),
    }
    return words.word(table, wait.message) if wait.message in table else say("到时自动继续。")


# What the form of a wait says at its head and on its button, by the message that is waited for.
_ENTRIES: Mapping[str, tuple[str, str]] = {
    "correction": (words.N_("申请人到窗口补正的，在这里代录"), words.N_("录入补正")),
    "statement": (words.N_("当事人到窗口陈述申辩的，在这里代录"), words.N_("录入陈述申辩")),
    "completion": (words.N_("申请人到窗口报告竣工的，在这里代录"), words.N_("录入竣工报告")),
    "milestone_report": (words.N_("节点已完成的，在这里报告"), words.N_("报告节点完成")),
}


def wait_entry(message: str) -> str:
    """Whose form this is, at a step that waits."""
    return say(_ENTRIES[message][0])


def wait_button(message: str) -> str:
    """What sending that form does."""
    return say(_ENTRIES[message][1])


def duration(seconds: int) -> str:
    """58 秒, 2 分 33 秒, 3 小时 5 分."""
    units = (("天", "d", 86_400), ("小时", "h", 3_600), ("分", "min", 60), ("秒", "s", 1))
    parts = []
    for zh, en, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {en if words.in_english() else zh}")
    return " ".join(parts[:2]) or say("不到 1 秒")


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a case stands still: the alarm, the task of the ruling, and what was handed in too early."""

    alarm: AlarmView | None = None
    ruling: TaskSummary | None = None
    seconds: int | None = None
    percent: float = 0
    seconds_words: str = ""
    minimum_words: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    answers: tuple[tuple[str, str], ...] = ()


def halt_of(view: CaseView, forms: Mapping[str, Mapping[str, Any]], calendar: WorkingCalendar) -> Halt:
    """The halt of a case that is halted; an empty one else."""
    if view.status != "halted":
        return Halt()
    ruling = next((task for task in view.user_tasks if task.halts), None)
    if ruling is None:
        shared = [a for a in view.alarms if a.kind == "concentrated" and a.status != "closed"]
        return Halt(shared[-1] if shared else None)
    too_early = [a for a in view.alarms if a.kind == "too_early" and a.colour == "red" and a.status != "closed"]
    if not too_early:
        return Halt(ruling=ruling)
    alarm = too_early[-1]
    void = next((t for t in reversed(view.steps_done) if t.status == "void"), None)
    seen = next(iter(alarm.evidence), {})
    seconds, minimum = seen.get("seconds"), seen.get("minimum_seconds")
    return Halt(
        alarm,
        ruling,
        seconds,
        min(100, round(100 * (seconds or 0) / minimum, 1)) if minimum else 0,
        duration(seconds or 0),
        duration(minimum or 0),
        tuple(_evidence(alarm, void, calendar)),
        tuple(answers_in_words(void.answers, forms.get(void.form_key))) if void else (),
    )


@dataclass(frozen=True, slots=True)
class FilledForm:
    """What people answered in a step that is done, in words."""

    task: TaskSummary
    answers: tuple[tuple[str, str], ...]


def filled_in(view: CaseView, forms: Mapping[str, Mapping[str, Any]]) -> tuple[FilledForm, ...]:
    """The forms of the steps that are done, in their order; the next people work from them."""
    done = sorted((t for t in view.steps_done if t.status == "completed"), key=lambda t: (t.completed_at, t.entered_at))
    found = (FilledForm(t, tuple(answers_in_words(t.answers, forms.get(t.form_key)))) for t in done if t.answers)
    return tuple(one for one in found if one.answers)


def _evidence(alarm: AlarmView, void: TaskSummary | None, calendar: WorkingCalendar) -> Iterator[tuple[str, str]]:
    seen = next(iter(alarm.evidence), {})
    for key, term in (
        ("entered_at", say("进入环节")),
        ("acted_at", say("提交时间")),
        ("earliest_at", say("最早可提交")),
    ):
        if key in seen:
            at = datetime.fromisoformat(seen[key]).astimezone(calendar.zone)
            yield term, at.strftime("%Y-%m-%d %H:%M:%S")
    if seen.get("person"):
        yield say("提交人"), str(seen["person"])
    if void is not None and void.signed_by is not None:
        yield say("另一签名"), void.signed_by.name
    yield say("规则"), f"{alarm.rule} · {alarm.rule_version}"


def answers_in_words(answers: Mapping[str, Any] | None, schema: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Answers by the labels of their form; what the form does not name is left out."""
    if not answers or schema is None:
        return
    for component in _components(schema):
        key = str(component.get("key") or component.get("path"))
        if key in answers and answers[key] not in (None, "", []):
            yield _label(component), _value(component, answers[key])


def _components(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Fields and lists; one in a group with a path is known by its dotted path."""
    for component in schema.get("components", ()):
        if component.get("type") != "group":
            yield component
        elif component.get("path"):
            yield from ({**one, "key": f"{component['path']}.{one.get('key')}"} for one in _components(component))
        else:
            yield from _components(component)


def _label(component: Mapping[str, Any]) -> str:
    english = component.get("properties", {}).get("labelEn") if words.in_english() else None
    return str(english or component.get("label") or component.get("dateLabel") or component.get("key") or "")


def _value(component: Mapping[str, Any], value: Any) -> str:
    options = {option.get("value"): option for option in component.get("values", ())}
    if isinstance(value, list):
        return "；".join(_value(component, one) if not isinstance(one, dict) else _row(component, one) for one in value)
    if value in options:
        option = options[value]
        return str((option.get("labelEn") if words.in_english() else None) or option.get("label") or value)
    if component.get("properties", {}).get("format") == "money_fen" and isinstance(value, int):
        return timing.yuan(value)
    return say("是") if value is True else say("否") if value is False else str(value)


def _row(component: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    cells = {c.get("key"): c for c in component.get("components", ())}
    return "，".join(f"{_label(cells[k])} {_value(cells[k], v)}" for k, v in row.items() if k in cells and v)


_MOVE_HINTS = {
    "transfer": words.N_("由科室负责人改派他人办理。时限照走，草稿保留；接办人须有该岗位，且不受职责分离限制。"),
    "delegate": words.N_("由受托人在期限内代办本环节。本人和受托人都计入职责分离。"),
    "add_signer": words.N_("前、并加签：签署后本环节才能提交；后加签：签署后下一环节才能提交。签署按审核计职责分离。"),
    "countersign": words.N_("结果出来后本环节才能提交；结果供决定人参考。会签按审核计入职责分离。"),
    "consult": words.N_("被征求意见的人只答复，不计职责分离；本环节不等答复，时限照走。"),
    "copy": words.N_("送给可以查看本件的同事阅看，不必办理；对方打开即标为已阅。"),
    "link": words.N_("两件互相显示；并案的，本件跟随牵头办件。各件仍按自己的环节和时限办理。"),
    "send_back": words.N_("退回到前面的环节重办。时限照走，其后未办结的环节一并撤销；已计的职责仍计。"),
    "take_back": words.N_("其后无人办理、没有生成文书、缴款或通知申请人时可以撤回；所填内容留作草稿，时限照走。"),
    "urge": words.N_("以短信提醒承办人；每个环节每天最多一次。"),
    "suspend": words.N_("期限停止计算，恢复前谁也不能办理；告知申请人。"),
    "resume": words.N_("中止的原因已消除：期限按剩余的继续计算。"),
    "extend": words.N_("只能延期一次，须说明理由并告知申请人；经办人不得批准。"),
    "special_step": words.N_("行政许可法第四十五条的程序，所需时间不计入期限；到计划日自动恢复计时。"),
    "end_special_step": words.N_("结果已收到，恢复计时。"),
    "terminate": words.N_("不作决定而结束本件，按审批计职责分离。"),
    "correct_slip": words.N_(
        "只更正电话、地址等笔误，不影响受理、审核和决定；更正前后的内容和理由记入历史。已写入决定文书的内容另立一件更正证照。"
    ),
    "halt_ruling": words.N_(
        "两个账号五分钟内在同一终端办理了互斥的环节。认可则本次操作按原样生效；作废则由本人在自己的终端重新办理，所填内容留作草稿。"
    ),
    "withdraw": words.N_("申请人在决定作出前撤回申请，本件终止。"),
}


def move_word(move: Any) -> str:
    """The way's name in the reader's language."""
    return str(move.en if words.in_english() else move.zh)


_LINK_ROLES = {
    "related": words.N_("关联"),
    "leads": words.N_("牵头办件"),
    "follows": words.N_("并入本件"),
}


def link_role(role: str) -> str:
    """How the other case stands to the one at hand."""
    return words.word(_LINK_ROLES, role)


def move_hint(name: str) -> str:
    """What the way does, in one or two sentences."""
    return words.word(_MOVE_HINTS, name)
