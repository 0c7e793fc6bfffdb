"""Words for what the database holds as codes, Chinese first; the English stands in `translations/`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale, gettext

from service.people.posts import post_name as _post_name


def N_(text: str) -> str:
    """Marks a source string that is translated where it is used."""
    return text


def say(text: str, **values: Any) -> str:
    """The text in the reader's language, with `%(name)s` filled in."""
    return str(gettext(text, **values))


def in_english() -> bool:
    return str(get_locale() or "zh").startswith("en")


def locale_code() -> str:
    """`zh-CN` or `en`, as the interface and `<html lang>` name them."""
    return "en" if in_english() else "zh-CN"


def named(thing: Any, stem: str = "name") -> str:
    """The name of a thing that carries it in both languages: attributes or keys `<stem>_zh` and `<stem>_en`."""
    zh, en = f"{stem}_zh", f"{stem}_en"
    if isinstance(thing, Mapping):
        return str((thing.get(en) if in_english() else None) or thing.get(zh) or "")
    return str((getattr(thing, en, None) if in_english() else None) or getattr(thing, zh, "") or "")


def either(both: tuple[str, str]) -> str:
    """The Chinese or the English of a pair, as the page is read."""
    return both[1 if in_english() else 0]


def post_word(post: str) -> str:
    return _post_name(post, locale_code())


