"""The history of a case in sentences: each kind of event has one, and what the table does not know is told plainly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.definitions.bundle import Bundle
from service.reads.case_list import EventView
from service.user_tasks.eligibility import NOBODY, SOMEBODY
from service.web.context import context
from service.web.pages import case_words, timing, words
from service.web.pages.flagging import flagged
from service.web.pages.opinion_words import named_answer, named_way
from service.web.pages.receipt_words import received_on_paper
from service.web.pages.stop_words import stop_ground
from service.web.pages.story_findings import compared, looked_up, means_checked, second_signature, slip_corrected
from service.web.pages.story_orders import ORDER_SENTENCES
from service.web.pages.story_readings import READINGS
from service.web.pages.words import say


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline. `tone` is done, now, yellow, red or nothing; `note` a second line."""

    seq: int
    at: datetime
    words: str
    tone: str
    who: str
    note: str
    proof: str


class Teller:
    """Tells events of one case; `materials` {key: name} and the bundle give things their names."""

    def __init__(self, bundle: Bundle, materials: Mapping[str, str]) -> None:
        self._bundle = bundle
        self._materials = materials

    def tell(self, events: Iterable[EventView]) -> list[Told]:
        """The newest first."""
        return [self._line(event) for event in events if event.kind not in _UNTOLD][::-1]

    def _line(self, event: EventView) -> Told:
        sentence, tone = _SENTENCES.get(event.kind, (_plain, ""))
        return Told(
            event.seq,
            event.at,
            sentence(self, event),
            _tone(event) or tone,
            self._who(event),
            self._note(event),
            f"{event.hash[:4]}…{event.hash[-4:]}",
        )

    def step(self, event: EventView) -> str:
        """The step's name as the diagram has it; the id where an older version had another."""
        return self.named(event.element_id)

    def named(self, element_id: str | None) -> str:
        element = self._bundle.model.find(element_id) if element_id else None
        return words.named(element) if element is not None else str(element_id or "—")

    def material(self, key: str) -> str:
        return self._materials.get(key, key)

    def _who(self, event: EventView) -> str:
        if event.actor is None:
            return ""
        post = words.post_word(event.post) if event.post else ""
        return f"{event.actor.name} · {post}" if post else event.actor.name

    def _note(self, event: EventView) -> str:
        given = event.payload
        if event.kind == "act_refused":
            missing = "、".join(self.material(one) for one in given.get("missing", ()) if not one.startswith("/"))
            reason = "" if words.in_english() else str(given.get("reason", ""))
            return missing if not reason or (missing in reason and missing) else reason or missing
        if event.kind == "halt_ruled" or event.kind in _WITH_REASON:
            return str(given.get("reason", ""))
        return stop_ground(given.get("basis")) if event.kind == "clock_stopped" and not words.in_english() else ""


def _plain(_teller: Teller, event: EventView) -> str:
    return event.kind.replace("_", " ")


def _of_step(text: str) -> Callable[[Teller, EventView], str]:
    return lambda teller, event: say(text, step=teller.step(event))


def _entered(teller: Teller, event: EventView) -> str:
    """A step that was cut off before goes on where it was left."""
    step, given = teller.step(event), event.payload
    if not given.get("again"):
        return say("进入“%(step)s”", step=step)
    told = [say("再次进入“%(step)s”", step=step)]
    told += [say("仍由%(name)s办理", name=given["person_name"])] if given.get("person") else []
    told += [say("原填写内容保留")] if given.get("draft") else []
    return say("，").join(told)


def _fixed(text: str) -> Callable[[Teller, EventView], str]:
    return lambda _teller, _event: say(text)


def _recounted(teller: Teller, event: EventView) -> str:
    """What moved, step by step, with its new end."""
    zone, told = context().services.settings.zone, []
    for move in event.payload.get("moved", ()):
        after = datetime.fromisoformat(move["after"]) if move.get("after") else None
        until = flagged(timing.due(after, zone), after) if after else say("停表中")
        told.append(
            say(
                "%(step)s（%(role)s）→ %(until)s",
                step=teller.named(move.get("step")),
                until=until,
                role=words.word(words.LIMIT_ROLES, move.get("role")),
            )
        )
    return say("日历修改，时限重算：%(moves)s", moves=say("；").join(told) or "—")


