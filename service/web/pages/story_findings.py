"""Sentences of a case's history about what was found and put right: sums, look-ups, slips of the pen, signatures."""

from __future__ import annotations

from typing import Protocol

from service.reads.case_list import EventView
from service.web.pages import timing, words
from service.web.pages.words import say


def means_checked(_teller: object, event: EventView) -> str:
    """Both sums and what was granted before: a reviewer reads here whether the declaration holds."""
    found = event.payload
    told = [say("申报人均月收入 %(sum)s", sum=_sum(found.get("declared_fen")))]
    if found.get("differs"):
        told.append(say("按成员收入计为 %(sum)s", sum=_sum(found.get("computed_fen"))))
    earlier = found.get("earlier_relief") or []
    told.append(say("一年内已获救助：%(cases)s", cases="、".join(earlier)) if earlier else say("一年内无救助记录"))
    return say("家庭经济状况核对：%(found)s", found=say("；").join(told))


def _sum(fen: object) -> str:
    return timing.yuan(fen) if isinstance(fen, int) else "—"


def looked_up(_teller: object, event: EventView) -> str:
    """Which register was asked about whom, what came of it and why."""
    given = event.payload
    outcomes = {"found": words.N_("查到"), "not_found": words.N_("查无此号"), "unavailable": words.N_("未能查询")}
    outcome = words.word(outcomes, given.get("outcome"))
    words_for = {"subject": given["subject"], "outcome": outcome, "purpose": given["purpose"]}
    return say("查询登记信息 %(subject)s：%(outcome)s（%(purpose)s）", **words_for)


def compared(_teller: object, event: EventView) -> str:
    """Whether the answers are those of the register."""
    differs = event.payload.get("differs") or []
    if not differs:
        return say("所填内容与登记信息一致")
    return say("所填内容与登记信息有 %(count)s 处不一致", count=len(differs))


def slip_corrected(_teller: object, event: EventView) -> str:
    """What was written before a slip was put right, and after."""
    given = event.payload
    label = given.get("label_en" if words.in_english() else "label", "—")
    return say("更正“%(label)s”：%(before)s → %(after)s", label=label, before=given["before"], after=given["after"])


class _Steps(Protocol):
    """Whoever gives the step of an event its name."""

    def step(self, event: EventView) -> str: ...


def second_signature(teller: _Steps, event: EventView) -> str:
    """Whether the second officer has signed what was written, something else than before, or nothing yet."""
    if event.payload.get("draft") is None:
        return say("“%(step)s”第二名人员在填写之前签字", step=teller.step(event))
    if event.payload.get("renewed"):
        return say("“%(step)s”第二名人员对改动后的内容重新签字", step=teller.step(event))
    return say("“%(step)s”第二名人员签字", step=teller.step(event))