_LAW = re.compile(r"[\u4e00-\u9fff][^()]*")
_ARTICLE = re.compile(r"Art\. ([0-9]+)")
CASE_WORDS = {
    "open": N_("办理中"),
    "halted": N_("已中止"),
    "suspended": N_("依法中止"),
    "completed": N_("已办结"),
    "terminated": N_("已终止"),
}
CASE_CLASSES = {"open": "now", "halted": "halt", "suspended": "yellow", "completed": "done", "terminated": ""}
OUTCOME_WORDS = {
    "granted": N_("准予"),
    "refused": N_("不予许可"),
    "not_accepted": N_("不予受理"),
    "withdrawn": N_("视为撤回"),
    "closed": N_("已销号"),
    "completed": N_("办结"),
    "changed": N_("已变动"),
    "kept": N_("维持原证"),
    "stopped": N_("终止"),
    "terminated": N_("终止"),
    "answered": N_("已答复"),
    "drawn": N_("已抽取"),
    "inspected": N_("检查完结"),
    "punished": N_("已处罚"),
    "not_filed": N_("不予立案"),
    "no_penalty": N_("不予处罚"),
    "transferred": N_("已移送"),
}
COLOURS = ("red", "yellow", "blue")
COLOUR_WORDS = {"red": N_("红色报警"), "yellow": N_("黄色预警"), "blue": N_("蓝色预警")}
ALARM_KINDS = {
    "overdue": N_("超期"),
    "too_early": N_("用时过短"),
    "case_too_fast": N_("办结异常"),
    "backfilled": N_("事后补录"),
    "batch": N_("批量录入"),
    "odd_hours": N_("非常时段办理"),
    "off_system": N_("网下运行"),
    "concentrated": N_("权力集中"),
    "fee": N_("收费异常"),
    "material": N_("材料异常"),
    "stop_abuse": N_("停表异常"),
    "service": N_("服务态度"),
    "bunched": N_("卡点办理"),
    "supervision": N_("监察缺位"),
}
ALARM_RESULTS = {"confirmed": N_("属实"), "excused": N_("情有可原"), "false": N_("误报")}
ALARM_STATES = {"open": N_("未处置"), "ordered": N_("已督办"), "closed": N_("已销号")}
ORDER_SOURCES = {
    "alarm": N_("系统报警"),
    "inspection": N_("检查发现"),
    "complaint": N_("群众投诉"),
    "leader": N_("领导批示"),
}
ORDER_STATES = {
    "open": N_("待签收"),
    "signed": N_("待答复"),
    "answered": N_("待确认"),
    "closed": N_("已销号"),
}
# By the limit of what is owed now.
DUE_WORDS = {"late": N_("已超过时限"), "today": N_("今天到期"), "later": N_("今天以后到期")}
ORDER_CLASSES = {"open": "red", "signed": "red", "answered": "yellow", "closed": "done"}
RUNGS = {
    0: N_("处理人"),
    1: N_("科室负责人"),
    2: N_("一级监察员"),
    3: N_("二级监察员督办一级"),
    4: N_("控制中心与主要负责人"),
    5: N_("通报或约谈"),
}
MATERIAL_KINDS = {"original": N_("原件"), "copy": N_("复印件"), "electronic": N_("电子")}
DOCUMENT_KINDS = {
    "work_order": N_("12345 工单"),
    "reply": N_("答复函"),
    "task_paper": N_("抽查任务书"),
    "record": N_("现场检查笔录"),
    "result": N_("抽查结果公示表"),
    "plan": N_("节点计划表"),
    "delay_notice": N_("延误督办单"),
    "acceptance": N_("竣工验收备案表"),
    "acceptance_notice": N_("受理通知书"),
    "correction_notice": N_("一次性补正告知书"),
    "non_acceptance": N_("不予受理决定书"),
    "special_notice": N_("特别程序告知书"),
    "extension_notice": N_("延期告知书"),
    "suspension_notice": N_("中止办理告知书"),
    "resumption_notice": N_("恢复办理告知书"),
    "termination_decision": N_("终止办理决定书"),
    "delivery_receipt": N_("送达回证"),
    "refusal": N_("不予许可决定书"),
    "payment_notice": N_("缴款通知书"),
    "payment_receipt": N_("非税收入票据"),
    "cancel_proof": N_("注销证明"),
    "supervision_order": N_("督办单"),
    "change_decision": N_("证照变动决定书"),
    "filing_form": N_("立案审批表"),
    "prior_notice": N_("行政处罚事先告知书"),
    "notice_service_proof": N_("送达回证（事先告知书）"),
    "hearing_notice": N_("行政处罚听证通知书"),
    "service_proof": N_("送达回证（处罚决定书）"),
    "deferral": N_("延期（分期）缴纳罚款决定书"),
    "surcharge_decision": N_("加处罚款决定书"),
    "urging": N_("催告书"),
    "closing": N_("行政处罚结案报告"),
    "filing_report": N_("当场行政处罚备案表"),
    "fine_ticket": N_("罚款专用票据（当场收缴）"),
}
INSPECTION_MATTERS = {
    "licence": N_("登记事项"),
    "food": N_("食品安全"),
    "price": N_("价格"),
    "ad": N_("广告"),
}
INSPECTION_RESULTS = {
    "clean": N_("未发现问题"),
    "rectify": N_("发现问题，责令整改"),
    "violation": N_("涉嫌违法"),
    "not_found": N_("查无下落"),
    "refused": N_("不配合检查"),
}
CATEGORIES = {
    "XK": N_("行政许可"),
    "CF": N_("行政处罚"),
    "QZ": N_("行政强制"),
    "ZS": N_("行政征收"),
    "JF": N_("行政给付"),
    "JC": N_("行政检查"),
    "QR": N_("行政确认"),
    "JL": N_("行政奖励"),
    "CJ": N_("行政裁决"),
    "QT": N_("其他权力"),
    "EX": N_("延伸监察"),
}
SPOT_GROUNDS = {
    "small": N_("一百元以下罚款（第六十八条第一项）"),
    "hard": N_("不当场收缴事后难以执行（第六十八条第二项）"),
    "remote": N_("边远、水上、交通不便地区，当事人提出（第六十九条）"),
}
PAYMENT_STATES = {
    "due": N_("未开通知书"),
    "unpaid": N_("未缴"),
    "paid": N_("已缴"),
    "reconciled": N_("已对账"),
    "refunded": N_("已退付"),
    "void": N_("已作废"),
    "replaced": N_("已由新通知书代替"),
    "expired": N_("已过缴款期限"),
}
NOTICE_STATES = {
    "waiting": N_("待发送"),
    "sent": N_("已发送"),
    "delivered": N_("已送达"),
    "read": N_("已打开"),
    "failed": N_("未送达"),
    "resent": N_("已重发"),
}
CHANNELS = {"sms": N_("短信"), "in_app": N_("站内"), "mail": N_("邮件"), "push": N_("推送")}
GROUPS = {
    "accept": N_("受理"),
    "investigate": N_("调查踏勘"),
    "review": N_("审核"),
    "approve": N_("审签"),
    "decide": N_("决定"),
    "legal": N_("法制审核"),
    "hearing": N_("听证"),
    "collect": N_("收费"),
    "print": N_("制证"),
    "supervise": N_("监察"),
}
UNITS = {
    "working_days": N_("个工作日"),
    "natural_days": N_("日"),
    "hours": N_("小时"),
    "minutes": N_("分钟"),
    "office_hours": N_("办公小时"),
}
DAY_KINDS = {
    "workday": N_("工作日"),
    "rest": N_("休息日"),
    "holiday": N_("节假日"),
    "makeup": N_("调休上班"),
}