def _started(_teller: Teller, event: EventView) -> str:
    if "certificate" in event.payload:
        return say("提出证照变动：%(number)s", number=event.payload["certificate"])
    return say("签发督办单") if "subject" in event.payload else say("收件登记")


def _certificate(text: str) -> Callable[[Teller, EventView], str]:
    return lambda _teller, event: say(text, **{"number": "—", "by": "—", **event.payload})


def _refused(teller: Teller, event: EventView) -> str:
    reasons = {
        "control_node_missing": words.N_("“%(step)s”提交被拒：控制节点未满足"),
        "invalid_answers": words.N_("“%(step)s”提交被拒：表单填写有误"),
        "separation_of_duty": words.N_("“%(step)s”被拒：职责分离"),
        "task_taken": words.N_("“%(step)s”被拒：已由他人领取或办结"),
        "case_halted": words.N_("“%(step)s”被拒：办件已中止"),
        "case_suspended": words.N_("“%(step)s”被拒：办件已依法中止"),
        "fee_unpaid": words.N_("申请制证打印被拒：费用未缴清"),
    }
    text = reasons.get(event.payload.get("code", ""), words.N_("“%(step)s”被拒"))
    return say(text, step=teller.step(event))


def _too_early(teller: Teller, event: EventView) -> str:
    return say(
        "“%(step)s”用时 %(seconds)s 秒，未满最短时限，不算完成",
        step=teller.step(event),
        seconds=event.payload.get("seconds", "—"),
    )


def _nobody(_teller: Teller, event: EventView) -> str:
    steps = event.payload.get("steps", ())
    return say("后续环节无人可办：%(steps)s", steps="；".join(case_words.unstaffed_step(one) for one in steps))


def _held(teller: Teller, event: EventView) -> str:
    return say(
        "“%(step)s”未生效：与 %(name)s 的互斥环节来自同一终端，相隔 %(seconds)s 秒",
        step=teller.step(event) if event.element_id else say("本次操作"),
        name=event.payload.get("earlier_person_name", "—"),
        seconds=event.payload.get("seconds", "—"),
    )


def _ruled(teller: Teller, event: EventView) -> str:
    if event.payload.get("ruling") == "release":
        return say("监察员处置：认可，办件继续")
    if event.payload.get("ruling") == "void":
        return say("监察员处置：作废，由本人重新办理")
    return say("监察员处置：重办")


def _alarm(teller: Teller, event: EventView) -> str:
    colour = words.word(words.COLOUR_WORDS, event.payload.get("colour"))
    return f"{colour} · {words.word(words.ALARM_KINDS, event.payload.get('kind'))}"


def _alarm_settled(teller: Teller, event: EventView) -> str:
    result = words.word(words.ALARM_RESULTS, event.payload.get("result"))
    ground = event.payload.get("ground")
    return say("报警认定：%(result)s", result=result) + (f"。{ground}" if ground else "")


def _said(teller: Teller, event: EventView) -> str:
    if event.payload.get("kind") == "complaint":
        return say("收到群众投诉")
    return say("群众评价：%(stars)s 星", stars=event.payload.get("stars"))


def _answered_public(teller: Teller, event: EventView) -> str:
    founded = event.payload.get("founded")
    if founded is None:
        return say("答复群众评价")
    return say("答复投诉：属实") if founded else say("答复投诉：不属实")


def _limit(teller: Teller, event: EventView) -> str:
    colour = words.word(words.COLOUR_WORDS, event.payload.get("colour"))
    return say("“%(step)s”的时限：%(colour)s", step=teller.step(event), colour=colour)


