"""What the applicant is told by SMS along the way. Texts are Chinese; they carry no more than the number allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from service.notices.writing import INSERT_NOTICES, Recipient, notice_row

if TYPE_CHECKING:
    from service.commands.act import CaseAct

TEXTS: Mapping[str, str] = {
    "received": "【{county}】已收到您的申请“{item}”，办件编号 {number}，凭编号和窗口告知的查询码可在公开网页查看进度。",
    "call_registered": "【{county}】您的来电已登记，工单编号 {number}，凭编号和话务员告知的查询码可在网上查看进度。",
    "call_replied": "【{county}】12345 工单 {number} 答复如下：{reply}",
    "accepted": "【{county}】您的申请 {number} 已受理，受理日期 {accepted_on}。",
    "correction": "【{county}】您的申请 {number} 需要补正，请查看一次性补正告知书，并于 30 日内补齐。",
    "not_accepted": "【{county}】您的申请 {number} 不予受理，理由和救济途径见不予受理决定书。",
    "granted": "【{county}】您的申请 {number} 已作出准予决定。",
    "refused": "【{county}】您的申请 {number} 已作出不予许可决定，理由和救济途径见决定书。",
    "payment_due": "【{county}】您的办件 {number} 需缴费，缴款通知书已开具，可凭编号和查询码网上缴款。",
    "payment_reminder": "【{county}】您的办件 {number} 逾期未缴费，缴费后方可制证，请凭编号和查询码网上缴款。",
    "unpaid": "【{county}】您的办件 {number} 催缴期满仍未缴费，视为撤回，可以重新申请。",
    "withdrawn": "【{county}】您的申请 {number} 逾期未补正，视为撤回，可以重新申请。",
    "suspended": "【{county}】您的申请 {number} 自即日起依法中止办理，中止期间不计入办理期限。依据：{ground}。",
    "resumed": "【{county}】您的申请 {number} 已恢复办理，办理期限继续计算。",
    "extended": "【{county}】您的申请 {number} 经批准延长办理期限 {days} 个工作日，延至 {due_on}。理由：{reason}。",
    "special_step": "【{county}】您的申请 {number} 需进行{procedure}，不计入办理期限，预计至 {until}。依据：{ground}。",
    "terminated": "【{county}】您的申请 {number} 已终止办理。理由：{reason}。可依法申请行政复议或者提起行政诉讼。",
    "certificate_to_be_revoked": "【{county}】本机关拟撤销您的{name}（{certificate}），您可在 5 个工作日内陈述申辩。",
    "certificate_revoked": "【{county}】您持有的{name}（{certificate}）已被撤销，理由和救济途径见决定书。",
    "certificate_cancelled": "【{county}】您持有的{name}（{certificate}）已注销。",
    "certificate_superseded": "【{county}】您持有的{name}（{certificate}）已由新证 {by} 代替，原证失效。",
    "certificate_corrected": "【{county}】您的{name}已更正，新证编号 {by}，原证（{certificate}）作废，请领取新证。",
    "certificate_reissued": "【{county}】您的{name}已补发，新证编号 {by}，原证（{certificate}）作废，请领取新证。",
    "fee_reduced": "【{county}】您的办件 {number} 经批准减免费用 {amount} 元，{rest}。",
    "payment_reversed": "【{county}】您的办件 {number} 的缴款 {amount} 元已被银行退回（冲正），请重新缴款。",
    "refund_approved": "【{county}】您的办件 {number} 已批准退款 {amount} 元，将由银行按原缴款途径退回。",
    "refund_paid": "【{county}】您的办件 {number} 的退款 {amount} 元已由银行退回，请查收。",
    "due_moved": "【{county}】因{reason}，您的办件 {number} 的办结期限由 {before} 调整为 {after}。",
    "withdrawal": "【{county}】您的申请 {number} 已按您的要求撤回，可以重新申请。",
}
COUNTY = "临江县"


def yuan(amount_fen: int) -> str:
    """As texts say an amount: 80 or 80.50."""
    return f"{amount_fen / 100:.2f}".removesuffix(".00")


def tell_applicant(act: CaseAct, kind: str, **values: str) -> None:
    """One SMS to the applicant's number, once the act's checks have passed."""
    applicant = act.row.applicant or {}
    item = act.item.name_zh if act.item else ""
    text = TEXTS[kind].format(county=COUNTY, item=item, number=act.row.number, **values)
    if mobile := applicant.get("mobile"):
        recipient = Recipient(act.row.applicant_name, mobile)
        notice = notice_row(
            recipient, "sms", mobile, case_id=act.row.case_id, kind=f"applicant_{kind}", text=text, now=act.now
        )
        act.put(INSERT_NOTICES, notice)