LIMIT_ROLES = {
    "step_limit": N_("环节时限"),
    "promised_limit": N_("承诺时限"),
    "statutory_limit": N_("法定时限"),
    "move": N_("到时流转"),
    "reminder": N_("到时提醒"),
    "stop_end": N_("停表计划终止"),
}


def word(table: Mapping[Any, str], code: Any) -> str:
    """The word of a code, in the reader's language; the code itself where the table has none."""
    return say(table[code]) if code in table else str(code)


def case_word(status: str, outcome: str | None = None) -> str:
    """办理中, or 已办结 · 准予."""
    shown = word(CASE_WORDS, status)
    return f"{shown} · {word(OUTCOME_WORDS, outcome)}" if outcome and status == "completed" else shown


def alarm_kind(alarm: Any) -> str:
    """The kind of an alarm; what only warns of a limit is not late yet."""
    if alarm.kind == "overdue" and alarm.colour != "red":
        return say("临近时限")
    return word(ALARM_KINDS, alarm.kind)


def law_words(source: str | None) -> str:
    """The law that a ground or limit cites, as the reader's language writes it; empty where it cites none.

    The catalogue writes `why (行政许可法 Art. 32)`: the Chinese pages keep the law alone.
    """
    if not source or in_english():
        return source or ""
    found = _LAW.search(source)
    return _ARTICLE.sub(r"第 \1 条", found[0]).strip() if found else ""


def document_word(kind: str, name: str) -> str:
    """A document's name: its kind in English, in Chinese as the catalogue names it."""
    if not in_english():
        return name
    return say(DOCUMENT_KINDS[kind]) if kind in DOCUMENT_KINDS else say("证照")


def quantity(value: int, unit: str) -> str:
    """20 个工作日, 1 working day."""
    if not in_english():
        return f"{value} {UNITS.get(unit, unit)}"
    plural = {"working_days": "working day", "natural_days": "day", "hours": "hour", "office_hours": "office hour"}
    name = plural.get(unit, "minute" if unit == "minutes" else unit)
    return f"{value} {name}" if value == 1 else f"{value} {name}s"