def _closed(teller: Teller, event: EventView) -> str:
    outcome = event.payload.get("outcome")
    return say("办结：%(outcome)s", outcome=words.word(words.OUTCOME_WORDS, outcome)) if outcome else say("办结")


def _document(teller: Teller, event: EventView) -> str:
    name = words.document_word(event.payload.get("kind", ""), event.payload.get("name", ""))
    return say("生成%(name)s %(number)s", name=name, number=event.payload.get("number") or "")


def _printed(teller: Teller, event: EventView) -> str:
    return say("打印%(name)s", name=words.document_word(event.payload.get("kind", ""), event.payload.get("name", "")))


def _payment(teller: Teller, event: EventView) -> str:
    return say("已网上缴款 %(amount)s", amount=timing.yuan(event.payload.get("amount_fen")))


def _payment_notice(teller: Teller, event: EventView) -> str:
    return say("开具缴款通知书 %(amount)s", amount=timing.yuan(event.payload.get("amount_fen")))


def _amount(text: str) -> Callable[[Teller, EventView], str]:
    return lambda _teller, event: say(text, amount=timing.yuan(event.payload.get("amount_fen")))


def _message(teller: Teller, event: EventView) -> str:
    kinds = {
        "correction": words.N_("收到申请人补正"),
        "statement": words.N_("收到陈述申辩"),
        "objection": words.N_("收到公众意见"),
        "halt_ruled": words.N_("收到办件中的处置决定"),
    }
    return say(kinds.get(event.payload.get("kind", ""), words.N_("收到外部信息")))


def _settled(teller: Teller, event: EventView) -> str:
    return say("系统故障已处理：%(reason)s", reason=event.payload.get("reason", "—"))


def _file(text: str) -> Callable[[Teller, EventView], str]:
    return lambda teller, event: say(text, material=teller.material(event.payload.get("material", "")))


def _to_person(text: str) -> Callable[[Teller, EventView], str]:
    return lambda teller, event: say(text, step=teller.step(event), name=event.payload.get("person_name", "—"))


def _handed(text: str) -> Callable[[Teller, EventView], str]:
    def sentence(teller: Teller, event: EventView) -> str:
        given = event.payload
        return say(text, step=teller.step(event), giver=given.get("from_name", "—"), name=given.get("person_name", "—"))

    return sentence


def _sent_back(teller: Teller, event: EventView) -> str:
    return say("“%(step)s”退回到“%(to)s”", step=teller.step(event), to=teller.named(event.payload.get("to")))


def _asked(teller: Teller, event: EventView) -> str:
    way = named_way(event.payload.get("way"))
    people = "、".join(event.payload.get("people", ()))
    return say("“%(step)s”%(way)s：%(people)s", step=teller.step(event), way=way, people=people)


def _linked(text: str) -> Callable[[Teller, EventView], str]:
    return lambda _teller, event: say(text, number=event.payload.get("other", "—"))


def _answered(teller: Teller, event: EventView) -> str:
    given = event.payload
    answer = named_answer(given.get("answer"))
    return say("“%(step)s”%(way)s：%(answer)s", step=teller.step(event), way=named_way(given.get("way")), answer=answer)


def _tone(event: EventView) -> str:
    if event.kind in ("alarm_raised", "limit_reached"):
        colour = str(event.payload.get("colour", ""))
        return colour if colour in ("red", "yellow") else "now"
    return ""


_WITH_REASON = frozenset(
    "task_sent_back task_taken_back task_transferred task_delegated task_urged case_suspended case_resumed "
    "task_handed_over opinion_handed_over limit_extended opinion_asked opinion_given case_copied case_linked "
    "reading_allowed case_unlinked slip_corrected case_terminated application_withdrawn limits_recounted "
    "task_moved_for_leave task_returned_for_leave".split()
)
_UNTOLD = frozenset({"limit_moved", "ladder_moved", "end_reached"})


