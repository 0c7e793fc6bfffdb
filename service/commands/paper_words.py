"""How a document says what a form and the catalogue hold: labels, days, chosen options, cited law. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from service.certificates import day_in_words
from service.form_schemas import CompiledForm
from service.people.masking import mask_id_number

# A paper's last day as it was when it was made, among its content under a key that no form can have.
DUE: Final = "#due_on"
# A form asks an applicant; a paper names a holder.
_ON_PAPER: Final[Mapping[str, tuple[str, str]]] = {
    "applicant_name": ("名称", "Name"),
    "legal_rep_name": ("法定代表人", "Legal representative"),
    "valid_from": ("有效期自", "Valid from"),
    "valid_until": ("有效期至", "Valid until"),
}
ROW_LABELS: Final[Mapping[str, str]] = {
    "缴款人": "Payer",
    "收费项目": "Fee",
    "非税项目编码": "Non-tax item code",
    "缴款码": "Payment code",
    "金额": "Amount",
    "金额（大写）": "Amount in words",
    "银行流水号": "Bank's number",
    "处罚决定书文号": "Number of the decision",
    "票据号码": "Number of the ticket",
    "当场收缴依据": "Ground for taking it on the spot",
    "收缴人": "Taken by",
    "收缴日期": "Taken on",
    "缴款日期": "Paid on",
    "特别程序": "Procedure",
    "原因": "Reason",
    "所需时间": "Time needed",
    "预计完成日期": "Expected end",
    "延长理由": "Reason",
    "延长时间": "Extended by",
    "原办结期限": "Due until now",
    "延长后的办结期限": "Due now",
    "中止事由": "Reason",
    "中止日期": "Suspended on",
    "恢复办理的原因": "Reason",
    "恢复日期": "Resumed on",
    "新的办结期限": "Due now",
    "终止事由": "Reason",
    "送达文书": "Paper served",
    "受送达人": "Served on",
    "送达方式": "Way of delivery",
    "邮寄单号": "Courier number",
    "领取人（签收人）": "Received by",
    "送达时间": "Day of delivery",
    "送达地点": "Place of delivery",
    "送达人": "Delivered by",
    "证照名称": "Certificate",
    "证照编号": "Number",
    "发证日期": "Issued on",
    "当事人": "Party",
    "公民身份号码": "ID number",
    "统一社会信用代码": "Unified social credit code",
    "住址（住所）": "Address",
    "线索来源": "Source of the lead",
    "发现日期": "Found on",
    "违法地点": "Place",
    "案情简介": "Facts in brief",
    "立案意见": "Opinion on filing",
    "违法行为": "Violation",
    "拟罚款金额": "Fine intended",
    "调查人员": "Officers (certificate)",
    "查询号": "Query number",
    "查询密码": "Query secret",
    "听证日期": "Day of hearing",
    "听证地点": "Place of hearing",
    "听证主持人": "Chair of hearing",
    "是否公开": "Held in public",
    "处罚种类": "Penalty",
    "罚款金额": "Fine",
    "执法人员（执法证号）": "Officers (certificate)",
    "执法人员签名或者盖章": "Signatures of the officers",
    "当事人签收": "Received by the party",
    "陈述、申辩": "Statement and defence",
    "缴纳方式": "Way of payment",
    "当场收缴情形": "Ground for taking it on the spot",
    "决定书文号": "Number of the decision",
    "文书文号": "Number of the paper",
    "受送达人签名或者盖章": "Signature or seal of the receiver",
    "送达人（两名）签名": "Signatures of two who deliver",
    "见证人及备注": "Witness and remarks",
    "应缴金额": "Amount due",
    "已缴金额": "Paid",
    "尚欠金额": "Still owed",
    "缴款码有效至": "Payment code good until",
    "备注": "Remark",
    "罚款数额": "Fine",
    "加处罚款": "Additional fine",
    "尚欠合计": "Owed in all",
    "合计": "In all",
    "逾期日数": "Days late",
    "本次加处罚款": "Additional fine now",
    "处理决定": "Decision",
    "结案方式": "Way of closing",
    "已缴入国库": "Paid to the treasury",
}
_IN_CAPITALS: Final = "金额（大写）"
# What the service or a form of the catalogue has put into such a row by choice.
_ROW_VALUES: Final[Mapping[str, str]] = {
    "听证": "Hearing",
    "招标": "Tender",
    "拍卖": "Auction",
    "检验、检测": "Tests",
    "检疫": "Quarantine",
    "鉴定": "Appraisal",
    "专家评审": "Expert review",
    "技术评估(专家评审)": "Technical review by experts",
    "窗口": "At the window",
    "窗口领取": "At the window",
    "邮寄": "By courier",
    "电子": "Electronically",
    "电子送达": "Electronically",
    "罚款": "Fine",
}
_LAW: Final = re.compile(r"(?P<name>[^\s《》]+)(?P<article>\s+第.+)?")
_LAWS: Final = ("法", "法典", "条例", "办法", "规定", "细则", "规则", "决定")
_REMARK: Final = re.compile(r"[(（](?P<said>[^()（）]*)[)）]")
# What the office has noted for its lawyers stands in no document.
_TO_CHECK: Final = "待核"


def label_on_paper(form: CompiledForm | None, key: str, locale: str) -> str:
    """The name of a field on a paper."""
    if key == "applicant_name" and form is not None and any(one.key == "applicant_id" for one in form.fields):
        return "Name" if locale.startswith("en") else "姓名"
    if key in _ON_PAPER:
        return _ON_PAPER[key][locale.startswith("en")]
    return form.labels(locale).get(key, key) if form is not None else key


def shown_on_paper(form: CompiledForm | None, key: str, value: object, locale: str, *, dated: bool = False) -> str:
    """As people read it; of a table the first column, since a certificate names things and not their details, and the
    days beside it where it is `dated`."""
    field = next((one for one in form.fields if one.key == key), None) if form is not None else None
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = [_dated(row, locale) if dated else str(next(iter(row.values()), "")) for row in value]
        return ("、" if not locale.startswith("en") else ", ").join(rows)
    if field is not None and field.format == "id_number":
        return mask_id_number(str(value))
    # What no form has asked for was reckoned by the service, as the last day of a term.
    if (field is None or field.kind == "datetime") and (day := _day(value)) is not None:
        return day_in_words(day, locale)
    return form.display(key, value, locale) if form is not None else str(value)


def _dated(row: Mapping[str, object], locale: str) -> str:
    """What a row is about and its day: 主体封顶（2027年2月21日）."""
    first, *others = row.values()
    days = [day_in_words(day, locale) for day in map(_day, others) if day is not None]
    if not days:
        return str(first)
    return f"{first} ({', '.join(days)})" if locale.startswith("en") else f"{first}（{'、'.join(days)}）"


# Behind a day that was counted without the notice of holidays of its year.
PROVISIONAL = "（暂计）"


def rows_on_paper(rows: Iterable[Sequence[object]], locale: str) -> tuple[tuple[str, str], ...]:
    """Such rows as they stand on the paper; a translation gives sums in figures alone."""
    told = [(str(label), str(value)) for label, value in rows]
    return tuple(row_on_paper(*one, locale) for one in told if not (locale.startswith("en") and one[0] == _IN_CAPITALS))


def row_on_paper(label: str, value: str, locale: str) -> tuple[str, str]:
    """A row that was settled when the paper was made; its label in the reader's language, a day in words."""
    in_english = locale.startswith("en")
    day = _day(value.removesuffix(PROVISIONAL))
    label = ROW_LABELS.get(label, label) if in_english else label
    if day is None:
        return label, _ROW_VALUES.get(value, value) if in_english else value
    mark = "" if not value.endswith(PROVISIONAL) else " (provisional)" if in_english else PROVISIONAL
    return label, day_in_words(day, locale) + mark


def cited(basis: str) -> str:
    """《食品安全法》第三十五条 of 食品安全法 第三十五条; what has marks already, or is a document's number, stays."""
    found = _LAW.fullmatch(_REMARK.sub(_remark, basis.strip()))
    name, _, remark = found["name"].partition("（") if found is not None else ("", "", "")
    if found is None or not (name.endswith(_LAWS) or (found["article"] and "〔" not in name)):
        return _REMARK.sub(_remark, basis.strip())
    return f"《{name}》{'（' + remark if remark else ''}{(found['article'] or '').strip()}"


def _remark(found: re.Match[str]) -> str:
    return "" if _TO_CHECK in found["said"] else f"（{found['said']}）"


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