MESSAGE_KINDS = {
    "sms": N_("短信"),
    "mail": N_("邮件"),
    "push": N_("推送"),
    "webhook": N_("事件推送接口"),
    "broker_event": N_("消息队列事件"),
    "announcement": N_("事件分发"),
    "sms_receipt": N_("短信回执查询"),
    "bank_notice": N_("缴款通知书送银行"),
    "bank_withdrawal": N_("作废通知书送银行"),
    "bank_refund": N_("退款送银行"),
    "bank_refund_query": N_("退款结果查询"),
    "bank_refund_paid": N_("退款结果入账"),
    "apply_fee_change": N_("减免、退付入账"),
    "start_order": N_("督办单立案"),
    "answer_order": N_("督办单答复"),
    "treasury_receipt": N_("国库票据核对"),
    "apply_certificate_change": N_("证照变动生效"),
    "remind_of_expiry": N_("证照到期提醒"),
    "calendar_notice_missing": N_("放假通知未录入"),
    "outage_planned_end": N_("停机到预计恢复时间"),
    "begin_leave": N_("请假开始"),
    "move_task_of_leave": N_("请假转办"),
    "recount_limits": N_("时限重算（分批）"),
    "recount_case": N_("时限重算（逐件）"),
}
FEE_CHANGES = {"reduction": N_("减免"), "refund": N_("退付")}
FEE_CHANGE_STATES = {
    "open": N_("待决定"),
    "posted": N_("已入账"),
    "paid_back": N_("银行已退款"),
    "impossible": N_("账上已无此款"),
}
STANDARD_STATES = {"past": N_("已失效"), "in_force": N_("现行"), "to_come": N_("即将生效")}
CHARGE_KINDS = {"fixed": N_("定额"), "quantity": N_("按量"), "tier": N_("分档"), "table": N_("规则表")}
HIT_POLICIES = {
    "U": N_("U 唯一命中"),
    "A": N_("A 结果相同"),
    "F": N_("F 取第一条"),
    "C+": N_("C+ 各条相加"),
    "C<": N_("C< 取最小"),
    "C>": N_("C> 取最大"),
}
UNMATCHED_WHYS = {
    "void": N_("通知书已作废"),
    "paid": N_("通知书已缴清，重复缴款"),
    "reconciled": N_("通知书已缴清，重复缴款"),
    "refunded": N_("通知书已退款"),
    "overpaid": N_("多缴"),
    "wrong_amount": N_("金额与通知书不符"),
    "receipt_reused": N_("流水号已用于另一通知书"),
    "amount_differs": N_("与此前告知的金额不同"),
    "unknown_code": N_("没有此缴款码"),
    "refund_unapproved": N_("未经批准的退款"),
    "reversal_early": N_("冲正先到，尚无对应缴款"),
    "reversal_differs": N_("冲正与原缴款不符"),
}
REVERSAL_STATES = {
    "posted": N_("已冲正"),
    "waiting": N_("冲正待对应缴款"),
    "refused": N_("冲正与原缴款不符"),
}
RECEIPT_OUTCOMES = {
    "waiting": N_("待核对"),
    "matched": N_("相符"),
    "booked": N_("按国库入账"),
    "differs": N_("与银行不符"),
    "unmatched": N_("没有对应缴款"),
    "repeated": N_("以前已导入"),
    "refused": N_("未导入"),
}
RECEIPT_WHYS = {
    "no_code": N_("没有缴款码"),
    "candidate": N_("没有缴款码，部门、缴款人、金额相符的唯一通知书（供核对）"),
    "several_candidates": N_("没有缴款码，有几份相符的通知书"),
    "refund_unapproved": N_("未经批准的退款"),
    "reversal_unknown": N_("冲正没有对应的缴款"),
    "unknown_code": N_("没有此缴款码"),
    "pay_code": N_("缴款码与银行通知不同"),
    "amount": N_("金额与银行通知不同"),
    "required": N_("缺少必填项"),
    "too_long": N_("内容过长"),
    "unstorable": N_("含有不能保存的字符"),
    "not_an_amount": N_("金额不正确"),
    "not_a_day": N_("日期不正确"),
    "conflict": N_("票据号码相同而内容不同"),
}
RECEIPT_FIELDS = {
    "receipt_no": N_("票据号码"),
    "pay_code": N_("缴款码"),
    "dept_code": N_("执收单位编码"),
    "item_code": N_("项目编码"),
    "payer": N_("缴款人"),
    "amount_fen": N_("金额"),
    "paid_on": N_("缴款日期"),
    "treasury_on": N_("入库日期"),
    "bank": N_("代收银行"),
    "kind": N_("收入种类"),
    "note": N_("备注"),
}


def receipt_why(why: str) -> str:
    """Why a line of a file is as it is, with the field that is at fault: `required:paid_on`."""
    code, _, field = why.partition(":")
    shown = word(RECEIPT_WHYS, code)
    return f"{shown} · {word(RECEIPT_FIELDS, field)}" if field else shown