_SENTENCES: Mapping[str, tuple[Callable[[Teller, EventView], str], str]] = {
    "case_started": (_started, "done"),
    "paper_receipt_entered": (lambda _teller, event: received_on_paper(event.payload), "now"),
    **ORDER_SENTENCES,
    "task_claimed": (_of_step(words.N_("领取“%(step)s”")), ""),
    "task_released": (_of_step(words.N_("退回“%(step)s”")), ""),
    "task_transferred": (_to_person(words.N_("“%(step)s”转办给%(name)s")), "now"),
    "task_handed_over": (_handed(words.N_("“%(step)s”由%(giver)s交接给%(name)s")), "now"),
    "opinion_handed_over": (_handed(words.N_("“%(step)s”的签署由%(giver)s交接给%(name)s")), "now"),
    "task_moved_for_leave": (_handed(words.N_("%(giver)s请假，“%(step)s”由%(name)s代办")), "now"),
    "task_returned_for_leave": (_of_step(words.N_("经办人请假，“%(step)s”退回待领取")), "yellow"),
    "opinion_moved_for_leave": (_handed(words.N_("%(giver)s请假，“%(step)s”的签署由%(name)s代为答复")), "now"),
    "opinion_waits_for_leave": (_of_step(words.N_("被征求人请假，“%(step)s”的签署无人代为答复")), "yellow"),
    "task_delegated": (_to_person(words.N_("“%(step)s”委托%(name)s代办")), "now"),
    "task_taken_back": (_of_step(words.N_("撤回“%(step)s”的办理")), "yellow"),
    "task_sent_back": (_sent_back, "yellow"),
    "opinion_asked": (_asked, "now"),
    "opinion_given": (_answered, "done"),
    **READINGS,
    "case_linked": (_linked(words.N_("关联办件 %(number)s")), ""),
    "case_unlinked": (_linked(words.N_("撤销与 %(number)s 的关联")), "yellow"),
    "task_urged": (_of_step(words.N_("催办“%(step)s”")), "yellow"),
    "second_officer_signed": (second_signature, "done"),
    "task_completed": (_of_step(words.N_("办结“%(step)s”")), "done"),
    "task_completed_too_early": (_too_early, "red"),
    "act_held": (_held, "red"),
    "halt_ruled": (_ruled, "now"),
    "act_refused": (_refused, "yellow"),
    "alarm_raised": (_alarm, ""),
    "alarm_settled": (_alarm_settled, ""),
    "feedback_given": (_said, ""),
    "feedback_answered": (_answered_public, "done"),
    "limit_reached": (_limit, ""),
    "timer_fired": (_of_step(words.N_("到时：%(step)s")), ""),
    "step_entered": (_entered, ""),
    "case_halted": (_fixed(words.N_("办件中止，等一级监察员处置")), "red"),
    "halt_lifted": (_fixed(words.N_("中止解除")), "done"),
    "case_closed": (_closed, "done"),
    NOBODY: (_nobody, "yellow"),
    SOMEBODY: (_fixed(words.N_("后续环节均已有人可办")), "done"),
    "case_accepted": (_fixed(words.N_("受理，出具受理通知书")), "done"),
    "case_filed": (_fixed(words.N_("立案，办案期限自当日起算")), "done"),
    "fine_overdue": (_fixed(words.N_("缴款期满，罚款未缴清")), "yellow"),
    "publication_withdrawn": (_fixed(words.N_("处罚决定公示已撤回")), "yellow"),
    "means_checked": (means_checked, "done"),
    "acceptance_deemed": (_fixed(words.N_("逾期未告知，视为受理")), "yellow"),
    "document_made": (_document, "done"),
    "document_printed": (_printed, "done"),
    "last_day_reckoned": (_certificate(words.N_("证照 %(number)s 补定有效期止 %(until)s")), ""),
    "certificate_revoked": (_certificate(words.N_("证照 %(number)s 已撤销")), "red"),
    "certificate_cancelled": (_certificate(words.N_("证照 %(number)s 已注销")), "yellow"),
    "certificate_superseded": (_certificate(words.N_("证照 %(number)s 失效，由 %(by)s 代替")), "now"),
    "certificate_corrected": (_certificate(words.N_("证照 %(number)s 已更正，换发 %(by)s")), "now"),
    "certificate_reissued": (_certificate(words.N_("证照 %(number)s 作废，补发 %(by)s")), "now"),
    "decision_published": (_fixed(words.N_("决定已公开")), "done"),
    "payment_notice_made": (_payment_notice, ""),
    "payment_received": (_payment, "done"),
    "payment_reversed": (_amount(words.N_("缴款 %(amount)s 被银行冲正，重新应缴")), "red"),
    "overpaid_applied": (_amount(words.N_("以多缴的 %(amount)s 抵缴")), "now"),
    "payment_notice_withdrawn": (_fixed(words.N_("缴款通知书作废")), "yellow"),
    "fee_reduced": (_amount(words.N_("经批准减免 %(amount)s")), "now"),
    "refund_approved": (_amount(words.N_("批准退付 %(amount)s")), "yellow"),
    "refund_paid": (_amount(words.N_("银行已退款 %(amount)s")), "done"),
    "fee_change_impossible": (_fixed(words.N_("账上已无此款，减免或退付未入账")), "red"),
    "fine_assessed": (_amount(words.N_("罚款 %(amount)s 记入应收")), ""),
    "penalty_reported": (_fixed(words.N_("当场处罚决定已报请备案")), "done"),
    "fine_taken_on_the_spot": (_amount(words.N_("当场收缴罚款 %(amount)s，已出具票据")), "now"),
    "cash_offered": (_amount(words.N_("执法人员交款 %(amount)s，待财务清点")), "now"),
    "cash_received": (_amount(words.N_("本机关收到当场收缴的罚款 %(amount)s")), "done"),
    "remittance_ordered": (_amount(words.N_("开具缴款码，缴付银行 %(amount)s")), ""),
    "fine_deferred": (_fixed(words.N_("准予延期或分期缴纳罚款")), "now"),
    "surcharge_decided": (_amount(words.N_("决定加处罚款 %(amount)s")), "yellow"),
    "debt_written_off": (_amount(words.N_("核销应收 %(amount)s")), "yellow"),
    "message_received": (_message, "done"),
    "objection_received": (_fixed(words.N_("收到公众意见")), "yellow"),
    "clock_stopped": (_of_step(words.N_("停表：“%(step)s”")), ""),
    "clock_resumed": (_fixed(words.N_("恢复计时")), ""),
    "case_suspended": (_fixed(words.N_("依法中止办理")), "yellow"),
    "case_resumed": (_fixed(words.N_("恢复办理")), "done"),
    "limits_recounted": (_recounted, "now"),
    "limit_extended": (_fixed(words.N_("经批准延长期限，已告知申请人")), "yellow"),
    "special_step_begun": (_of_step(words.N_("“%(step)s”：特别程序开始")), ""),
    "special_step_ended": (_of_step(words.N_("“%(step)s”：特别程序结束")), ""),
    "case_terminated": (_fixed(words.N_("终止办理")), "red"),
    "slip_corrected": (slip_corrected, "now"),
    "application_withdrawn": (_fixed(words.N_("申请人撤回申请")), ""),
    "incident_opened": (_fixed(words.N_("系统故障，已记录，环节未变")), "yellow"),
    "incident_settled": (_settled, "done"),
    "material_attached": (_file(words.N_("上传材料：%(material)s")), ""),
    "certificate_reused": (_file(words.N_("引用电子证照：%(material)s")), ""),
    "official_data_looked_up": (looked_up, ""),
    "official_data_compared": (compared, ""),
    "material_replaced": (_file(words.N_("更换材料，原文件留存：%(material)s")), ""),
    "original_seen": (_file(words.N_("已与原件核对：%(material)s")), "done"),
    "material_refused": (_file(words.N_("退回材料：%(material)s")), "yellow"),
    "examination_undone": (_file(words.N_("撤销核对或退回：%(material)s")), ""),
    "material_removed": (_file(words.N_("移除材料：%(material)s")), ""),
}
